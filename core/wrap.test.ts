import { expect, test } from 'vitest';
import { wrap } from './wrap.js';

test.each([
  ['', 10, ['']],
  ['one two', 3, ['one', 'two']],
  ['one two three', 7, ['one two', 'three']],
  ['unbreakable', 4, ['unbreakable']],
  ['incomprehensibility is long', 5, ['incomprehensibility', 'is', 'long']],
  ['a b c', 80, ['a b c']],
])('wrap(%j, %i)', (text, columns, lines) => {
  expect(wrap(text, columns)).toEqual(lines);
});
