import { arenaAllocate } from '../../core/dataplane/arena';
import { bucketIndex, bucketOf, FlowBucket, FlowRecord, FlowTable, hasAway, secondIndex } from './flow-record';

/**
 * The card's DRAM, where the flow table lies, and the cache before it. The table engine reads ahead and hides the latency of a read (section 4),
 * not its share of the bandwidth: reads are served one after another, each in `readPs`. A packet reads one bucket of the flow table, and a
 * second one when its record may have had to move there; a bucket in the cache costs nothing.
 */
@unmanaged
export class CardMemory {
  /** Time to read the state of one bucket; 0 under the wall clock, where nothing is modelled. */
  readPs: i64;
  busyUntilPs: i64;
  /** u32 per line: number of the bucket that it holds, plus one. Direct-mapped: bucket numbers are hashes already. */
  lines: usize;
  lineMask: u32;
}

/** @param lineCount a power of two */
export function memorySet(memory: CardMemory, readPs: i64, lineCount: u32): void {
  assert(popcnt(lineCount) == 1);
  memory.readPs = readPs;
  memory.lineMask = lineCount - 1;
  memory.lines = arenaAllocate(<usize>lineCount << 2);
}

/** Reads what a lookup reads that began at `bucket`, its hash's first one, and found `record` (0: nothing), from `nowPs` on. */
// @ts-ignore: decorator
@inline
export function memoryLookup(memory: CardMemory, table: FlowTable, bucket: FlowBucket, hash: u64, record: FlowRecord, nowPs: i64): void {
  if (memory.readPs == 0) return;
  const first = bucketIndex(table, bucket);
  const readsSecond = changetype<usize>(record) == 0 ? hasAway(bucket.tags) : changetype<usize>(bucketOf(record)) != changetype<usize>(bucket);
  let readPs = readTime(memory, first);
  if (readsSecond) readPs += readTime(memory, secondIndex(table, hash, first));
  memory.busyUntilPs = (nowPs > memory.busyUntilPs ? nowPs : memory.busyUntilPs) + readPs;
}

// @ts-ignore: decorator
@inline
function readTime(memory: CardMemory, bucket: u32): i64 {
  const line = memory.lines + (<usize>(bucket & memory.lineMask) << 2);
  if (load<u32>(line) == bucket + 1) return 0;
  store<u32>(line, bucket + 1);
  return memory.readPs;
}

/** Reads buckets one after another, for a copy: past the cache, over the same bus. */
export function readBuckets(memory: CardMemory, count: u32, nowPs: i64): void {
  memory.busyUntilPs = (nowPs > memory.busyUntilPs ? nowPs : memory.busyUntilPs) + <i64>count * memory.readPs;
}
