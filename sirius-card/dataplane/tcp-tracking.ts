import { DropReason } from '../../core/dataplane/contract';
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN, TCP_URG } from '../../core/dataplane/tcp';
import { FlowAction, FlowFlag, FlowState } from './flow-layout';

const TCP_FLAGS_MASK: u32 = TCP_FIN | TCP_SYN | TCP_RST | TCP_PSH | TCP_ACK | TCP_URG;
const OVER_FLAGS: u32 = FlowFlag.ackAfterBothFins | FlowFlag.resetSeen;
const STATE_COUNT: u32 = 8;

/**
 * What `track` says of everything that it can be asked, since no processor guesses its branches: u32 by TCP flags (6 bits), state (3),
 * whether from the initiator, whether the record's flags say that it is over, and whether it is poisoned.
 */
const verdicts: usize = memory.data(4 * 64 * 8 * 8, 64);

for (let tcpFlags: u32 = 0; tcpFlags <= TCP_FLAGS_MASK; tcpFlags++) {
  for (let state: u32 = 0; state < STATE_COUNT; state++) {
    for (let bits: u32 = 0; bits < 8; bits++) {
      const recordFlags = (bits & 1 ? FlowFlag.poison : FlowFlag.none) | (bits & 2 ? FlowFlag.resetSeen : FlowFlag.none);
      const tracked = track(<u8>state, <u8>tcpFlags, (bits & 4) != 0, <u8>recordFlags);
      store<u32>(verdictAt(state, tcpFlags, bits >> 2, (bits >> 1) & 1, bits & 1), tracked);
    }
  }
}

// @ts-ignore: decorator
@inline
function verdictAt(state: u32, tcpFlags: u32, fromInitiator: u32, isOver: u32, isPoisoned: u32): usize {
  return verdicts + ((((tcpFlags & TCP_FLAGS_MASK) << 6) | (state << 3) | (fromInitiator << 2) | (isOver << 1) | isPoisoned) << 2);
}

/** What `track` says, looked up. */
// @ts-ignore: decorator
@inline
export function tcpTrack(state: u8, tcpFlags: u8, fromInitiator: bool, recordFlags: u8 = 0): u32 {
  assert(<u32>state < STATE_COUNT);
  return load<u32>(verdictAt(state, tcpFlags, <u32>fromInitiator, <u32>((recordFlags & OVER_FLAGS) != 0), recordFlags & <u32>FlowFlag.poison));
}

/**
 * TCP connection tracking as a pure function: the record's state and flags and one segment in, a verdict out.
 *
 * Modelled on Linux's nf_conntrack_proto_tcp, with three differences that in-line replication asks for:
 * - Only SYNs and FINs change the state, since only they are replicated (paper, section 3.2). The rest of the handshake
 *   lives in flag bits that the fast path sets, and a secondary never sees them.
 * - Therefore a record accepts every well-formed segment: after a failover the first one may be an ACK, data or a FIN
 *   on a record that says synSent, and it proves that the connection is established.
 * - Sequence numbers are not tracked. So data after a FIN is forwarded (it may be a retransmission, as nf_conntrack
 *   has it); a RST is believed; and "both FINs acknowledged" means: after the second FIN, an ACK from the side that
 *   sent the first one. That is exact but for ACKs of older data that cross the second FIN, and, when both sides close
 *   at once, for the other side's ACK, which may come later. Both follow within a round trip: a deletion that
 *   waits that long (`closedLingerMs`) loses nothing, and until then every segment but a SYN is forwarded.
 *
 * @param state FlowState of the record, `none` when there is none
 * @param tcpFlags the flag byte of the TCP header
 * @param fromInitiator whether the sender opened the connection; ignored when there is no record
 * @param recordFlags FlowFlag bits of the record
 * @returns the verdict; take it apart with trackedState, trackedAction, trackedDrop and trackedFlags
 */
function track(state: u8, tcpFlags: u8, fromInitiator: bool, recordFlags: u8): u32 {
  const kind = segmentKind(tcpFlags);
  if (kind == SegmentKind.invalid) return drop(state, DropReason.invalidFlags);
  if (state == FlowState.none) {
    return kind == SegmentKind.syn ? verdict(FlowState.synSent, FlowAction.newFlow) : drop(state, DropReason.noFlow);
  }
  if (kind == SegmentKind.rst) return verdict(FlowState.closed, FlowAction.reset, FlowFlag.resetSeen);
  const poisoned = (recordFlags & FlowFlag.poison) != 0;
  if ((recordFlags & OVER_FLAGS) != 0) {
    return trackClosing(<u8>FlowState.closed, kind, fromInitiator, poisoned);
  }
  if (state < <u8>FlowState.finFromInitiator) return trackOpen(state, kind, fromInitiator, poisoned);
  if (state < <u8>FlowState.finBothInitiatorFirst) return trackHalfClosed(state, kind, fromInitiator, poisoned);
  return trackClosing(state, kind, fromInitiator, poisoned);
}

/** FlowState after the segment. The ARM core writes it on newFlow and update; close and reset leave it to FlowFlag bits. */
// @ts-ignore: decorator
@inline
export function trackedState(tracked: u32): u8 {
  return <u8>tracked;
}

