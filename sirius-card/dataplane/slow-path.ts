import { DropReason } from '../../core/dataplane/contract';
import { PROTOCOL_TCP } from '../../core/dataplane/ipv4';
import { Packet, dropPacket } from '../../core/dataplane/packet';
import { aclClassify } from './acl';
import { ACL_INBOUND, ACL_OUTBOUND } from './acl-layout';
import { Card, Fnic, countCard, pipelineTurn, sizePs, transmit, turnTowards } from './card';
import { ArmOperation, CardCounter, MARK_INITIATOR_IS_LOW, MARK_OUTBOUND, MARK_PING, MARK_PONG, MARK_SHIFT_STATE } from './card-layout';
import { Encapsulation, reencapsulate } from './encapsulation';
import { FlowAction, FlowFlag, FlowState } from './flow-layout';
import { FlowRecord, flowInsert, flowRecall } from './flow-table';
import { DIRECTION_OUTBOUND, DIRECTION_PING, DIRECTION_PONG, DIRECTION_READ, DIRECTION_SOURCE_IS_LOW, encapsulateOnward, isFromInitiator, keyOf, protocolOf } from './pipeline';
import { laterState, originCard, originInitiatorIsLow, originOf, originState } from './replicated-state';
import { exchangeFinish } from './state-exchange';
import { tcpTrack, trackedAction, trackedState } from './tcp-tracking';

/** What an ARM core does at the end of an operation: the only writer of flow state (section 4). The flow is looked up anew, since it may have changed while the packet waited. */
// @ts-ignore: decorator
@inline
export function slowPathFinish(card: Card, packet: Packet, nowPs: i64): void {
  if (packet.operation >= <u8>ArmOperation.stateSend) return exchangeFinish(card, packet, nowPs);
  const record = flowRecall(card.table, keyOf(packet), packet.flowHash, changetype<FlowRecord>(packet.flow));
  switch (packet.operation) {
    case <u8>ArmOperation.newFlowPrimary:
      return newFlowPrimary(card, packet, record, nowPs);
    case <u8>ArmOperation.newFlowSecondary:
      return newFlowSecondary(card, packet, record, nowPs);
    case <u8>ArmOperation.finPrimary:
      return finPrimary(card, packet, record, nowPs);
    default:
      finSecondary(card, packet, record, nowPs);
  }
}

// @ts-ignore: decorator
@inline
function fnicOf(card: Card, packet: Packet): Fnic {
  return changetype<Fnic>(load<usize>(card.fnics + (<usize>packet.fnic << 2)));
}

/** Evaluates the fNIC's access control lists of the direction in which the packet goes. */
function isAllowed(fnic: Fnic, packet: Packet): bool {
  if (fnic.acl == 0) return true;
  const lowAddress = <u32>packet.flowLow;
  const highAddress = <u32>(packet.flowLow >> 32);
  const lowPort = <u32>packet.flowHigh & 0xffff;
  const highPort = <u32>(packet.flowHigh >> 16) & 0xffff;
  const sourceIsLow = (packet.direction & <u8>DIRECTION_SOURCE_IS_LOW) != 0;
  return (
    aclClassify(
      fnic.acl,
      packet.direction & <u8>DIRECTION_OUTBOUND ? ACL_OUTBOUND : ACL_INBOUND,
      sourceIsLow ? lowAddress : highAddress,
      sourceIsLow ? highAddress : lowAddress,
      sourceIsLow ? lowPort : highPort,
      sourceIsLow ? highPort : lowPort,
      protocolOf(packet),
    ) >= 0
  );
}

function newFlowPrimary(card: Card, packet: Packet, record: FlowRecord, nowPs: i64): void {
  const fnic = fnicOf(card, packet);
  if (changetype<usize>(record) != 0 && !isNewStill(record, packet)) {
    // A SYN on an open connection, or another packet of the flow was there first.
    if (protocolOf(packet) == PROTOCOL_TCP && !isAllowed(fnic, packet)) return deny(card, packet);
    record.lastSeenMs = card.nowMs;
    return sendOnward(card, packet, fnic, nowPs);
  }
  if (!isAllowed(fnic, packet)) return deny(card, packet);
  countCard(card, CardCounter.aclAllowed);
  const replicates = fnic.toPeer != 0;
  const opened = openRecord(card, packet, record, firstState(packet), initiatorFlag(packet) | (replicates ? FlowFlag.poison : FlowFlag.none));
  if (changetype<usize>(opened) == 0) return;
  if (replicates) ping(card, packet, opened, fnic, nowPs);
  else sendOnward(card, packet, fnic, nowPs);
}

function deny(card: Card, packet: Packet): void {
  countCard(card, CardCounter.aclDenied);
  dropPacket(card.pool, packet, card.place, DropReason.aclDenied);
}

/** Whether the packet would be sent here again as the record stands now: it may have changed while the packet waited. */
function isNewStill(record: FlowRecord, packet: Packet): bool {
  if (protocolOf(packet) != PROTOCOL_TCP) return (record.flags & <u8>FlowFlag.poison) != 0;
  const tracked = tcpTrack(record.state, packet.tcpFlags, isFromInitiator(record, packet), record.flags);
  return trackedAction(tracked) == <u8>FlowAction.newFlow;
}

// @ts-ignore: decorator
@inline
function firstState(packet: Packet): u8 {
  return <u8>(protocolOf(packet) == PROTOCOL_TCP ? FlowState.synSent : FlowState.established);
}

// @ts-ignore: decorator
@inline
function initiatorFlag(packet: Packet): u32 {
  return packet.direction & <u8>DIRECTION_SOURCE_IS_LOW ? FlowFlag.initiatorIsLow : FlowFlag.none;
}

