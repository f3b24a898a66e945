import {
  HISTOGRAM_COUNTS,
  HISTOGRAM_SUB_BUCKET_COUNT,
  HISTOGRAM_SUB_BUCKET_HALF_BITS,
} from './dataplane/contract.js';
import type { DataPlane } from './dataplane-module.js';

/** A histogram as the data plane keeps it: exact figures of values rounded down to the ns, and the buckets that are not empty in order of value. */
export interface LatencyCounts {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** Lowest value of the bucket in nanoseconds, and how many were recorded in it. */
  counts: [valueNs: number, count: number][];
}

/** Reads the histogram at `address`. */
export function readLatencyCounts({ exports, memory }: DataPlane, address: number): LatencyCounts {
  const count = Number(exports.histogramCount(address));
  // Halves of u64, low one first: a bigint for each bucket would make the wall clock's generator late.
  const halves = new Uint32Array(memory.buffer, exports.histogramCounts(address), 2 * HISTOGRAM_COUNTS);
  const counts: LatencyCounts['counts'] = [];
  for (let index = 0; index < HISTOGRAM_COUNTS; index++) {
    const recorded = (halves[2 * index] as number) + (halves[2 * index + 1] as number) * 2 ** 32;
    if (recorded > 0) counts.push([bucketValueNs(index), recorded]);
  }
  return {
    count,
    sum: Number(exports.histogramSumNs(address)),
    min: count === 0 ? 0 : Number(exports.histogramMinNs(address)),
    max: Number(exports.histogramMaxNs(address)),
    counts,
  };
}

/** Several histograms of one thing as one: the two cards' ping-pongs. */
export function mergeLatencyCounts(parts: readonly LatencyCounts[]): LatencyCounts {
  const merged = new Map<number, number>();
  for (const part of parts)
    for (const [valueNs, count] of part.counts) merged.set(valueNs, (merged.get(valueNs) ?? 0) + count);
  const filled = parts.filter((part) => part.count > 0);
  return {
    count: filled.reduce((sum, part) => sum + part.count, 0),
    sum: filled.reduce((sum, part) => sum + part.sum, 0),
    min: filled.length === 0 ? 0 : Math.min(...filled.map((part) => part.min)),
    max: filled.length === 0 ? 0 : Math.max(...filled.map((part) => part.max)),
    counts: [...merged].sort(([a], [b]) => a - b),
  };
}

/** The value below which `fraction` of what was recorded lies, to the bucket: for progress while a run goes on. */
export function percentileNs({ count, counts }: LatencyCounts, fraction: number): number {
  let left = Math.ceil(count * fraction);
  for (const [valueNs, recorded] of counts) {
    left -= recorded;
    if (left <= 0) return valueNs;
  }
  return 0;
}

/** Lowest value of a bucket of core/dataplane/histogram.ts. */
function bucketValueNs(index: number): number {
  if (index < HISTOGRAM_SUB_BUCKET_COUNT) return index;
  const bucket = (index >> HISTOGRAM_SUB_BUCKET_HALF_BITS) - 1;
  return (index - (bucket << HISTOGRAM_SUB_BUCKET_HALF_BITS)) * 2 ** bucket;
}
