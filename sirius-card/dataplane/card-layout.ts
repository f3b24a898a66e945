// What the card's two sides agree on. Compiled by asc and by tsc: constants and enums only.

/** What an ARM core can be asked to do; each has its service time in the timing model. */
export enum ArmOperation {
  newFlowPrimary = 0,
  newFlowSecondary = 1,
  finPrimary = 2,
  finSecondary = 3,
}

export const ARM_OPERATION_COUNT = 4;
export const ARM_CORE_COUNT_MAX = 64;

/** Bytes on the wire (with FCS) of the packet that the model's stage latencies are for: section 6.2, footnote 6. */
export const REFERENCE_WIRE_BYTES = 118;
/** The smallest that a card forwards: 54 B of inner headers in NVGRE, with FCS. */
export const SMALLEST_WIRE_BYTES = 100;

/** Counters of a card, u64 each, in this order. */
export enum CardCounter {
  /** Packets that passed the match-processing pipelines without an ARM core. */
  fastPath = 0,
  /** Operations done by ARM cores. */
  armOperations = 1,
  aclAllowed = 2,
  aclDenied = 3,
  pings = 4,
  pongs = 5,
}

export const CARD_COUNTER_COUNT = 16;
export const CARD_PORT_COUNT_MAX = 4;

/** The replication mark: the byte after the VNI, which VXLAN reserves and NVGRE uses as FlowID. */
export const MARK_PING = 1;
export const MARK_PONG = 2;
/** Set when the packet goes from the fNIC's virtual machine to the network. */
export const MARK_OUTBOUND = 4;
/** The epoch is a small circular counter (section 3.2, footnote 2). */
export const MARK_SHIFT_EPOCH = 4;
export const MARK_EPOCH_MASK = 15;
