import assert from 'node:assert/strict';
import { build, decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js';
import { encodeHistogram } from './histogram-encoding.js';
import type { LatencySummary } from './result.js';

/** Longest latency the buckets tell apart: 100 s. A longer one counts there, `max` stays exact, and a trial that has one is invalid. */
export const LATENCY_NS_MAX = 100e9;

export interface RecordedLatencies {
  /** Buckets: a value in whole nanoseconds that stands for the bucket, and how many were recorded in it. */
  counts: Iterable<readonly [valueNs: number, count: number]>;
  /** Exact figures of values rounded down to the ns, kept beside the buckets. Nothing but `count` is read when it is zero. */
  min: number;
  max: number;
  sum: number;
  count: number;
}

/**
 * What a result says about one latency. `count` is exact, as are `min`, `mean` and `max` of values rounded down to the ns; a
 * percentile is exact to three significant digits and never outside `min` and `max`. Nothing recorded gives zeros.
 */
export function summarizeLatency(recorded: RecordedLatencies): LatencySummary {
  const histogram = createHistogram();
  if (recorded.count === 0) return { ...NOTHING, hdr: encodeHistogram(histogram) };

  for (const [valueNs, count] of recorded.counts) {
    if (count > 0) histogram.recordValueWithCount(Math.min(valueNs, LATENCY_NS_MAX), count);
  }
  assert.equal(histogram.totalCount, recorded.count, 'the buckets hold every recorded latency');

  const percentile = (percent: number): number =>
    Math.min(Math.max(histogram.getValueAtPercentile(percent), recorded.min), recorded.max);
  return {
    count: recorded.count,
    min: recorded.min,
    mean: recorded.sum / recorded.count,
    p50: percentile(50),
    p90: percentile(90),
    p99: percentile(99),
    p999: percentile(99.9),
    p9999: percentile(99.99),
    max: recorded.max,
    hdr: encodeHistogram(histogram),
  };
}

/** The whole histogram of a summary, to read any percentile from. */
export function decodeLatency(summary: Pick<LatencySummary, 'hdr'>): Histogram {
  return decodeFromCompressedBase64(summary.hdr, BUCKET_BITS, false);
}

const BUCKET_BITS = 64;

const NOTHING = { count: 0, min: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, p9999: 0, max: 0 } as const;

function createHistogram(): Histogram {
  return build({
    bitBucketSize: BUCKET_BITS,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: LATENCY_NS_MAX,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
}
