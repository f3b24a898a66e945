import { expect, test } from 'vitest';
import { parseRepeatCount, REPEAT_COUNT_MAX } from './repeat-count.js';

test.each([
  ['1', 1],
  ['3', 3],
  ['1k', REPEAT_COUNT_MAX],
])('--repeat %s', (text, count) => {
  expect(parseRepeatCount(text)).toBe(count);
});

test.each(['0', '1.5', '1001', '5G', 'many'])('--repeat %s is refused', (text) => {
  expect(() => parseRepeatCount(text)).toThrow(/--repeat: expected .*got "/);
});