/** FlowAction for the segment. */
// @ts-ignore: decorator
@inline
export function trackedAction(tracked: u32): u8 {
  return <u8>(tracked >> 8);
}

/** DropReason, `none` unless the action is drop. */
// @ts-ignore: decorator
@inline
export function trackedDrop(tracked: u32): u8 {
  return <u8>(tracked >> 16);
}

/** FlowFlag bits that the fast path sets in the record. */
// @ts-ignore: decorator
@inline
export function trackedFlags(tracked: u32): u8 {
  return <u8>(tracked >> 24);
}

enum SegmentKind {
  invalid,
  syn,
  synAck,
  ack,
  fin,
  rst,
}

/**
 * A segment by its flags; ECE, CWR and the reserved bits do not matter. The valid combinations are nf_conntrack's,
 * and a FIN alone beside them: the paper's six-packet connection can be read to send one, and without a flow it is dropped anyway.
 */
function segmentKind(tcpFlags: u32): SegmentKind {
  if ((tcpFlags & TCP_RST) != 0) {
    return (tcpFlags & (TCP_SYN | TCP_FIN | TCP_URG)) != 0 ? SegmentKind.invalid : SegmentKind.rst;
  }
  if ((tcpFlags & TCP_SYN) != 0) {
    if ((tcpFlags & TCP_FIN) != 0) return SegmentKind.invalid;
    if ((tcpFlags & TCP_ACK) == 0) return SegmentKind.syn;
    return (tcpFlags & TCP_URG) != 0 ? SegmentKind.invalid : SegmentKind.synAck;
  }
  if ((tcpFlags & TCP_FIN) != 0) {
    return (tcpFlags & (TCP_ACK | TCP_PSH | TCP_URG)) == 0 || (tcpFlags & TCP_ACK) != 0
      ? SegmentKind.fin
      : SegmentKind.invalid;
  }
  return (tcpFlags & TCP_ACK) != 0 ? SegmentKind.ack : SegmentKind.invalid;
}

/**
 * synSent or established. A SYN on an open connection is forwarded, and the receiver answers it with a challenge ACK (RFC 5961); but the ACLs judge it first,
 * since it may open a new connection whose predecessor's end this card has not seen (a RST is not replicated).
 */
function trackOpen(state: u8, kind: SegmentKind, fromInitiator: bool, poisoned: bool): u32 {
  switch (kind) {
    case SegmentKind.syn: {
      const isNewStill = fromInitiator && poisoned && state == FlowState.synSent;
      return verdict(state, isNewStill ? FlowAction.newFlow : FlowAction.judge);
    }
    case SegmentKind.fin:
      return verdict(fromInitiator ? FlowState.finFromInitiator : FlowState.finFromResponder, FlowAction.update);
    case SegmentKind.ack: {
      if (fromInitiator) return verdict(FlowState.established, FlowAction.forward, FlowFlag.ackSeen);
      return verdict(state, FlowAction.forward, FlowFlag.synAckSeen);
    }
    default:
      return verdict(state, FlowAction.forward, fromInitiator ? FlowFlag.none : FlowFlag.synAckSeen);
  }
}

/** One FIN seen. Only the other side's FIN changes anything; the same one again is replicated again while poisoned. */
function trackHalfClosed(state: u8, kind: SegmentKind, fromInitiator: bool, poisoned: bool): u32 {
  if (kind == SegmentKind.syn) return verdict(state, FlowAction.judge);
  if (kind != SegmentKind.fin) return verdict(state, FlowAction.forward);
  const initiatorFirst = state == FlowState.finFromInitiator;
  if (fromInitiator == initiatorFirst) return verdict(state, poisoned ? FlowAction.update : FlowAction.forward);
  return verdict(initiatorFirst ? FlowState.finBothInitiatorFirst : FlowState.finBothResponderFirst, FlowAction.update);
}

/** Both FINs seen, or closed. A SYN from either side opens a new connection on the same addresses and ports. */
function trackClosing(state: u8, kind: SegmentKind, fromInitiator: bool, poisoned: bool): u32 {
  if (kind == SegmentKind.syn) return verdict(FlowState.synSent, FlowAction.newFlow);
  if (state == FlowState.closed) return verdict(state, FlowAction.forward);
  if (kind == SegmentKind.fin) return verdict(state, poisoned ? FlowAction.update : FlowAction.forward);
  const fromFirstFin = fromInitiator == (state == FlowState.finBothInitiatorFirst);
  if (kind != SegmentKind.ack || !fromFirstFin) return verdict(state, FlowAction.forward);
  return verdict(FlowState.closed, FlowAction.close, FlowFlag.ackAfterBothFins);
}

// @ts-ignore: decorator
@inline
function verdict(state: u32, action: u32, setFlags: u32 = FlowFlag.none): u32 {
  return state | (action << 8) | (setFlags << 24);
}

// @ts-ignore: decorator
@inline
function drop(state: u32, reason: u32): u32 {
  return state | (FlowAction.drop << 8) | (reason << 16);
}
