import { expect, test } from 'vitest';
import { wrap } from './wrap.js';

test.each([
  ['', 10, ['']],
  ['one two', 3, ['one', 'two']],
  ['one two three', 7, ['one two', 'three']],
  ['unbreakable', 4, ['unbreakable']],
  ['incomprehensibility is long', 5, ['incomprehensibility', 'is', 'long']],
  ['a b c', 80, ['a b c']],
  ['it took 2.00 s', 10, ['it took', '2.00 s']],
  ['3.00 Mcps at 78 W, 64 B', 12, ['3.00 Mcps at', '78 W, 64 B']],
  ['up to 318 MiB', 9, ['up to', '318 MiB']],
  ['seed 1 seeds', 7, ['seed 1', 'seeds']],
])('wrap(%j, %i)', (text, columns, lines) => {
  expect(wrap(text, columns)).toEqual(lines);
});
