import { DropReason } from '../../core/dataplane/contract';
import { histogramRecord } from '../../core/dataplane/histogram';
import { PROTOCOL_UDP } from '../../core/dataplane/ipv4';
import { FRAME_DESCRIBED, Packet, describeFrame, dropPacket, isControlPacket } from '../../core/dataplane/packet';
import { TCP_FIN } from '../../core/dataplane/tcp';
import { headers, parseTunnel } from '../../core/dataplane/tunnel';
import { Card, Fnic, countCard, punt, sizePs, transmit } from './card';
import { ArmOperation, CARD_COUNT_MAX, CardCounter, MARK_INITIATOR_IS_LOW, MARK_OUTBOUND, MARK_PING, MARK_PONG, MARK_SHIFT_STATE } from './card-layout';
import { reencapsulate } from './encapsulation';
import { FlowAction, FlowFlag, FlowState } from './flow-layout';
import { FlowBucket, FlowKey, FlowRecord, flowBucket, flowHash, flowKey, flowLookupFrom, flowTouch, flowTouchSecond } from './flow-table';
import { memoryLookup } from './memory';
import { originOf } from './replicated-state';
import { exchangeReceive } from './state-exchange';
import { stateFrameParse } from './state-frame';
import { tcpTrack, trackedAction, trackedDrop, trackedFlags } from './tcp-tracking';

/** Bits of `Packet.direction`: to the network, not to the virtual machine. */
export const DIRECTION_OUTBOUND: u32 = 1;
/** The sender is the low endpoint of the flow's key. */
export const DIRECTION_SOURCE_IS_LOW: u32 = 2;
/** Addressed to the card itself by its peer, with a ping or a pong. */
export const DIRECTION_PING: u32 = 4;
export const DIRECTION_PONG: u32 = 8;
/** What the peer card read of the frame is in the packet still. */
export const DIRECTION_READ: u32 = 16;

/** In `Packet.operation` between parse and turn, in place of a reason to drop it: another card's word on flows. */
const EXCHANGE_FRAME: u32 = 255;

/**
 * Parses a list of packets as one batch ahead of their turns: what is read of them is kept in the packet, and their buckets of the
 * flow table are touched, so that the memory's answers overlap (WebAssembly has no prefetch). They are touched in a loop that does nothing else:
 * a processor looks some hundred instructions ahead while a load misses, which between two parses is the next bucket or two (0017).
 */
// @ts-ignore: decorator
@inline
export function pipelineParse(card: Card, first: usize): void {
  const table = card.table;
  for (let address = first; address != 0; address = changetype<Packet>(address).next) {
    const packet = changetype<Packet>(address);
    packet.operation = <u8>parse(card, packet);
    packet.flow = changetype<usize>(flowBucket(table, packet.flowHash));
  }
  for (let address = first; address != 0; address = changetype<Packet>(address).next) flowTouch(changetype<FlowBucket>(changetype<Packet>(address).flow));
  for (let address = first; address != 0; address = changetype<Packet>(address).next) {
    const packet = changetype<Packet>(address);
    flowTouchSecond(table, changetype<FlowBucket>(packet.flow), packet.flowHash);
  }
}

/** A packet carries its flow's key in two fields that lie as the key's own. */
// @ts-ignore: decorator
@inline
export function keyOf(packet: Packet): FlowKey {
  return changetype<FlowKey>(changetype<usize>(packet) + offsetof<Packet>('flowLow'));
}

/** Reads a packet's headers into its own fields (section 4: "we parse a packet once"), if whoever wrote them has not left them there. */
// @ts-ignore: decorator
@inline
function parse(card: Card, packet: Packet): u32 {
  if (packet.direction & <u8>DIRECTION_READ && packet.outerDestination == card.address) {
    if (!ASC_NO_ASSERT) assert(isAsRead(card, packet), 'what the peer read is what the frame says');
    packet.direction &= ~(<u8>DIRECTION_READ);
    packet.flowHash = flowHash(card.table, keyOf(packet));
    return DropReason.none;
  }
  if (!(packet.direction & <u8>FRAME_DESCRIBED)) return parseFrame(card, packet);
  if (!ASC_NO_ASSERT) assert(isAsDescribed(packet), 'what the sender says of the frame is what it says itself');
  return resolve(card, packet);
}

