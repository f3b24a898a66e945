import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HISTOGRAM_COUNTS, PICOSECONDS_PER_NANOSECOND } from './dataplane/contract.js';
import { loadDataPlane } from './dataplane-module.js';
import { type LatencyCounts, mergeLatencyCounts, percentileNs, readLatencyCounts } from './latency-counts.js';

// The oracle is a sorted array of what was recorded. The debug build, so that a wrong index is an assertion and not a number.

const dataPlane = loadDataPlane({ build: 'debug' });
const { exports } = dataPlane;
const histograms = [exports.histogramCreate(), exports.histogramCreate()] as const;

/** 2^37 - 1 ns, 137 s: what lies above is counted in the last bucket. */
const VALUE_NS_MAX = 2 ** 37 - 1;
const SUB_BUCKETS_EXACT = 2048;

function record(histogram: number, valuesNs: readonly number[]): LatencyCounts {
  exports.histogramReset(histogram);
  for (const ns of valuesNs)
    exports.histogramRecord(histogram, BigInt(ns) * BigInt(PICOSECONDS_PER_NANOSECOND));
  return readLatencyCounts(dataPlane, histogram);
}

/** The lowest value that shares a bucket with `ns`: it keeps its 11 highest bits. */
function bucketed(ns: number): number {
  let widthNs = 1;
  while (ns / widthNs >= SUB_BUCKETS_EXACT) widthNs *= 2;
  return Math.floor(ns / widthNs) * widthNs;
}

/** Every magnitude is as likely as any other. */
const latencyNs = fc
  .tuple(fc.integer({ min: 0, max: 36 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([bits, fraction]) => Math.min(VALUE_NS_MAX, Math.floor(2 ** bits * (1 + fraction))));
const latenciesNs = fc.array(latencyNs, { maxLength: 200 });

function sorted(valuesNs: readonly number[]): number[] {
  return [...valuesNs].sort((a, b) => a - b);
}

describe('what the data plane records', () => {
  test.each([
    { name: 'nothing', valuesNs: [], counts: [] },
    { name: 'zero', valuesNs: [0], counts: [[0, 1]] },
    { name: 'one value twice', valuesNs: [2360, 2360], counts: [[2360, 2]] },
    {
      name: 'neighbours, while a bucket is 1 ns wide',
      valuesNs: [2046, 2047, 2048],
      counts: [
        [2046, 1],
        [2047, 1],
        [2048, 1],
      ],
    },
    { name: 'neighbours that share a bucket of 2 ns', valuesNs: [2048, 2049], counts: [[2048, 2]] },
    { name: 'the highest value', valuesNs: [VALUE_NS_MAX], counts: [[2 ** 37 - 2 ** 26, 1]] },
  ])('$name', ({ valuesNs, counts }) => {
    expect(record(histograms[0], valuesNs).counts).toEqual(counts);
  });

  test('has exact count, sum, minimum and maximum, and each value in its bucket', () => {
    fc.assert(
      fc.property(latenciesNs, (valuesNs) => {
        const order = sorted(valuesNs);
        const expected = new Map<number, number>();
        for (const ns of order) expected.set(bucketed(ns), (expected.get(bucketed(ns)) ?? 0) + 1);
        expect(record(histograms[0], valuesNs)).toEqual({
          count: order.length,
          sum: order.reduce((sum, ns) => sum + ns, 0),
          min: order[0] ?? 0,
          max: order.at(-1) ?? 0,
          counts: [...expected],
        });
      }),
    );
  });

  test('a bucket starts at most 0.1% below its values', () => {
    fc.assert(
      fc.property(latencyNs, (ns) => {
        const [valueNs] = record(histograms[0], [ns]).counts[0] as [number, number];
        expect(valueNs).toBeLessThanOrEqual(ns);
        expect(ns - valueNs).toBeLessThanOrEqual(ns / 1000);
      }),
    );
  });

  test('a latency above 137 s is counted in the last bucket, and its maximum stays exact', () => {
    const { count, max, counts } = record(histograms[0], [2 ** 38]);
    expect({ count, max, counts }).toEqual({ count: 1, max: 2 ** 38, counts: [[2 ** 37 - 2 ** 26, 1]] });
    const buckets = new BigUint64Array(
      dataPlane.memory.buffer,
      exports.histogramCounts(histograms[0]),
      HISTOGRAM_COUNTS,
    );
    expect(buckets.at(-1)).toBe(1n);
  });

  test('a latency below zero is a mistake of the caller', () => {
    expect(() => exports.histogramRecord(histograms[0], -1n)).toThrow(/data plane: .*histogram\.ts/);
  });
});

describe('percentileNs', () => {
  test('is the bucket of the value at that rank', () => {
    fc.assert(
      fc.property(
        fc.array(latencyNs, { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 1000 }),
        (valuesNs, perMille) => {
          const fraction = perMille / 1000;
          const rank = Math.max(1, Math.ceil(valuesNs.length * fraction));
          expect(percentileNs(record(histograms[0], valuesNs), fraction)).toBe(
            bucketed(sorted(valuesNs)[rank - 1] as number),
          );
        },
      ),
    );
  });

  test('is 0 when nothing was recorded', () => {
    expect(percentileNs(record(histograms[0], []), 0.99)).toBe(0);
  });
});

describe('mergeLatencyCounts', () => {
  test('gives what one histogram of all values would', () => {
    fc.assert(
      fc.property(latenciesNs, latenciesNs, (first, second) => {
        const parts = [record(histograms[0], first), record(histograms[1], second)];
        expect(mergeLatencyCounts(parts)).toEqual(record(histograms[0], [...first, ...second]));
      }),
    );
  });

  test('of no histogram at all is empty', () => {
    expect(mergeLatencyCounts([])).toEqual({ count: 0, sum: 0, min: 0, max: 0, counts: [] });
  });
});
