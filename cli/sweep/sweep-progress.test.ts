import { expect, test } from 'vitest';
import { renderLiveLines, renderLiveSweep, renderPlainSweep } from './sweep-progress.js';

const progress = { asked: 24, ended: 7, found: 3, ratio: 0.25, wallMs: 40_000, stages: [] };

test.each([
  [progress, '7 of 24 trials (3 found), 40 s elapsed, about 2 min 0 s left'],
  [{ ...progress, found: 0, ratio: 0 }, '7 of 24 trials, 40 s elapsed'],
  [{ ...progress, ended: 24, ratio: 1 }, '24 of 24 trials (3 found), 40 s elapsed'],
])('%o reads %s', (given, expected) => {
  expect(renderPlainSweep(given)).toBe(expected);
});

test('the live line never wraps', () => {
  expect(renderLiveSweep(progress, 40)).toHaveLength(39);
  expect(renderLiveSweep(progress, 120)).toMatch(/^█████░+ {2}25% {2}7 of 24 trials/);
});

test('a line of several goals is broken, not cut', () => {
  const line = '78 W  trial 12 at 3.100 Mcps for 200 ms  0: 2.9 to 3.3 Mcps, 1e-4: 2.9 to 3.3 Mcps  12 s';
  const lines = renderLiveLines([line], 40).split('\n');
  expect(lines.join(' ').replace(/ +/g, ' ')).toBe(line.replace(/ +/g, ' '));
  expect(lines.filter((part) => part.length > 39)).toEqual([]);
});
