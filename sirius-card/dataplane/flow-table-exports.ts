// Thin wrappers of the flow table and TCP tracking for tests and benchmarks; flowTableCreate and the rest are in index.ts.
import { mix64 } from '../../core/dataplane/random';
import {
  FlowKey,
  FlowRecord,
  FlowTable,
  flowAge,
  flowDelete,
  flowHash,
  flowInsert,
  flowIsMissing,
  flowKey,
  flowLookup,
  flowRecordAtSlot,
  flowSlotCount,
  flowTableBytes,
  flowBucket,
  flowTouch,
} from './flow-table';
import { tcpTrack } from './tcp-tracking';

/** Packets whose buckets a benchmark touches before it looks the first one up. */
const BATCH: u32 = 32;

/** Keys and hashes of the tuple functions and of a benchmark's batch. */
const keys: usize = memory.data(16 * 32, 16);
const hashes: usize = memory.data(8 * 32, 16);

export function flowTableMemoryBytes(capacityRecords: u32): f64 {
  return <f64>flowTableBytes(capacityRecords);
}

/** For tests: cuts hashes to the bits of a mask, and lifts the capacity so that only the buckets limit the table. */
export function flowTableSetHashMask(table: usize, maskHigh: u32, maskLow: u32): void {
  changetype<FlowTable>(table).hashMask = ((<u64>maskHigh) << 32) | maskLow;
}

export function flowTableLiftCapacity(table: usize): void {
  changetype<FlowTable>(table).capacity = u32.MAX_VALUE;
}

// @ts-ignore: decorator
@inline
function endpoint(address: u32, port: u32): u64 {
  return (<u64>address << 16) | port;
}

/** Address of the new record, or 0. The tuple may come in either direction. */
export function flowTableInsertTuple(table: usize, source: u32, destination: u32, sourcePort: u32, destinationPort: u32, fnic: u32, protocol: u32): usize {
  const key = changetype<FlowKey>(keys);
  flowKey(key, endpoint(source, sourcePort), endpoint(destination, destinationPort), fnic, protocol);
  const flows = changetype<FlowTable>(table);
  return changetype<usize>(flowInsert(flows, key, flowHash(flows, key)));
}

/** Address of the record, or 0. */
export function flowTableLookupTuple(table: usize, source: u32, destination: u32, sourcePort: u32, destinationPort: u32, fnic: u32, protocol: u32): usize {
  const key = changetype<FlowKey>(keys);
  flowKey(key, endpoint(source, sourcePort), endpoint(destination, destinationPort), fnic, protocol);
  const flows = changetype<FlowTable>(table);
  return changetype<usize>(flowLookup(flows, key, flowHash(flows, key)));
}

/** Whether there was such a record. */
export function flowTableDeleteTuple(table: usize, source: u32, destination: u32, sourcePort: u32, destinationPort: u32, fnic: u32, protocol: u32): bool {
  const record = flowTableLookupTuple(table, source, destination, sourcePort, destinationPort, fnic, protocol);
  if (record == 0) return false;
  flowDelete(changetype<FlowTable>(table), changetype<FlowRecord>(record));
  return true;
}

export function flowTableDeleteRecord(table: usize, record: usize): void {
  flowDelete(changetype<FlowTable>(table), changetype<FlowRecord>(record));
}

/** Whether the source of a tuple is the low endpoint of its key. */
export function flowTableSourceIsLow(source: u32, destination: u32, sourcePort: u32, destinationPort: u32): bool {
  return flowKey(changetype<FlowKey>(keys), endpoint(source, sourcePort), endpoint(destination, destinationPort), 0, 0);
}

export function flowTableWriteRecord(record: usize, state: u32, flags: u32, lastSeenMs: u32): void {
  changetype<FlowRecord>(record).state = <u8>state;
  changetype<FlowRecord>(record).flags = <u8>flags;
  changetype<FlowRecord>(record).lastSeenMs = lastSeenMs;
}

export function flowRecordState(record: usize): u32 {
  return changetype<FlowRecord>(record).state;
}

export function flowRecordLastSeenMs(record: usize): u32 {
  return changetype<FlowRecord>(record).lastSeenMs;
}

export function flowTableAge(table: usize, nowMs: u32): u32 {
  return flowAge(changetype<FlowTable>(table), nowMs);
}

/** Address of the record in a slot, or 0. */
export function flowTableRecordAtSlot(table: usize, slot: u32): usize {
  return changetype<usize>(flowRecordAtSlot(changetype<FlowTable>(table), slot));
}

export function flowTableSlotCount(table: usize): u32 {
  return flowSlotCount(changetype<FlowTable>(table));
}

export function flowTableFull(table: usize): f64 {
  return <f64>changetype<FlowTable>(table).full;
}

