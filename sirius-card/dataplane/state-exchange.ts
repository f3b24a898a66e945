import { arenaAllocate } from '../../core/dataplane/arena';
import { DropReason } from '../../core/dataplane/contract';
import { NEVER_PS, Packet, controlGive, controlTake, dropPacket } from '../../core/dataplane/packet';
import { armSubmit } from './arm';
import { bulkTake, bulkTakeBack } from './bulk-sync';
import { Card, pipelineTurn, scheduleChores, sizePs, transmit, turnTowards } from './card';
import { ArmOperation, CARD_COUNT_MAX, STATE_BATCH_RECORDS, STATE_WINDOW, StateCounter } from './card-layout';
import { Encapsulation } from './encapsulation';
import { FlowFlag, FlowState } from './flow-layout';
import { FlowKey, FlowRecord, flowDelete, flowHash, flowInsert, flowLookup } from './flow-table';
import { FnicPart } from './flow-ageing';
import { StateChannel, StateSlot, channelAcknowledge, channelCount, channelCreate, channelHasForgotten, channelNoteForgotten, channelOpenSlot, channelTakeForgets, channelUseSlot, slotAt, slotGrowOlder } from './state-channel';
import { STATE_ENTRY_BYTES, STATE_HEADER_BYTES, StateEntry, StateHeader, StateKind, stateEntryAt, stateFrameFinish, stateHeaderOf } from './state-frame';
import { readBuckets } from './memory';

const PICOSECONDS_PER_MILLISECOND: i64 = 1_000_000_000;

/** A card's exchange of state with all the others: paced, over channels of batches. */
@unmanaged
export class StateExchange {
  /** Pointers to StateChannel by the number of the other card. */
  channels: usize;
  /** When there is something to say; NEVER_PS while there is not. */
  nextPs: i64;
  /** Between two looks at what there is to say, between two batches of a bulk synchronisation, and until a batch is sent again. */
  intervalPs: i64;
  bulkIntervalPs: i64;
  resendPs: i64;
}

export function exchangeCreate(index: u32): StateExchange {
  const exchange = changetype<StateExchange>(arenaAllocate(offsetof<StateExchange>()));
  exchange.channels = arenaAllocate(4 * CARD_COUNT_MAX);
  for (let card: u32 = 0; card < <u32>CARD_COUNT_MAX; card++) {
    if (card != index) store<usize>(exchange.channels + (card << 2), changetype<usize>(channelCreate()));
  }
  exchange.nextPs = NEVER_PS;
  return exchange;
}

/** The channel to a card; null to itself. */
// @ts-ignore: decorator
@inline
export function channelTo(card: Card, peer: u32): StateChannel {
  return changetype<StateChannel>(load<usize>(card.exchange.channels + (<usize>peer << 2)));
}

/** Begins to look when there is something to say. */
export function exchangeWake(card: Card, nowPs: i64): void {
  const exchange = card.exchange;
  if (exchange.nextPs != NEVER_PS) return;
  for (let peer: u32 = 0; peer < <u32>CARD_COUNT_MAX; peer++) {
    if (peer != card.index && hasWork(channelTo(card, peer))) {
      exchange.nextPs = nowPs + exchange.intervalPs;
      return;
    }
  }
}

function hasWork(channel: StateChannel): bool {
  return channel.isOpen != 0 && (channel.forgetCount | channel.used | channel.isSyncing) != 0;
}

/** Sends what is due on each channel, one batch at most. */
export function exchangeStep(card: Card, nowPs: i64): void {
  const exchange = card.exchange;
  exchange.nextPs = NEVER_PS;
  for (let peer: u32 = 0; peer < <u32>CARD_COUNT_MAX; peer++) {
    if (peer == card.index) continue;
    const channel = channelTo(card, peer);
    if (!hasWork(channel)) continue;
    const wasSyncing = channel.isSyncing;
    channelStep(card, channel, peer, nowPs);
    if (wasSyncing && !channel.isSyncing) channelCount(channel, StateCounter.syncsEnded, 1);
    exchange.nextPs = nowPs + exchange.intervalPs;
  }
}

function channelStep(card: Card, channel: StateChannel, peer: u32, nowPs: i64): void {
  const overdue = overdueSlot(channel, nowPs - card.exchange.resendPs);
  if (overdue != null) {
    channelCount(channel, StateCounter.batchesAgain, 1);
    slotGrowOlder(overdue, <u32>((nowPs - overdue.sentPs) / PICOSECONDS_PER_MILLISECOND));
    return sendSlot(card, channel, peer, overdue, nowPs);
  }
  const slot = channelOpenSlot(channel);
  if (slot == null) return;
  const header = changetype<StateHeader>(slot.content);
  channelTakeForgets(channel, header, STATE_BATCH_RECORDS, card.nowMs);
  if (channel.isSyncing && nowPs >= channel.nextBulkPs) {
    channel.nextBulkPs = nowPs + card.exchange.bulkIntervalPs;
    readBuckets(card.memory, bulkTake(card, channel, peer, header, STATE_BATCH_RECORDS), nowPs);
  }
  if (header.count == 0) return;
  channelUseSlot(channel, slot);
  sendSlot(card, channel, peer, slot, nowPs);
}

function overdueSlot(channel: StateChannel, beforePs: i64): StateSlot | null {
  if (channel.used == 0) return null;
  for (let index: u32 = 0; index < <u32>STATE_WINDOW; index++) {
    const slot = slotAt(channel, index);
    if (slot.isUsed && slot.sentPs < beforePs) return slot;
  }
  return null;
}

