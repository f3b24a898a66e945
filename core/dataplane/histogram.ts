import { arenaAllocate } from './arena';
import { HISTOGRAM_COUNTS, HISTOGRAM_SUB_BUCKET_HALF_BITS, PICOSECONDS_PER_NANOSECOND } from './contract';

const SUB_BUCKET_MASK: u64 = 2047;
const VALUE_MAX: u64 = (1 << 37) - 1;

/** Latencies in nanoseconds: HdrHistogram's buckets (about 3 significant digits) with exact count, sum, minimum and maximum beside them, all of values rounded down to the ns. */
@unmanaged
export class Histogram {
  count: u64;
  sumNs: u64;
  minNs: u64;
  maxNs: u64;
  counts: usize;
}

export function histogramCreate(): Histogram {
  const histogram = changetype<Histogram>(arenaAllocate(offsetof<Histogram>()));
  histogram.minNs = u64.MAX_VALUE;
  histogram.counts = arenaAllocate(<usize>HISTOGRAM_COUNTS << 3);
  return histogram;
}

/** Records a latency given in picoseconds; below zero is a mistake of the caller. */
export function histogramRecord(histogram: Histogram, latencyPs: i64): void {
  assert(latencyPs >= 0);
  const valueNs = <u64>latencyPs / PICOSECONDS_PER_NANOSECOND;
  histogram.count++;
  histogram.sumNs += valueNs;
  if (valueNs < histogram.minNs) histogram.minNs = valueNs;
  if (valueNs > histogram.maxNs) histogram.maxNs = valueNs;
  // What lies above the buckets counts in the last one; the maximum tells that it happened.
  const bucketed = valueNs < VALUE_MAX ? valueNs : VALUE_MAX;
  const bucket = <u32>(53 - clz<u64>(bucketed | SUB_BUCKET_MASK));
  const index = (bucket << HISTOGRAM_SUB_BUCKET_HALF_BITS) + <u32>(bucketed >> bucket);
  // A long run at one latency fills 32 bits within minutes.
  const slot = histogram.counts + (<usize>index << 3);
  store<u64>(slot, load<u64>(slot) + 1);
}

export function histogramReset(histogram: Histogram): void {
  histogram.count = 0;
  histogram.sumNs = 0;
  histogram.minNs = u64.MAX_VALUE;
  histogram.maxNs = 0;
  memory.fill(histogram.counts, 0, <usize>HISTOGRAM_COUNTS << 3);
}
