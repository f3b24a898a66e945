import { FLOW_BUCKET_BYTES, FLOW_BUCKET_HEADER_BYTES, FLOW_RECORD_BYTES } from './flow-layout';

/** The structs of the flow table and the arithmetic of its buckets; the operations are in flow-table.ts. */
@unmanaged
export class FlowTable {
  /** Address of the first bucket, a multiple of FLOW_BUCKET_BYTES. */
  buckets: usize;
  /** Address of FLOW_SEARCH_NODES_MAX FlowSearchNodes: scratch room of an insert. */
  searchNodes: usize;
  seed: u64;
  /** Hashes are cut to these bits: all of them, but in tests that want collisions. */
  hashMask: u64;
  bucketCount: u32;
  /** Records beyond which an insert is refused. */
  capacity: u32;
  count: u32;
  highWater: u32;
  /** Inserts refused: the table holds its capacity, or no chain of displacements was found. */
  full: u64;
  /** Records moved to their other bucket. */
  displaced: u64;
  /** Records deleted by age, by the timeout that they exceeded. */
  agedEstablished: u64;
  agedHalfOpen: u64;
  agedClosed: u64;
  /** Which checkpoint records are written after (section 3.2): a small circular counter, of eight bits. */
  epoch: u32;
  /** The card's part for each fNIC (FnicPart), by its number; 0 for a table whose records all age alike. */
  parts: usize;
  /** Timeouts; below 2^31. */
  establishedIdleMs: u32;
  halfOpenIdleMs: u32;
  closedLingerMs: u32;
  /** The sweep hand passes every bucket once in this time. */
  sweepPeriodMs: u32;
  /** Time of the last flowAge. */
  sweptAtMs: u32;
  /** Index of the next bucket to sweep. */
  sweepHand: u32;
  /** What is due of the next bucket, in parts of sweepPeriodMs. */
  sweepRemainder: u64;
}

/** Two endpoints in order, fNIC and protocol: the same for both directions. */
@unmanaged
export class FlowKey {
  /** lowAddress u32, highAddress u32. */
  low: u64;
  /** lowPort u16, highPort u16, fnic u16, protocol u8, zero u8. */
  high: u64;
}

@unmanaged
export class FlowRecord {
  low: u64;
  high: u64;
  /** FlowState. */
  state: u8;
  /** FlowFlag bits. */
  flags: u8;
  epoch: u8;
  policyVersion: u8;
  /** Time of the last packet, in u32 milliseconds that wrap. */
  lastSeenMs: u32;
}

/**
 * Begins with five tags of a byte each, 0 for a free slot, lowest byte first; the records follow. The sixth byte has a bit for each
 * slot whose record is a guest: this is its second bucket. The last two count the records that are away: whose first bucket this is and that are guests elsewhere.
 */
@unmanaged
export class FlowBucket {
  tags: u64;
}

const GUEST_SHIFT: u64 = 40;
const AWAY_SHIFT: u64 = 48;

/** The tag byte of each slot, and all of its bits but the highest. */
const TAGS_ALL: u64 = 0x000000ff_ffffffff;
const TAGS_LOW: u64 = 0x0000007f_7f7f7f7f;
const TAG: u64 = 0xff;

// @ts-ignore: decorator
@inline
export function bucketAt(table: FlowTable, index: u32): FlowBucket {
  return changetype<FlowBucket>(table.buckets + <usize>index * FLOW_BUCKET_BYTES);
}

// @ts-ignore: decorator
@inline
export function bucketIndex(table: FlowTable, bucket: FlowBucket): u32 {
  return <u32>((changetype<usize>(bucket) - table.buckets) / FLOW_BUCKET_BYTES);
}

// @ts-ignore: decorator
@inline
export function recordAt(bucket: FlowBucket, slot: u32): FlowRecord {
  return changetype<FlowRecord>(changetype<usize>(bucket) + FLOW_BUCKET_HEADER_BYTES + slot * FLOW_RECORD_BYTES);
}

/** Buckets are aligned to their size, so the record's address tells its bucket. */
// @ts-ignore: decorator
@inline
export function bucketOf(record: FlowRecord): FlowBucket {
  return changetype<FlowBucket>(changetype<usize>(record) & ~(<usize>FLOW_BUCKET_BYTES - 1));
}

// @ts-ignore: decorator
@inline
export function slotOf(record: FlowRecord): u32 {
  const offset = <u32>(changetype<usize>(record) & (FLOW_BUCKET_BYTES - 1));
  return (offset - FLOW_BUCKET_HEADER_BYTES) / FLOW_RECORD_BYTES;
}

/** Index of the first bucket: the high half of the hash, scaled to the number of buckets (Lemire's fast range). */
// @ts-ignore: decorator
@inline
export function firstIndex(table: FlowTable, hash: u64): u32 {
  return <u32>(((hash >> 32) * <u64>table.bucketCount) >> 32);
}