function parseFrame(card: Card, packet: Packet): u32 {
  const reason = parseTunnel(packet.frame, packet.frameBytes);
  if (reason != DropReason.none) return reason == DropReason.unsupported ? parseExchange(card, packet) : reason;
  packet.outerDestination = headers.outerDestination;
  const ends = ((<u64>headers.outerSource) << 32) | headers.vni;
  describeFrame(packet, ends, headers.sourceEndpoint, headers.destinationEndpoint, headers.protocol, headers.tcpFlags, <u32>(headers.innerFrame - packet.frame));
  return resolve(card, packet);
}

/** The number of the card with an address, or CARD_COUNT_MAX: cards' addresses follow one another. */
// @ts-ignore: decorator
@inline
function cardWithAddress(card: Card, address: u32): u32 {
  const index = address - (card.address - card.index);
  return index < <u32>CARD_COUNT_MAX && load<usize>(card.ways + (<usize>index << 2)) != 0 ? index : CARD_COUNT_MAX;
}

function parseExchange(card: Card, packet: Packet): u32 {
  if (!isControlPacket(packet)) return DropReason.unsupported;
  const reason = stateFrameParse(packet, card.address);
  if (reason != DropReason.none) return reason;
  const sender = cardWithAddress(card, headers.outerSource);
  packet.origin = <u8>sender;
  return sender == CARD_COUNT_MAX ? DropReason.unsupported : EXCHANGE_FRAME;
}

/** Finds the fNIC, the flow's key and the direction of a described frame. */
// @ts-ignore: decorator
@inline
function resolve(card: Card, packet: Packet): u32 {
  const index = <u32>packet.tunnelEnds - card.firstVni;
  if (index >= card.fnicCount) return DropReason.unknownFnic;
  const fnic = changetype<Fnic>(load<usize>(card.fnics + (index << 2)));
  const key = keyOf(packet);
  const sourceIsLow = flowKey(key, packet.flowLow, packet.flowHigh, index, packet.fnic);
  packet.flowHash = flowHash(card.table, key);
  packet.fnic = <u16>index;
  const direction: u32 = sourceIsLow ? DIRECTION_SOURCE_IS_LOW : 0;
  if (packet.outerDestination == card.address) return resolveReplication(card, packet, direction);
  if (packet.outerDestination != fnic.virtualAddress) return DropReason.noRoute;
  if (!fnic.primary) return DropReason.notPrimary;
  const isOutbound = <u32>(packet.tunnelEnds >> 32) == fnic.hostAddress;
  packet.direction = <u8>(direction | (isOutbound ? DIRECTION_OUTBOUND : 0));
  return DropReason.none;
}

/** Reads the replication mark of a frame that is addressed to the card itself. */
function resolveReplication(card: Card, packet: Packet, direction: u32): u32 {
  // The mark is the tunnel header's last byte, in VXLAN and in NVGRE.
  const mark: u32 = load<u8>(packet.frame + packet.innerOffset - 1);
  if (!(mark & (MARK_PING | MARK_PONG))) return DropReason.staleReplication;
  direction |= mark & MARK_PING ? DIRECTION_PING : DIRECTION_PONG;
  if (mark & MARK_OUTBOUND) direction |= DIRECTION_OUTBOUND;
  const sender = cardWithAddress(card, <u32>(packet.tunnelEnds >> 32));
  if (sender == CARD_COUNT_MAX) return DropReason.staleReplication;
  packet.origin = originOf(sender, (mark >> MARK_SHIFT_STATE) & 7, (mark & MARK_INITIATOR_IS_LOW) != 0);
  // Only the pair's own packets carry the start of their round; what else calls itself a pong began it, for all that is known, just now.
  packet.stampPs = packet.arrivalPs;
  packet.direction = <u8>direction;
  return DropReason.none;
}

