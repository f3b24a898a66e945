import { mix64 } from '../../core/dataplane/random';
import { FLOW_SEARCH_NODE_BYTES, makeRoom, NO_BUCKET } from './flow-displacement';
import {
  FLOW_BUCKET_BYTES,
  FLOW_BUCKET_RECORDS,
  FLOW_CLOSED_LINGER_MS,
  FLOW_ESTABLISHED_IDLE_MS,
  FLOW_HALF_OPEN_IDLE_MS,
  FLOW_LOAD_PERMILLE,
  FLOW_SEARCH_NODES_MAX,
  FLOW_SPARE_BUCKETS,
  FLOW_SWEEP_PERIOD_MS,
} from './flow-layout';
import {
  bucketAt,
  bucketIndex,
  bucketOf,
  FlowBucket,
  FlowKey,
  FlowRecord,
  FlowTable,
  firstIndex,
  forgetKey,
  freeSlots,
  hasAway,
  hashOf,
  lowestSlot,
  markGuest,
  recordAt,
  removeRecord,
  secondIndex,
  setTag,
  slotOf,
  slotsWithTag,
  tagAt,
  tagOf,
} from './flow-record';

export { flowAge } from './flow-ageing';
export { FlowBucket, FlowKey, FlowRecord, FlowTable } from './flow-record';

// The flow table: two-choice bucketised cuckoo hashing, one record of 24 bytes a connection.
//
// A record is in one of two buckets: in the first while that has room, so a lookup reads one header while the table is not
// full, at most two ever, and, but for one false tag in 50 misses, no record that is not the answer. An insert that finds both buckets
// full moves other records to their other buckets. Records move then and never else: a pointer holds until the next insert into the table.
// Everything is in the memory given to flowTableInit; nothing is allocated and nothing collected.

/** Bytes for a table that takes `capacityRecords`: 27 a record, and about 3 KB. At most 4 GiB in a WebAssembly memory: 159M records. */
export function flowTableBytes(capacityRecords: u32): u64 {
  const searchBytes = FLOW_SEARCH_NODES_MAX * <u64>FLOW_SEARCH_NODE_BYTES;
  return FLOW_BUCKET_BYTES + searchBytes + bucketCountFor(capacityRecords) * FLOW_BUCKET_BYTES;
}

/** Lays an empty table out in `flowTableBytes(capacityRecords)` zeroed bytes at `memory`, with the default timeouts. */
export function flowTableInit(table: FlowTable, memory: usize, capacityRecords: u32, seed: u64): void {
  const aligned = (memory + FLOW_BUCKET_BYTES - 1) & ~(<usize>FLOW_BUCKET_BYTES - 1);
  table.buckets = aligned;
  table.bucketCount = <u32>bucketCountFor(capacityRecords);
  table.searchNodes = aligned + <usize>table.bucketCount * FLOW_BUCKET_BYTES;
  table.capacity = capacityRecords;
  table.seed = mix64(seed + 1);
  table.hashMask = u64.MAX_VALUE;
  table.count = 0;
  table.highWater = 0;
  table.full = 0;
  table.displaced = 0;
  table.agedEstablished = 0;
  table.agedHalfOpen = 0;
  table.agedClosed = 0;
  table.establishedIdleMs = FLOW_ESTABLISHED_IDLE_MS;
  table.halfOpenIdleMs = FLOW_HALF_OPEN_IDLE_MS;
  table.closedLingerMs = FLOW_CLOSED_LINGER_MS;
  table.sweepPeriodMs = FLOW_SWEEP_PERIOD_MS;
  table.epoch = 0;
  table.parts = 0;
  table.sweptAtMs = 0;
  table.sweepHand = 0;
  table.sweepRemainder = 0;
}

/**
 * Fills the key of a packet; both directions give the same one.
 *
 * @param source endpoint: the address in the 32 bits above the 16 of the port
 * @returns whether the source is the low endpoint of the key (also when both endpoints are the same)
 */