function newFlowSecondary(card: Card, packet: Packet, record: FlowRecord, nowPs: i64): void {
  if (changetype<usize>(openCopy(card, packet, record)) != 0) pong(card, packet, nowPs);
}

/** The copy as the primary has it. */
function openCopy(card: Card, packet: Packet, record: FlowRecord): FlowRecord {
  const initiator: u32 = originInitiatorIsLow(packet.origin) ? FlowFlag.initiatorIsLow : FlowFlag.none;
  return openRecord(card, packet, record, originState(packet.origin), initiator | FlowFlag.secondary);
}

/** Writes a new connection's record, over the old one if there is one; drops the packet and returns null when the table is full. */
function openRecord(card: Card, packet: Packet, record: FlowRecord, state: u8, flags: u32): FlowRecord {
  if (changetype<usize>(record) == 0) {
    record = flowInsert(card.table, keyOf(packet), packet.flowHash);
    if (changetype<usize>(record) == 0) {
      dropPacket(card.pool, packet, card.place, DropReason.flowTableFull);
      return record;
    }
  }
  record.state = state;
  record.flags = <u8>flags;
  record.epoch = <u8>card.table.epoch;
  record.lastSeenMs = card.nowMs;
  return record;
}

function finPrimary(card: Card, packet: Packet, record: FlowRecord, nowPs: i64): void {
  if (changetype<usize>(record) == 0) {
    dropPacket(card.pool, packet, card.place, DropReason.noFlow);
    return;
  }
  const fnic = fnicOf(card, packet);
  const tracked = tcpTrack(record.state, packet.tcpFlags, isFromInitiator(record, packet), record.flags);
  record.lastSeenMs = card.nowMs;
  if (trackedAction(tracked) == <u8>FlowAction.update) {
    record.state = trackedState(tracked);
    record.epoch = <u8>card.table.epoch;
    if (fnic.toPeer != 0) {
      record.flags |= <u8>FlowFlag.poison;
      ping(card, packet, record, fnic, nowPs);
      return;
    }
    record.flags &= ~(<u8>FlowFlag.poison);
  }
  sendOnward(card, packet, fnic, nowPs);
}

/** A FIN for a connection that the secondary lost (aged out, or never had) opens its record again: the primary vouches for it. */
function finSecondary(card: Card, packet: Packet, record: FlowRecord, nowPs: i64): void {
  if (changetype<usize>(record) == 0) {
    if (changetype<usize>(openCopy(card, packet, record)) == 0) return;
  } else {
    record.state = laterState(record.state, originState(packet.origin));
    record.epoch = <u8>card.table.epoch;
    record.lastSeenMs = card.nowMs;
  }
  pong(card, packet, nowPs);
}

/** Sends the packet itself to the peer: nothing is buffered here (section 3.2). */
// @ts-ignore: decorator
@inline
function ping(card: Card, packet: Packet, record: FlowRecord, fnic: Fnic, nowPs: i64): void {
  countCard(card, CardCounter.pings);
  packet.stampPs = nowPs;
  packet.origin = originOf(card.index, record.state, (record.flags & <u8>FlowFlag.initiatorIsLow) != 0);
  turnTowards(card, packet, fnic.peer);
  sendToCard(card, packet, fnic, fnic.toPeer, MARK_PING, nowPs);
}

/**
 * The state is written: back to the card that asked for it, which need not be the fNIC's peer (while routes change, the old primary asks the new one).
 * When the peer has meanwhile been given up, its packet is as well (section 3.2: at best a retransmission).
 */
// @ts-ignore: decorator
@inline
function pong(card: Card, packet: Packet, nowPs: i64): void {
  const fnic = fnicOf(card, packet);
  const back = load<usize>(card.ways + (<usize>originCard(packet.origin) << 2));
  if (fnic.toPeer == 0 || back == 0) return dropPacket(card.pool, packet, card.place, DropReason.staleReplication);
  turnTowards(card, packet, originCard(packet.origin));
  const initiatorIsLow = originInitiatorIsLow(packet.origin);
  packet.origin = originOf(card.index, originState(packet.origin), initiatorIsLow);
  sendToCard(card, packet, fnic, back, MARK_PONG, nowPs);
}

// @ts-ignore: decorator
@inline
function sendToCard(card: Card, packet: Packet, fnic: Fnic, way: usize, kind: u32, nowPs: i64): void {
  const outbound: u32 = packet.direction & <u8>DIRECTION_OUTBOUND ? MARK_OUTBOUND : 0;
  const ends = packet.direction & <u8>(DIRECTION_OUTBOUND | DIRECTION_SOURCE_IS_LOW);
  packet.direction = ends | <u8>(DIRECTION_READ | (kind == MARK_PING ? DIRECTION_PING : DIRECTION_PONG));
  const initiator: u32 = originInitiatorIsLow(packet.origin) ? MARK_INITIATOR_IS_LOW : 0;
  const mark = kind | outbound | initiator | (<u32>originState(packet.origin) << MARK_SHIFT_STATE);
  reencapsulate(packet, changetype<Encapsulation>(way), fnic.vni, mark, <u32>packet.flowHash);
  reinject(card, packet, nowPs);
}

// @ts-ignore: decorator
@inline
function sendOnward(card: Card, packet: Packet, fnic: Fnic, nowPs: i64): void {
  encapsulateOnward(packet, fnic);
  reinject(card, packet, nowPs);
}

/** Puts a packet back into the pipelines for its way out (section 4). */
// @ts-ignore: decorator
@inline
function reinject(card: Card, packet: Packet, nowPs: i64): void {
  const startPs = pipelineTurn(card, nowPs);
  if (startPs < 0) dropPacket(card.pool, packet, card.place, DropReason.mpuQueue);
  else transmit(card, packet, startPs + card.reinjectionPs + sizePs(card, packet));
}
