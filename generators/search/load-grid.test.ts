import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SiriusError } from '../../core/errors.js';
import { loadGrid } from './load-grid.js';
import { keepApart, middle } from './load-interval.js';

describe('grid', () => {
  const width = fc.double({ min: 1e-4, max: 0.5, noNaN: true });
  const range = fc
    .record({
      minLoad: fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
      ratio: fc.double({ min: 1.001, max: 1e6, noNaN: true }),
    })
    .map(({ minLoad, ratio }) => ({ minLoad, maxLoad: minLoad * ratio }));

  test('its ends are the limits, it ascends, and a load has its index', () => {
    fc.assert(
      fc.property(
        range,
        fc.array(width, { minLength: 1, maxLength: 3 }),
        fc.nat(),
        (limits, widths, seed) => {
          const grid = loadGrid({ ...limits, relativeWidths: widths });
          expect(grid.loadAt(0)).toBe(limits.minLoad);
          expect(grid.loadAt(grid.maxIndex)).toBe(limits.maxLoad);
          const index = seed % grid.maxIndex;
          expect(grid.loadAt(index)).toBeLessThan(grid.loadAt(index + 1));
          expect(grid.indexBelow(grid.loadAt(index))).toBe(index);
          expect(grid.indexBelow((grid.loadAt(index) + grid.loadAt(index + 1)) / 2)).toBe(index);
        },
      ),
    );
  });

  test('an interval of the steps of a width is at most that wide, and nearly so', () => {
    fc.assert(
      fc.property(
        range,
        fc.array(width, { minLength: 1, maxLength: 3 }),
        fc.nat(),
        (limits, widths, seed) => {
          const grid = loadGrid({ ...limits, relativeWidths: widths });
          for (const wanted of widths) {
            const steps = grid.widthSteps(wanted);
            if (steps >= grid.maxIndex) continue;
            const lower = seed % (grid.maxIndex - steps);
            const upper = grid.loadAt(lower + steps);
            const got = (upper - grid.loadAt(lower)) / upper;
            expect(got).toBeLessThanOrEqual(wanted);
            expect(got).toBeGreaterThan(0.98 * wanted);
          }
        },
      ),
    );
  });

  test('integer loads are integers, each its own', () => {
    const grid = loadGrid({ minLoad: 250, maxLoad: 64_000_000, integerLoads: true, relativeWidths: [0.005] });
    const loads = Array.from({ length: grid.maxIndex + 1 }, (_, index) => grid.loadAt(index));
    expect(loads.every(Number.isInteger)).toBe(true);
    expect(new Set(loads).size).toBe(loads.length);
    expect(loads.map((load) => grid.indexBelow(load))).toEqual(loads.map((_, index) => index));
  });

  test('the steps of the library that it follows: PyPI README, 1 kpps to 1 Gpps at 0.5%', () => {
    const grid = loadGrid({ minLoad: 1e3, maxLoad: 1e9, relativeWidths: [0.005, 0.005] });
    expect(grid.loadAt(grid.indexBelow(1e6))).toBeCloseTo(997497.6029392382, 4);
    expect(grid.loadAt(grid.indexBelow(1e6) + 1)).toBeCloseTo(1002508.6747611101, 4);
    expect(grid.widthSteps(0.005)).toBe(1);
  });

  test.each([
    ['from nothing', { minLoad: 0, maxLoad: 1 }, /least load above 0.*got 0 to 1/],
    ['upside down', { minLoad: 2, maxLoad: 1 }, /got 2 to 1/],
    ['one load', { minLoad: 2, maxLoad: 2 }, /got 2 to 2/],
    ['no number', { minLoad: Number.NaN, maxLoad: 2 }, /got NaN to 2/],
    ['no end', { minLoad: 1, maxLoad: Number.POSITIVE_INFINITY }, /got 1 to Infinity/],
    ['half a connection', { minLoad: 0.5, maxLoad: 1e6, integerLoads: true }, /both integers, got 0.5/],
    [
      'less than a connection apart',
      { minLoad: 100, maxLoad: 1e6, integerLoads: true },
      /one or more at the least/,
    ],
  ])('refused: %s', (_, limits, message) => {
    expect(() => loadGrid({ ...limits, relativeWidths: [0.005] })).toThrow(SiriusError);
    expect(() => loadGrid({ ...limits, relativeWidths: [0.005] })).toThrow(message);
  });
});

describe('intervals', () => {
  test.each([
    [0, 2, 1, 1],
    [0, 3, 1, 1],
    [0, 4, 1, 2],
    [0, 5, 1, 2],
    [0, 6, 1, 2],
    [0, 7, 1, 3],
    [10, 18, 2, 14],
    [0, 3, 2, 1],
    [0, 7, 4, 3],
    [0, 4, 3, 2],
  ])('middle of %i and %i for a width of %i is %i', (lower, upper, widthSteps, expected) => {
    expect(middle(lower, upper, widthSteps)).toBe(expected);
  });

  test('bisecting to a power of two of widths ends exactly there', () => {
    let [lower, upper, splits] = [0, 3 * 1024, 0];
    for (; upper - lower > 3; splits += 1) upper = middle(lower, upper, 3);
    lower = 0;
    expect([upper - lower, splits]).toEqual([3, 10]);
  });

  test.each([
    ['far from all', { index: 50, lower: 20, upper: 80 }, 50],
    ['near the lower bound', { index: 22, lower: 20, upper: 80 }, 30],
    ['near the upper bound', { index: 79, lower: 20, upper: 80 }, 70],
    ['near the least load: that load', { index: 5, upper: 80 }, 0],
    ['near the greatest load: that load', { index: 95, lower: 20 }, 100],
    ['beyond the limits', { index: -40, upper: 80 }, 0],
    ['between one width and two: the middle', { index: 22, lower: 20, upper: 36 }, 26],
    ['no more than a width', { index: 25, lower: 20, upper: 30 }, undefined],
    ['little left below', { index: 3, upper: 8 }, 0],
    ['outside the bounds', { index: 90, lower: 20, upper: 80 }, undefined],
    ['at a bound', { index: 20, lower: 20, upper: 80 }, undefined],
  ])('room: %s', (_, { index, ...bounds }, expected) => {
    const { lower, upper } = { lower: undefined, upper: undefined, ...bounds };
    expect(keepApart({ index, widthSteps: 10, lower, upper, maxIndex: 100 })).toBe(expected);
  });
});