export function flowTableDisplaced(table: usize): f64 {
  return <f64>changetype<FlowTable>(table).displaced;
}

export function flowTableAgedEstablished(table: usize): f64 {
  return <f64>changetype<FlowTable>(table).agedEstablished;
}

export function flowTableAgedHalfOpen(table: usize): f64 {
  return <f64>changetype<FlowTable>(table).agedHalfOpen;
}

export function flowTableAgedClosed(table: usize): f64 {
  return <f64>changetype<FlowTable>(table).agedClosed;
}

/** tcpTrack as a number: next state, action, drop reason and flags to set, a byte each from the lowest. */
export function tcpTrackSegment(state: u32, tcpFlags: u32, fromInitiator: bool, recordFlags: u32): u32 {
  return tcpTrack(<u8>state, <u8>tcpFlags, fromInitiator, <u8>recordFlags);
}

/** Inserts connections `first` to `first + count - 1` of a pseudo-random sequence; the result is how many the table took. */
export function flowTableBenchmarkInsert(table: usize, first: u32, count: u32): u32 {
  const flows = changetype<FlowTable>(table);
  const key = changetype<FlowKey>(keys);
  let taken: u32 = 0;
  for (let index = first; index < first + count; index++) {
    connectionKey(key, index);
    taken += <u32>!flowIsMissing(flowInsert(flows, key, flowHash(flows, key)));
  }
  return taken;
}

/** Looks up `count` connections at random among `first` to `first + among - 1`, one at a time; the result is how many were found. */
export function flowTableBenchmarkLookup(table: usize, first: u32, among: u32, count: u32): u32 {
  const flows = changetype<FlowTable>(table);
  const key = changetype<FlowKey>(keys);
  let found: u32 = 0;
  for (let step: u32 = 0; step < count; step++) {
    connectionKey(key, first + pick(step, among));
    const record = flowLookup(flows, key, flowHash(flows, key));
    found += <u32>!flowIsMissing(record);
  }
  return found;
}

/** The same, in batches whose buckets are touched ahead. */
export function flowTableBenchmarkLookupBatched(table: usize, first: u32, among: u32, count: u32): u32 {
  const flows = changetype<FlowTable>(table);
  let found: u32 = 0;
  for (let start: u32 = 0; start < count; start += BATCH) {
    for (let item: u32 = 0; item < BATCH; item++) {
      const key = changetype<FlowKey>(keys + <usize>item * offsetof<FlowKey>());
      connectionKey(key, first + pick(start + item, among));
      const hash = flowHash(flows, key);
      store<u64>(hashes + <usize>item * 8, hash);
      flowTouch(flowBucket(flows, hash));
    }
    for (let item: u32 = 0; item < BATCH; item++) {
      const key = changetype<FlowKey>(keys + <usize>item * offsetof<FlowKey>());
      found += <u32>!flowIsMissing(flowLookup(flows, key, load<u64>(hashes + <usize>item * 8)));
    }
  }
  return found;
}

/** Makes the keys and hashes of a lookup benchmark without the lookups: what to subtract. */
export function flowTableBenchmarkKeys(table: usize, first: u32, among: u32, count: u32): u32 {
  const flows = changetype<FlowTable>(table);
  const key = changetype<FlowKey>(keys);
  let odd: u32 = 0;
  for (let step: u32 = 0; step < count; step++) {
    connectionKey(key, first + pick(step, among));
    odd += <u32>flowHash(flows, key) & 1;
  }
  return odd;
}

/** Deletes connections `first` to `first + count - 1`; the result is how many there were. */
export function flowTableBenchmarkDelete(table: usize, first: u32, count: u32): u32 {
  const flows = changetype<FlowTable>(table);
  const key = changetype<FlowKey>(keys);
  const countBefore = flows.count;
  for (let index = first; index < first + count; index++) {
    connectionKey(key, index);
    const record = flowLookup(flows, key, flowHash(flows, key));
    if (!flowIsMissing(record)) flowDelete(flows, record);
  }
  return countBefore - flows.count;
}

/** Connection number `index` of the benchmark's sequence. A bijection of the index, so no two are the same. */
// @ts-ignore: decorator
@inline
function connectionKey(key: FlowKey, index: u32): void {
  const bits = mix64(<u64>index + 1);
  key.low = bits;
  key.high = (bits >> 48) | 0x0006_0000_01bb_0000;
}

/** Number `step` of a pseudo-random sequence below `among`. */
// @ts-ignore: decorator
@inline
function pick(step: u32, among: u32): u32 {
  return <u32>(((mix64((<u64>step << 32) | 0x5deece66d) >> 32) * <u64>among) >> 32);
}