/** Reads the frame anew and compares: for debug builds. */
function isAsRead(card: Card, packet: Packet): bool {
  const low = packet.flowLow;
  const high = packet.flowHigh;
  const tcpFlags = packet.tcpFlags;
  const direction = packet.direction & ~(<u8>DIRECTION_READ);
  const innerOffset = packet.innerOffset;
  const fnic = packet.fnic;
  const stampPs = packet.stampPs;
  const origin = packet.origin;
  packet.direction = 0;
  const reason = parseFrame(card, packet);
  packet.stampPs = stampPs;
  return (
    reason == DropReason.none &&
    packet.flowLow == low &&
    packet.flowHigh == high &&
    packet.tcpFlags == tcpFlags &&
    packet.direction == direction &&
    packet.innerOffset == innerOffset &&
    packet.fnic == fnic &&
    packet.origin == origin
  );
}

/** The same of what a sender says in `describeFrame`. */
function isAsDescribed(packet: Packet): bool {
  return (
    parseTunnel(packet.frame, packet.frameBytes) == DropReason.none &&
    packet.outerDestination == headers.outerDestination &&
    packet.tunnelEnds == (((<u64>headers.outerSource) << 32) | headers.vni) &&
    packet.flowLow == headers.sourceEndpoint &&
    packet.flowHigh == headers.destinationEndpoint &&
    packet.fnic == headers.protocol &&
    packet.tcpFlags == headers.tcpFlags &&
    packet.innerOffset == headers.innerFrame - packet.frame
  );
}

/**
 * A parsed packet's turn in the match-processing pipelines (section 4): find the flow, and either rewrite and send on or hand
 * over to an ARM core. Pipelines never write a flow's state; what they own in a record are the last-seen time, progress flags
 * and, when a pong arrives, the poison bit.
 */
// @ts-ignore: decorator
@inline
export function pipelineReceive(card: Card, packet: Packet): void {
  const nowPs = packet.arrivalPs;
  const memory = card.memory;
  const freePs = memory.busyUntilPs > card.mpuBusyUntilPs ? memory.busyUntilPs : card.mpuBusyUntilPs;
  const startPs = nowPs > freePs ? nowPs : freePs;
  if (startPs - nowPs > card.mpuQueuePs) return drop(card, packet, DropReason.mpuQueue);
  card.mpuBusyUntilPs = startPs + card.mpuServicePs;
  if (packet.operation != DropReason.none) {
    if (packet.operation == <u8>EXCHANGE_FRAME) return exchangeReceive(card, packet, startPs);
    return drop(card, packet, packet.operation);
  }
  const bucket = changetype<FlowBucket>(packet.flow);
  const record = flowLookupFrom(card.table, bucket, keyOf(packet), packet.flowHash);
  memoryLookup(memory, card.table, bucket, packet.flowHash, record, nowPs);
  const fnic = changetype<Fnic>(load<usize>(card.fnics + (<usize>packet.fnic << 2)));
  if (packet.direction & <u8>(DIRECTION_PING | DIRECTION_PONG)) receiveReplication(card, packet, fnic, record, startPs);
  else receiveTraffic(card, packet, fnic, record, startPs);
}

// @ts-ignore: decorator
@inline
export function protocolOf(packet: Packet): u32 {
  return <u32>(packet.flowHigh >> 48) & 0xff;
}

// @ts-ignore: decorator
@inline
function drop(card: Card, packet: Packet, reason: DropReason): void {
  dropPacket(card.pool, packet, card.place, reason);
}

