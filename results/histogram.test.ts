import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HISTOGRAM_COUNTS } from '../core/dataplane/contract.js';
import { loadDataPlane } from '../core/dataplane-module.js';
import { readLatencyCounts } from '../core/latency-counts.js';
import { decodeLatency, LATENCY_NS_MAX, type RecordedLatencies, summarizeLatency } from './histogram.js';

/** Three significant digits: a percentile lies in the bucket of the exact one. */
const RELATIVE_ERROR_MAX = 1e-3;

const latenciesNs = fc.array(fc.integer({ min: 0, max: 10e9 }), { minLength: 1, maxLength: 300 });

describe('percentiles against the sorted list', () => {
  test.each([
    ['p50', 50],
    ['p90', 90],
    ['p99', 99],
    ['p999', 99.9],
    ['p9999', 99.99],
  ] as const)('%s', (name, percent) => {
    fc.assert(
      fc.property(latenciesNs, (values) => {
        const summary = summarizeLatency(recorded(values));
        const exact = nearestRank(values, percent);
        expect(summary[name]).toBeGreaterThanOrEqual(exact);
        expect(summary[name]).toBeLessThanOrEqual(exact * (1 + RELATIVE_ERROR_MAX));
      }),
    );
  });

  test('are in order, between min and max, and survive the encoding', () => {
    fc.assert(
      fc.property(latenciesNs, (values) => {
        const summary = summarizeLatency(recorded(values));
        const { min, p50, p90, p99, p999, p9999, max } = summary;
        const inOrder = [min, p50, p90, p99, p999, p9999, max];
        expect(inOrder).toEqual([...inOrder].sort((one, other) => one - other));
        const decoded = decodeLatency(summary);
        expect(decoded.totalCount).toBe(values.length);
        expect(Math.min(max, Math.max(min, decoded.getValueAtPercentile(50)))).toBe(p50);
      }),
    );
  });
});

test('count, min, mean and max are the exact figures given', () => {
  const summary = summarizeLatency({
    counts: [[25_000, 3]],
    min: 24_991,
    max: 25_009,
    sum: 75_001,
    count: 3,
  });
  expect(summary).toMatchObject({ count: 3, min: 24_991, mean: 75_001 / 3, max: 25_009, p50: 25_007 });
});

test('nothing recorded is zeros, whatever the other figures hold, and decodes to nothing', () => {
  const summary = summarizeLatency({ counts: [], min: Number.NaN, max: Number.NaN, sum: 0, count: 0 });
  const { hdr, ...figures } = summary;
  expect(Object.values(figures).every((figure) => figure === 0)).toBe(true);
  expect(hdr).toMatch(/^HISTF/);
  expect(decodeLatency(summary).totalCount).toBe(0);
});

test('a latency beyond the buckets counts in the last, and max tells it', () => {
  const longNs = 3 * LATENCY_NS_MAX;
  const summary = summarizeLatency(recorded([1000, longNs]));
  expect(summary).toMatchObject({ count: 2, max: longNs });
  expect(summary.p99).toBeGreaterThanOrEqual(LATENCY_NS_MAX);
  expect(summary.p99).toBeLessThan(1.002 * LATENCY_NS_MAX);
});

test('more latencies of one value than 32 bits count, from the data plane to the encoding', () => {
  const dataPlane = loadDataPlane();
  const { exports, memory } = dataPlane;
  const histogram = exports.histogramCreate();
  const before = 2 ** 32 - 1;
  // As if it had recorded 1000 ns so often: its count and sum, and the bucket, which is 1 ns wide there.
  new BigUint64Array(memory.buffer, histogram, 2).set([BigInt(before), BigInt(1000 * before)]);
  new BigUint64Array(memory.buffer, exports.histogramCounts(histogram), HISTOGRAM_COUNTS)[1000] =
    BigInt(before);
  exports.histogramRecord(histogram, 1_000_000n);
  exports.histogramRecord(histogram, 1_000_000n);
  const summary = summarizeLatency(readLatencyCounts(dataPlane, histogram));
  expect(summary).toMatchObject({ count: before + 2, mean: 1000, p50: 1000, p9999: 1000 });
  expect(decodeLatency(summary).totalCount).toBe(before + 2);
});

test('buckets that miss a latency are a mistake of the caller', () => {
  expect(() => summarizeLatency({ counts: [[5, 1]], min: 5, max: 5, sum: 10, count: 2 })).toThrow('buckets');
});

function recorded(values: number[]): RecordedLatencies {
  return {
    counts: values.map((value) => [value, 1] as const),
    min: Math.min(...values),
    max: Math.max(...values),
    sum: values.reduce((before, value) => before + value, 0),
    count: values.length,
  };
}

function nearestRank(values: number[], percent: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const rank = Math.ceil((percent * sorted.length) / 100 - 1e-9);
  return sorted[Math.max(1, rank) - 1] ?? Number.NaN;
}
