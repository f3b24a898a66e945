import { flowExpire, flowExpired } from './flow-ageing';
import { FLOW_BUCKET_RECORDS, FLOW_RECORD_BYTES, FLOW_SEARCH_NODES_MAX } from './flow-layout';
import {
  bucketAt,
  FlowTable,
  firstIndex,
  forgetKey,
  freeSlots,
  hashOf,
  isGuest,
  lowestSlot,
  markGuest,
  recordAt,
  secondIndex,
  setTag,
  tagAt,
  unmarkGuest,
} from './flow-record';

/** A bucket that the search reached, and how: the record in `slot` of the parent node's bucket could move here. */
@unmanaged
export class FlowSearchNode {
  bucket: u32;
  parent: u16;
  slot: u16;
}

export const FLOW_SEARCH_NODE_BYTES: usize = offsetof<FlowSearchNode>();

/** Parent of the two nodes that the search starts from. */
const NO_PARENT: u16 = 0xffff;
export const NO_BUCKET: u32 = 0xffffffff;

/**
 * Frees a slot in one of two full buckets by moving records to their other buckets, along a shortest chain that a breadth-first
 * search of at most FLOW_SEARCH_NODES_MAX buckets finds (Li et al., "Algorithmic Improvements for Fast Concurrent Cuckoo Hashing", EuroSys 2014).
 * No bucket is twice on a shortest chain, so the moves cannot undo each other. An expired record on the way is deleted, not moved.
 *
 * @returns index of the bucket that now has a free slot, or NO_BUCKET
 */
export function makeRoom(table: FlowTable, first: u32, second: u32): u32 {
  setNode(table, 0, first, NO_PARENT, 0);
  setNode(table, 1, second, NO_PARENT, 0);
  let nodeCount: u32 = 2;
  for (let current: u32 = 0; current < nodeCount; current++) {
    const index = nodeAt(table, current).bucket;
    const bucket = bucketAt(table, index);
    for (let slot: u32 = 0; slot < <u32>FLOW_BUCKET_RECORDS; slot++) {
      const record = recordAt(bucket, slot);
      if (flowExpired(table, record, table.sweptAtMs)) {
        flowExpire(table, bucket, slot);
        return shiftRecords(table, current);
      }
      const other = otherIndex(table, index, hashOf(table, record.low, record.high));
      if (freeSlots(bucketAt(table, other).tags) != 0) {
        moveRecord(table, index, slot, other);
        return shiftRecords(table, current);
      }
      if (nodeCount == FLOW_SEARCH_NODES_MAX) continue;
      setNode(table, nodeCount, other, <u16>current, <u16>slot);
      nodeCount += 1;
    }
  }
  return NO_BUCKET;
}

/** The bucket of `node` has a free slot: fills it from its parent's bucket, and so on up to a bucket that the search started from. */
function shiftRecords(table: FlowTable, node: u32): u32 {
  let current = nodeAt(table, node);
  while (current.parent != NO_PARENT) {
    const parent = nodeAt(table, current.parent);
    moveRecord(table, parent.bucket, current.slot, current.bucket);
    current = parent;
  }
  return current.bucket;
}

function moveRecord(table: FlowTable, fromIndex: u32, fromSlot: u32, toIndex: u32): void {
  const from = bucketAt(table, fromIndex);
  const to = bucketAt(table, toIndex);
  assert(freeSlots(to.tags) != 0, 'the record moves to a free slot');
  const toSlot = lowestSlot(freeSlots(to.tags));
  const tag = tagAt(from.tags, fromSlot);
  assert(tag != 0, 'a record moves');
  const record = recordAt(from, fromSlot);
  memory.copy(changetype<usize>(recordAt(to, toSlot)), changetype<usize>(record), FLOW_RECORD_BYTES);
  forgetKey(record);
  setTag(to, toSlot, tag);
  if (isGuest(from.tags, fromSlot)) unmarkGuest(from, fromSlot, to);
  else markGuest(to, toSlot, from);
  setTag(from, fromSlot, 0);
  table.displaced += 1;
}

// @ts-ignore: decorator
@inline
function otherIndex(table: FlowTable, index: u32, hash: u64): u32 {
  const first = firstIndex(table, hash);
  return index == first ? secondIndex(table, hash, first) : first;
}

// @ts-ignore: decorator
@inline
function nodeAt(table: FlowTable, node: u32): FlowSearchNode {
  return changetype<FlowSearchNode>(table.searchNodes + <usize>node * FLOW_SEARCH_NODE_BYTES);
}

// @ts-ignore: decorator
@inline
function setNode(table: FlowTable, node: u32, bucket: u32, parent: u16, slot: u16): void {
  const entry = nodeAt(table, node);
  entry.bucket = bucket;
  entry.parent = parent;
  entry.slot = slot;
}
