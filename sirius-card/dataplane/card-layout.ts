// What the card's two sides agree on. Compiled by asc and by tsc: constants and enums only.

/** What an ARM core can be asked to do; each has its service time in the timing model. */
export enum ArmOperation {
  newFlowPrimary = 0,
  newFlowSecondary = 1,
  finPrimary = 2,
  finSecondary = 3,
  /** Reads a batch of records for another card (section 3.2, bulk synchronisation). */
  stateSend = 4,
  /** Writes one that came. */
  stateReceive = 5,
}

export const ARM_OPERATION_COUNT = 6;
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
/** The connection's initiator is the low endpoint of the flow's key. */
export const MARK_INITIATOR_IS_LOW = 8;
/** The FlowState that the primary has written, in the four bits above. */
export const MARK_SHIFT_STATE = 4;

/** Cards of one appliance (section 3.3.2 has twelve): their addresses follow one another. */
export const CARD_COUNT_MAX = 12;

/** Records in one frame between cards: what fits 1500 bytes. */
export const STATE_BATCH_RECORDS = 60;
/** Batches that a card has under way to another one, each kept until it is acknowledged. */
export const STATE_WINDOW = 32;
/** Expired flows that wait to be told to the card with their copies: more than a sweep of 1 ms finds when 15M flows end at once that were seen within 2.45 s. */
export const STATE_FORGETS_MAX = 16384;

/** Where the card with the copies notes when it was told that flows are over, by the low bits of their hashes; a power of two. */
export const STATE_FORGOTTEN_SLOTS = 1024;

/** Counters of a channel from one card to another, u64 each, in this order. */
export enum StateCounter {
  /** Batches sent, and sent again. */
  batches = 0,
  batchesAgain = 1,
  /** Records copied, and flows told to be over. */
  records = 2,
  forgets = 3,
  /** Bytes of frames, with those sent again. */
  bytes = 4,
  /** What came from the other card: records taken over, and refused since the table was full. */
  taken = 5,
  refused = 6,
  /** Bulk synchronisations begun and ended. */
  syncsBegun = 7,
  syncsEnded = 8,
}

export const STATE_COUNTER_COUNT = 16;
