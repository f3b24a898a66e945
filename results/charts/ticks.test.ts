import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  logBounds,
  logTicks,
  ninesOf,
  percentileAt,
  rateUnit,
  shortNumber,
  timeLabel,
  timeUnit,
} from './ticks.js';

describe('ticks of a logarithmic axis', () => {
  test.each([
    [2e3, 1e5, [2e3, 5e3, 1e4, 2e4, 5e4, 1e5]],
    [1, 10, [1, 2, 5, 10]],
    [1e3, 1e7, [1e3, 1e4, 1e5, 1e6, 1e7]],
  ])('from %d to %d', (min, max, ticks) => {
    expect(logTicks(min, max)).toEqual(ticks);
  });

  test('a tall axis has room for fine ticks over more decades', () => {
    expect(logTicks(2e3, 5e6, { fineDecadesMax: 5 })).toHaveLength(11);
    expect(logTicks(2e3, 5e6)).toEqual([1e4, 1e5, 1e6]);
  });

  test('bounds leave every point inside and ticks stay within them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 1e9 }), (least, more) => {
        const bounds = logBounds(least, least + more);
        expect(bounds.min).toBeLessThan(least);
        expect(bounds.max).toBeGreaterThan(least + more);
        const ticks = logTicks(bounds.min, bounds.max);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(13);
      }),
    );
  });
});

test.each([
  [90, 1],
  [99, 2],
  [99.9, 3],
  [0, 0],
])('percentile %d is at %d nines', (percentile, nines) => {
  expect(ninesOf(percentile)).toBeCloseTo(nines, 9);
  expect(percentileAt(nines)).toBeCloseTo(percentile, 9);
});

test.each([
  [1, '1 ns'],
  [20_000, '20 us'],
  [41_919, '41.9 us'],
  [576_851, '577 us'],
  [1e6, '1 ms'],
  [3e9, '3 s'],
  [0, '0 ns'],
])('%d ns is labelled %s', (valueNs, label) => {
  expect(timeLabel(valueNs)).toBe(label);
});

test('units are the largest that fit', () => {
  expect(
    [timeUnit(2e9), timeUnit(999_999), rateUnit(3e6), rateUnit(9), rateUnit(0)].map(({ name }) => name),
  ).toEqual(['s', 'us', 'Mcps', 'cps', 'cps']);
});

test.each([
  [0.30000000000000004, '0.3'],
  [2, '2'],
  [1234.5, '1230'],
])('%d is written %s', (value, text) => {
  expect(shortNumber(value)).toBe(text);
});