// @ts-ignore: decorator
@inline
function receiveTraffic(card: Card, packet: Packet, fnic: Fnic, record: FlowRecord, startPs: i64): void {
  if (changetype<usize>(record) == 0) return receiveUnknown(card, packet, record, startPs);
  if (protocolOf(packet) == PROTOCOL_UDP) {
    // A flow whose first packet has not come back from the secondary is offered to it again.
    if (record.flags & <u8>FlowFlag.poison) return punt(card, packet, ArmOperation.newFlowPrimary, record, startPs);
    record.lastSeenMs = card.nowMs;
    return forward(card, packet, fnic, startPs);
  }
  const tracked = tcpTrack(record.state, packet.tcpFlags, isFromInitiator(record, packet), record.flags);
  switch (trackedAction(tracked)) {
    case <u8>FlowAction.newFlow:
    case <u8>FlowAction.judge:
      return punt(card, packet, ArmOperation.newFlowPrimary, record, startPs);
    case <u8>FlowAction.update:
      return punt(card, packet, ArmOperation.finPrimary, record, startPs);
    case <u8>FlowAction.drop:
      return drop(card, packet, trackedDrop(tracked));
    default:
      // Forward, also what closes the connection: ageing removes the record when it has lingered.
      record.flags |= trackedFlags(tracked);
      record.lastSeenMs = card.nowMs;
      forward(card, packet, fnic, startPs);
  }
}

function receiveUnknown(card: Card, packet: Packet, record: FlowRecord, startPs: i64): void {
  if (protocolOf(packet) == PROTOCOL_UDP) return punt(card, packet, ArmOperation.newFlowPrimary, record, startPs);
  const tracked = tcpTrack(0, packet.tcpFlags, true);
  if (trackedAction(tracked) == <u8>FlowAction.newFlow) punt(card, packet, ArmOperation.newFlowPrimary, record, startPs);
  else drop(card, packet, trackedDrop(tracked));
}

// @ts-ignore: decorator
@inline
export function isFromInitiator(record: FlowRecord, packet: Packet): bool {
  return ((record.flags & <u8>FlowFlag.initiatorIsLow) != 0) == ((packet.direction & <u8>DIRECTION_SOURCE_IS_LOW) != 0);
}

// @ts-ignore: decorator
@inline
function forward(card: Card, packet: Packet, fnic: Fnic, startPs: i64): void {
  countCard(card, CardCounter.fastPath);
  const readyPs = startPs + card.transitPs + sizePs(card, packet);
  histogramRecord(card.transit, readyPs - packet.arrivalPs);
  encapsulateOnward(packet, fnic);
  transmit(card, packet, readyPs);
}

/** Puts on the outer headers of the packet's onward way: to the virtual machine's host or to the network. */
// @ts-ignore: decorator
@inline
export function encapsulateOnward(packet: Packet, fnic: Fnic): void {
  const onward = packet.direction & <u8>DIRECTION_OUTBOUND ? fnic.toNetwork : fnic.toHost;
  reencapsulate(packet, onward, fnic.network, <u32>packet.flowHash);
}

/** Whether a pong brings back the packet of the record's latest change of state: one of an earlier round leaves the record poisoned. */
function endsRound(record: FlowRecord, packet: Packet): bool {
  const fromInitiator = isFromInitiator(record, packet);
  const isFin = (packet.tcpFlags & <u8>TCP_FIN) != 0;
  switch (record.state) {
    case <u8>FlowState.finFromInitiator:
    case <u8>FlowState.finBothResponderFirst:
      return isFin && fromInitiator;
    case <u8>FlowState.finFromResponder:
    case <u8>FlowState.finBothInitiatorFirst:
      return isFin && !fromInitiator;
    default:
      return !isFin;
  }
}

/** A ping from the primary goes to an ARM core; a pong from the secondary ends the round (Figure 5, steps 2 and 4). */
// @ts-ignore: decorator
@inline
function receiveReplication(card: Card, packet: Packet, fnic: Fnic, record: FlowRecord, startPs: i64): void {
  if (packet.direction & <u8>DIRECTION_PING) {
    const isFin = (packet.tcpFlags & <u8>TCP_FIN) != 0;
    return punt(card, packet, isFin ? ArmOperation.finSecondary : ArmOperation.newFlowSecondary, record, startPs);
  }
  if (changetype<usize>(record) == 0) return drop(card, packet, DropReason.staleReplication);
  if (endsRound(record, packet)) record.flags &= ~(<u8>FlowFlag.poison);
  record.lastSeenMs = card.nowMs;
  countCard(card, CardCounter.pongs);
  histogramRecord(card.pingPong, startPs - packet.stampPs);
  encapsulateOnward(packet, fnic);
  transmit(card, packet, startPs + card.transitPs + sizePs(card, packet));
}