// @ts-ignore: decorator
@inline
export function flowKey(key: FlowKey, source: u64, destination: u64, fnic: u32, protocol: u32): bool {
  const sourceIsLow = source <= destination;
  const low = sourceIsLow ? source : destination;
  const high = sourceIsLow ? destination : source;
  key.low = (low >> 16) | ((high >> 16) << 32);
  key.high = (low & 0xffff) | ((high & 0xffff) << 16) | ((<u64>(fnic & 0xffff)) << 32) | ((<u64>(protocol & 0xff)) << 48);
  return sourceIsLow;
}

// @ts-ignore: decorator
@inline
export function flowHash(table: FlowTable, key: FlowKey): u64 {
  return hashOf(table, key.low, key.high);
}

/** The bucket that a hash chooses first. */
// @ts-ignore: decorator
@inline
export function flowBucket(table: FlowTable, hash: u64): FlowBucket {
  return bucketAt(table, firstIndex(table, hash));
}

/** The record of the key, or null (`flowIsMissing`). The second bucket is read only when records of the first one are away. */
export function flowLookup(table: FlowTable, key: FlowKey, hash: u64): FlowRecord {
  return flowLookupFrom(table, flowBucket(table, hash), key, hash);
}

/** The same for a caller who has the first bucket already. */
// @ts-ignore: decorator
@inline
export function flowLookupFrom(table: FlowTable, bucket: FlowBucket, key: FlowKey, hash: u64): FlowRecord {
  const record = recordInBucket(bucket, key, tagOf(hash));
  if (changetype<usize>(record) != 0 || !hasAway(bucket.tags)) return record;
  return lookupSecond(table, key, hash);
}

function lookupSecond(table: FlowTable, key: FlowKey, hash: u64): FlowRecord {
  return recordInBucket(bucketAt(table, secondIndex(table, hash, firstIndex(table, hash))), key, tagOf(hash));
}

// @ts-ignore: decorator
@inline
function recordInBucket(bucket: FlowBucket, key: FlowKey, tag: u64): FlowRecord {
  for (let slots = slotsWithTag(bucket.tags, tag); slots != 0; slots &= slots - 1) {
    const record = recordAt(bucket, ctz(slots));
    if (hasKey(record, key)) return record;
  }
  return changetype<FlowRecord>(0);
}

// @ts-ignore: decorator
@inline
function hasKey(record: FlowRecord, key: FlowKey): bool {
  return ((record.low ^ key.low) | (record.high ^ key.high)) == 0;
}

// @ts-ignore: decorator
@inline
export function flowIsMissing(record: FlowRecord): bool {
  return changetype<usize>(record) == 0;
}

/**
 * Adds a record for a key that is not in the table, zero but for its key, or null when the table is full (`table.full` counts).
 * Records may move: pointers from before are void.
 */
export function flowInsert(table: FlowTable, key: FlowKey, hash: u64): FlowRecord {
  assert(flowIsMissing(flowLookup(table, key, hash)), 'the key is not in the table');
  const first = firstIndex(table, hash);
  const bucket = table.count < table.capacity ? bucketWithRoom(table, first, hash) : changetype<FlowBucket>(0);
  if (changetype<usize>(bucket) == 0) {
    table.full += 1;
    return changetype<FlowRecord>(0);
  }
  const slot = lowestSlot(freeSlots(bucket.tags));
  const record = recordAt(bucket, slot);
  record.low = key.low;
  record.high = key.high;
  record.state = 0;
  record.flags = 0;
  record.epoch = 0;
  record.policyVersion = 0;
  record.lastSeenMs = 0;
  setTag(bucket, slot, tagOf(hash));
  const firstBucket = bucketAt(table, first);
  if (changetype<usize>(bucket) != changetype<usize>(firstBucket)) markGuest(bucket, slot, firstBucket);
  table.count += 1;
  if (table.count > table.highWater) table.highWater = table.count;
  return record;
}

/** Takes a record of the table out of it; the pointer is void. */
export function flowDelete(table: FlowTable, record: FlowRecord): void {
  removeRecord(table, bucketOf(record), slotOf(record));
}