/** Gives a slot's batch to an ARM core, which sends it. What finds no packet or no room there is sent again later. */
function sendSlot(card: Card, channel: StateChannel, peer: u32, slot: StateSlot, nowPs: i64): void {
  slot.sentPs = nowPs;
  const packet = controlTake();
  if (packet == null) return;
  const header = changetype<StateHeader>(slot.content);
  memory.copy(changetype<usize>(stateHeaderOf(packet)), slot.content, STATE_HEADER_BYTES + header.count * STATE_ENTRY_BYTES);
  packet.origin = <u8>peer;
  packet.port = <u8>(slot.sequence % card.portCount);
  submit(card, packet, ArmOperation.stateSend, slot.sequence, nowPs);
}

/** Batches go round the ARM cores. */
function submit(card: Card, packet: Packet, operation: ArmOperation, sequence: u32, readyPs: i64): void {
  packet.operation = <u8>operation;
  packet.flowHash = (<u64>sequence * 0x9e37) & 0xffff;
  packet.arrivalPs = readyPs + card.toArmPs;
  if (!armSubmit(card.arm, packet)) dropPacket(card.pool, packet, card.place, DropReason.armNewFlowQueue);
}

/** What came for the exchange from another card: an acknowledgement is taken at once, a batch goes to an ARM core. */
export function exchangeReceive(card: Card, packet: Packet, startPs: i64): void {
  const header = stateHeaderOf(packet);
  if (header.kind == StateKind.batch) return submit(card, packet, ArmOperation.stateReceive, header.sequence, startPs);
  if (<u32>packet.origin != card.index) acknowledged(card, channelTo(card, packet.origin), header, startPs);
  controlGive(packet);
}

function acknowledged(card: Card, channel: StateChannel, header: StateHeader, nowPs: i64): void {
  const slot = channelAcknowledge(channel, header);
  if (slot == null || header.kind != StateKind.refusal) return;
  bulkTakeBack(card, channel, changetype<StateHeader>(slot.content));
  exchangeWake(card, nowPs);
  scheduleChores(card);
}

/** The end of an ARM core's work on a batch: one of its own leaves, one that came is written and acknowledged. */
export function exchangeFinish(card: Card, packet: Packet, nowPs: i64): void {
  const peer = <u32>packet.origin;
  const header = stateHeaderOf(packet);
  if (packet.operation == <u8>ArmOperation.stateReceive) {
    let isWhole = true;
    for (let index: u32 = 0; index < header.count; index++) {
      if (!takeEntry(card, channelTo(card, peer), stateEntryAt(header, index), header.sequence)) isWhole = false;
    }
    header.kind = isWhole ? StateKind.acknowledgement : StateKind.refusal;
    header.count = 0;
  }
  stateFrameFinish(packet, changetype<Encapsulation>(load<usize>(card.ways + (<usize>peer << 2))));
  channelCount(channelTo(card, peer), StateCounter.bytes, packet.frameBytes);
  turnTowards(card, packet, peer);
  const startPs = pipelineTurn(card, nowPs);
  // The card's least latency, which the engine relies on, is that of a connection's packets; an acknowledgement is smaller.
  const extraPs = sizePs(card, packet);
  if (startPs < 0) dropPacket(card.pool, packet, card.place, DropReason.mpuQueue);
  else transmit(card, packet, startPs + card.reinjectionPs + (extraPs > 0 ? extraPs : 0));
}

/**
 * Only a card that keeps copies of an fNIC's flows takes records of them; that one is over it hears also when it has begun to serve them. False: it has to
 * come again, if it is so still.
 */
function takeEntry(card: Card, channel: StateChannel, entry: StateEntry, sequence: u32): bool {
  const fnic = <u32>(entry.high >> 32) & 0xffff;
  if (fnic >= card.fnicCount) return true;
  const part = changetype<FnicPart>(card.table.parts + <usize>fnic * offsetof<FnicPart>());
  if (!part.isStandby && entry.state != <u8>FlowState.none) return true;
  const key = changetype<FlowKey>(changetype<usize>(entry));
  const hash = flowHash(card.table, key);
  const record = flowLookup(card.table, key, hash);
  if (entry.state == <u8>FlowState.none) {
    channelNoteForgotten(channel, hash, sequence);
    forget(card, record, entry);
    return true;
  }
  // A copy that is there came with a ping, which carries all that the primary knew; a later change of it isn't in the checkpoint.
  if (changetype<usize>(record) != 0) return true;
  if (channelHasForgotten(channel, hash, sequence)) return false;
  const fresh = flowInsert(card.table, key, hash);
  channelCount(channel, changetype<usize>(fresh) == 0 ? StateCounter.refused : StateCounter.taken, 1);
  if (changetype<usize>(fresh) == 0) return false;
  fresh.state = entry.state;
  fresh.flags = entry.flags | <u8>FlowFlag.secondary;
  fresh.epoch = <u8>card.table.epoch;
  fresh.lastSeenMs = card.nowMs - entry.idleMs;
  return true;
}

/** A flow that came anew while the word of its end was under way is not meant: it was seen here after the other one was seen last. */
function forget(card: Card, record: FlowRecord, entry: StateEntry): void {
  if (changetype<usize>(record) == 0) return;
  const table = card.table;
  if (card.nowMs - record.lastSeenMs + (table.closedLingerMs >> 1) >= entry.idleMs) flowDelete(table, record);
}
