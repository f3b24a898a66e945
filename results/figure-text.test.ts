import { expect, test } from 'vitest';
import { percent } from './figure-text.js';

test.each([
  ['half', 1, 2, '50.00%'],
  ['rounded up', 1_499_341, 1_500_000, '99.96%'],
  ['rounded down', 1, 3, '33.33%'],
  ['all of it', 7, 7, '100.00%'],
  ['nearly all of it', 999_999, 1_000_000, '99.99%'],
  ['more than all', 3, 2, '150.00%'],
  ['next to nothing', 1, 1_000_000, '0.00%'],
  ['of nothing', 0, 0, '-'],
])('%s', (_name, part, of, text) => {
  expect(percent(part, of)).toBe(text);
});

test('shares are rounded to the nearest, not down', () => {
  expect([percent(418, 430), percent(12, 430)]).toEqual(['97.21%', '2.79%']);
});