/** Takes all records of an fNIC out of the table. */
export function flowDeleteFnic(table: FlowTable, fnic: u32): void {
  for (let index: u32 = 0; index < table.bucketCount; index++) {
    const bucket = bucketAt(table, index);
    for (let slot: u32 = 0; slot < <u32>FLOW_BUCKET_RECORDS; slot++) {
      if (tagAt(bucket.tags, slot) != 0 && (<u32>(recordAt(bucket, slot).high >> 32) & 0xffff) == fnic) removeRecord(table, bucket, slot);
    }
  }
}

/** Takes all records out of the table. */
export function flowDeleteAll(table: FlowTable): void {
  for (let index: u32 = 0; index < table.bucketCount; index++) {
    const bucket = bucketAt(table, index);
    bucket.tags = 0;
    for (let slot: u32 = 0; slot < <u32>FLOW_BUCKET_RECORDS; slot++) forgetKey(recordAt(bucket, slot));
  }
  table.count = 0;
}

/**
 * The record of a key, where `hint` says what an earlier lookup found: good while the key lies there, since a free slot holds none,
 * and looked up again when it does not.
 */
// @ts-ignore: decorator
@inline
export function flowRecall(table: FlowTable, key: FlowKey, hash: u64, hint: FlowRecord): FlowRecord {
  assert(key.high != 0);
  return changetype<usize>(hint) != 0 && hasKey(hint, key) ? hint : flowLookup(table, key, hash);
}

/**
 * Loads both cache lines of a bucket, so that a batch of touches has its cache misses side by side before the lookups.
 *
 * @returns what means nothing; it may be ignored
 */
// @ts-ignore: decorator
@inline
export function flowTouch(bucket: FlowBucket): u64 {
  return bucket.tags + load<u64>(changetype<usize>(bucket), FLOW_BUCKET_BYTES / 2);
}

/** Touches the second bucket of a hash, once the first one is there, if only it may hold the record. */
// @ts-ignore: decorator
@inline
export function flowTouchSecond(table: FlowTable, first: FlowBucket, hash: u64): void {
  const tags = first.tags;
  if (!hasAway(tags) || slotsWithTag(tags, tagOf(hash)) != 0) return;
  flowTouch(bucketAt(table, secondIndex(table, hash, bucketIndex(table, first))));
}

/**
 * The record in a slot, or null, for copying and dumping a whole table: slots are 0 to flowSlotCount - 1. An insert may move a
 * record from a slot ahead of the reader to one behind: a copy is complete when a whole pass found nothing new and `table.displaced` stood still.
 */
export function flowRecordAtSlot(table: FlowTable, slot: u32): FlowRecord {
  const bucket = bucketAt(table, slot / FLOW_BUCKET_RECORDS);
  const slotInBucket = slot % FLOW_BUCKET_RECORDS;
  return tagAt(bucket.tags, slotInBucket) == 0 ? changetype<FlowRecord>(0) : recordAt(bucket, slotInBucket);
}

export function flowSlotCount(table: FlowTable): u32 {
  return table.bucketCount * FLOW_BUCKET_RECORDS;
}

function bucketCountFor(capacityRecords: u32): u64 {
  const slots = (<u64>capacityRecords * 1000 + FLOW_LOAD_PERMILLE - 1) / FLOW_LOAD_PERMILLE;
  return (slots + FLOW_BUCKET_RECORDS - 1) / FLOW_BUCKET_RECORDS + FLOW_SPARE_BUCKETS;
}

/** The first bucket while it has room, so that nearly every lookup ends there; then the second. */
function bucketWithRoom(table: FlowTable, first: u32, hash: u64): FlowBucket {
  const bucket = bucketAt(table, first);
  if (freeSlots(bucket.tags) != 0) return bucket;
  const second = secondIndex(table, hash, first);
  if (freeSlots(bucketAt(table, second).tags) != 0) return bucketAt(table, second);
  const freed = makeRoom(table, first, second);
  return freed == NO_BUCKET ? changetype<FlowBucket>(0) : bucketAt(table, freed);
}
