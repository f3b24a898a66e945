import { Card, Fnic } from './card';
import { StateCounter } from './card-layout';
import { EPOCH_AGE_MAX, tickEpoch } from './flow-ageing';
import { FLOW_BUCKET_RECORDS, FlowFlag, FlowState } from './flow-layout';
import { FlowKey, FlowRecord, FlowTable, bucketAt, recordAt, tagAt } from './flow-record';
import { flowHash, flowLookup } from './flow-table';
import { StateChannel, addEntry, channelCount } from './state-channel';
import { StateHeader, stateEntryAt } from './state-frame';

/** Buckets that one batch looks at, at most: the table is read over the same memory bus as by packets. */
const BATCH_BUCKETS: u32 = 256;
/** Epochs that a connection must have lived through to count as a long-lived one. */
const LONG_LIVED_EPOCHS: u32 = 2;

/** The table is passed over again and again: long-lived connections first, since others may close before they need to be moved (section 3.2). */
enum BulkPass {
  longLived = 0,
  open = 1,
  all = 2,
}

/** Takes a checkpoint: what is written from now on does not belong to it. Then copies it, as the channel's pace allows. */
export function bulkBegin(card: Card, channel: StateChannel, nowPs: i64): void {
  tickEpoch(card.table);
  channel.isSyncing = 1;
  channel.checkpoint = card.table.epoch;
  channel.nextBulkPs = nowPs;
  channelCount(channel, StateCounter.syncsBegun, 1);
  beginPass(card.table, channel, BulkPass.longLived);
}

function beginPass(table: FlowTable, channel: StateChannel, pass: BulkPass): void {
  channel.pass = pass;
  channel.bucket = 0;
  channel.passRecords = 0;
  channel.displaced = table.displaced;
}

/**
 * Adds records of the checkpoint to a batch. A record that was copied is written in the current epoch, so that it isn't copied again; one that an
 * insert moved past the reader is found by the next pass: the copy is complete when a whole pass found nothing and no record was moved meanwhile.
 * @returns buckets read
 */
export function bulkTake(card: Card, channel: StateChannel, peer: u32, header: StateHeader, countMax: u32): u32 {
  const table = card.table;
  let read: u32 = 0;
  while (channel.isSyncing && read < BATCH_BUCKETS) {
    if (channel.bucket == table.bucketCount) {
      endPass(table, channel);
      continue;
    }
    const bucket = bucketAt(table, channel.bucket);
    const tags = bucket.tags;
    for (let slot: u32 = 0; slot < <u32>FLOW_BUCKET_RECORDS; slot++) {
      if (tagAt(tags, slot) == 0) continue;
      const record = recordAt(bucket, slot);
      if (!belongs(card, channel, peer, record)) continue;
      if (header.count == countMax) return read;
      copyRecord(card, header, record);
      channel.passRecords++;
      channelCount(channel, StateCounter.records, 1);
    }
    channel.bucket++;
    read++;
  }
  return read;
}

/** Records of a batch that the other card didn't take belong to the checkpoint again, if they are there still. */
export function bulkTakeBack(card: Card, channel: StateChannel, header: StateHeader): void {
  const table = card.table;
  for (let index: u32 = 0; index < header.count; index++) {
    const entry = stateEntryAt(header, index);
    if (entry.state == <u8>FlowState.none) continue;
    const key = changetype<FlowKey>(changetype<usize>(entry));
    const record = flowLookup(table, key, flowHash(table, key));
    if (changetype<usize>(record) == 0) continue;
    record.epoch = <u8>(channel.checkpoint - 1);
    if (channel.isSyncing && channel.pass == BulkPass.all) {
      channel.passRecords++;
      continue;
    }
    channel.isSyncing = 1;
    beginPass(table, channel, BulkPass.all);
  }
}

function endPass(table: FlowTable, channel: StateChannel): void {
  if (channel.pass != BulkPass.all) return beginPass(table, channel, channel.pass + 1);
  if (channel.passRecords != 0 || table.displaced != channel.displaced) return beginPass(table, channel, BulkPass.all);
  channel.isSyncing = 0;
}

function belongs(card: Card, channel: StateChannel, peer: u32, record: FlowRecord): bool {
  const fnic = changetype<Fnic>(load<usize>(card.fnics + (<usize>(<u32>(record.high >> 32) & 0xffff) << 2)));
  if (!fnic.syncing || fnic.peer != peer) return false;
  const age = (channel.checkpoint - record.epoch) & 255;
  if (age == 0 || age > EPOCH_AGE_MAX + 1) return false;
  if (channel.pass == BulkPass.all) return true;
  const isOpen = record.state < <u8>FlowState.finBothInitiatorFirst && (record.flags & <u8>(FlowFlag.resetSeen | FlowFlag.poison)) == 0;
  return isOpen && (channel.pass == BulkPass.open || age > LONG_LIVED_EPOCHS);
}

function copyRecord(card: Card, header: StateHeader, record: FlowRecord): void {
  const entry = addEntry(header);
  entry.low = record.low;
  entry.high = record.high;
  entry.state = record.state;
  entry.flags = record.flags & ~<u8>(FlowFlag.poison | FlowFlag.secondary);
  entry.idleMs = card.nowMs - record.lastSeenMs;
  record.epoch = <u8>card.table.epoch;
}
