// The flow table's layout and the words of TCP tracking, compiled by asc and by tsc: constants and enums only.

/** One record serves both directions of a connection: key (16 bytes), state, flags, epoch, policy version, last-seen time. */
export const FLOW_RECORD_BYTES = 24;
/** Of the state in a record; its flags follow. */
export const FLOW_RECORD_STATE_OFFSET = 16;
/** A bucket is a header of eight bytes (one tag a record, three spare) and its records: two cache lines, aligned to them. */
export const FLOW_BUCKET_RECORDS = 5;
export const FLOW_BUCKET_HEADER_BYTES = 8;
export const FLOW_BUCKET_BYTES = 128;

/** Records for which a table is laid out, in thousandths of its slots. A million and more records reach 980 before the first refusal. */
export const FLOW_LOAD_PERMILLE = 950;
/** Buckets beyond that, so that a table of a handful of records does not refuse by bad luck. */
export const FLOW_SPARE_BUCKETS = 8;
/** Most buckets that an insert examines for a chain of displacements before it refuses. */
export const FLOW_SEARCH_NODES_MAX = 256;

export const FLOW_SWEEP_PERIOD_MS = 500;
export const FLOW_ESTABLISHED_IDLE_MS = 240_000;
export const FLOW_HALF_OPEN_IDLE_MS = 30_000;
export const FLOW_CLOSED_LINGER_MS = 1_000;

/**
 * State of a record. Only the ARM cores write it, and each value they write is replicated.
 * There is no synReceived: a SYN-ACK and the ACK after it are not replicated, they set FlowFlag bits on the fast path.
 */
export enum FlowState {
  /** No record. */
  none = 0,
  /** The SYN was accepted. With FlowFlag.ackSeen it counts as established. */
  synSent = 1,
  /** UDP and other protocols without a handshake. */
  established = 2,
  finFromInitiator = 3,
  finFromResponder = 4,
  /** Both FINs were seen; the name says whose came first. The ACK from that side closes. */
  finBothInitiatorFirst = 5,
  finBothResponderFirst = 6,
  /** Reset, or both FINs acknowledged: kept for `closedLingerMs` so that stragglers still pass. */
  closed = 7,
}

/** Bits of a record's flags. Bit 7 is free. */
export enum FlowFlag {
  none = 0,
  /** ARM: the latest state change has not yet come back from the secondary (paper, section 3.2, footnote 3). */
  poison = 1,
  /** ARM: the connection's initiator is the low endpoint of the key. */
  initiatorIsLow = 2,
  /** ARM: this card holds the record as secondary and does not see the handshake, so synSent is no sign of a half-open one. */
  secondary = 4,
  /** MPU: the responder answered. */
  synAckSeen = 8,
  /** MPU: the initiator answered that; the connection is established. */
  ackSeen = 16,
  /** MPU: the ACK that closes was seen after both FINs. */
  ackAfterBothFins = 32,
  /** MPU: a RST was seen; the connection is over. */
  resetSeen = 64,
}

/** What the card does with a TCP segment. */
export enum FlowAction {
  /** MPU alone: forward, after setting the flags of the verdict. */
  forward = 0,
  /** ARM: evaluate the ACLs, insert a record (or overwrite the one there), replicate, forward. */
  newFlow = 1,
  /** ARM: write the next state, replicate, forward. */
  update = 2,
  /** Forward; the connection is over and its record goes when it was idle for `closedLingerMs`. */
  close = 3,
  /** RST: forward, and close likewise. */
  reset = 4,
  /** Drop for the reason in the verdict. */
  drop = 5,
  /** ARM: evaluate the ACLs and forward; the record stays as it is. */
  judge = 6,
}