/** Index of the second bucket: one of the others, by the low half of the hash. */
// @ts-ignore: decorator
@inline
export function secondIndex(table: FlowTable, hash: u64, first: u32): u32 {
  const bucketCount = table.bucketCount;
  const index = <u64>first + 1 + (((hash & 0xffffffff) * <u64>(bucketCount - 1)) >> 32);
  return <u32>(index >= <u64>bucketCount ? index - <u64>bucketCount : index);
}

/** The low byte of the hash, 1 for 0. Up to 2^24 buckets it is independent of both indices. */
// @ts-ignore: decorator
@inline
export function tagOf(hash: u64): u64 {
  const tag = hash & TAG;
  return tag + <u64>(tag == 0);
}

/** A bit for each slot whose tag is `tag`. */
// @ts-ignore: decorator
@inline
export function slotsWithTag(tags: u64, tag: u64): u32 {
  return i8x16.bitmask(i8x16.eq(i64x2.splat(<i64>tags), i8x16.splat(<i8>tag))) & 0x1f;
}

/** Whether any record whose first bucket this is lies in its second one. */
// @ts-ignore: decorator
@inline
export function hasAway(tags: u64): bool {
  return tags >> AWAY_SHIFT != 0;
}

// @ts-ignore: decorator
@inline
export function isGuest(tags: u64, slot: u32): bool {
  return ((tags >> (GUEST_SHIFT + slot)) & 1) != 0;
}

/** Notes that the record in a slot is a guest, and in its first bucket that it is away. */
// @ts-ignore: decorator
@inline
export function markGuest(bucket: FlowBucket, slot: u32, first: FlowBucket): void {
  assert(!isGuest(bucket.tags, slot));
  bucket.tags |= <u64>1 << (GUEST_SHIFT + slot);
  first.tags += <u64>1 << AWAY_SHIFT;
}

/** Takes back what `markGuest` noted. */
// @ts-ignore: decorator
@inline
export function unmarkGuest(bucket: FlowBucket, slot: u32, first: FlowBucket): void {
  assert(isGuest(bucket.tags, slot) && hasAway(first.tags));
  bucket.tags &= ~(<u64>1 << (GUEST_SHIFT + slot));
  first.tags -= <u64>1 << AWAY_SHIFT;
}

/** The high bit of each free slot's tag byte. */
// @ts-ignore: decorator
@inline
export function freeSlots(tags: u64): u64 {
  return ~(((tags & TAGS_LOW) + TAGS_LOW) | tags | TAGS_LOW) & TAGS_ALL;
}

/** The lowest slot of a non-zero set of slots. */
// @ts-ignore: decorator
@inline
export function lowestSlot(slots: u64): u32 {
  return <u32>ctz(slots) >> 3;
}

/** Whole words are read and written, since a byte written just before its word is read would stall the load. */
// @ts-ignore: decorator
@inline
export function setTag(bucket: FlowBucket, slot: u32, tag: u64): void {
  const shift = slot << 3;
  bucket.tags = (bucket.tags & ~(TAG << shift)) | (tag << shift);
}

// @ts-ignore: decorator
@inline
export function tagAt(tags: u64, slot: u32): u64 {
  return (tags >> (slot << 3)) & TAG;
}

/** The bucket that a record's key chooses first, wherever the record lies. */
// @ts-ignore: decorator
@inline
export function firstBucketOf(table: FlowTable, record: FlowRecord): FlowBucket {
  return bucketAt(table, firstIndex(table, hashOf(table, record.low, record.high)));
}

/** Makes the record's slot free. */
// @ts-ignore: decorator
@inline
export function removeRecord(table: FlowTable, bucket: FlowBucket, slot: u32): void {
  assert(tagAt(bucket.tags, slot) != 0, 'the record is in the table');
  assert(table.count > 0);
  const record = recordAt(bucket, slot);
  if (isGuest(bucket.tags, slot)) unmarkGuest(bucket, slot, firstBucketOf(table, record));
  setTag(bucket, slot, 0);
  forgetKey(record);
  table.count -= 1;
}

/** A free slot holds no flow's key (protocol 0), so that whoever still points to what lay there sees that it has gone: see `flowRecall`. */
// @ts-ignore: decorator
@inline
export function forgetKey(record: FlowRecord): void {
  record.high = 0;
}

/** 64 bits of the key and the seed, of which each hangs on every bit of both. */
// @ts-ignore: decorator
@inline
export function hashOf(table: FlowTable, low: u64, high: u64): u64 {
  let hash = (low ^ table.seed) * 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >> 32) ^ high) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 29)) * 0x94d049bb133111eb;
  return (hash ^ (hash >> 32)) & table.hashMask;
}
