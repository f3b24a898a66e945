// What both sides of the WebAssembly border must agree on. Compiled by asc and by tsc: constants and enums only.

/** A loss that comes later than this after the one before it is no longer of the same outage. */
export const OUTAGE_QUIET_PS = 50_000_000_000;

/** Why a packet was dropped. Every drop is counted under a place and one of these. */
export enum DropReason {
  none = 0,
  /** The frame is too short, or a header says something impossible. */
  malformed = 1,
  /** A header checksum is wrong. */
  checksum = 2,
  /** The frame is well-formed, but of a protocol that the place does not serve. */
  unsupported = 3,
  /** No route to the outer destination address. */
  noRoute = 4,
  /** The link was down when the packet was to be sent. */
  linkDown = 5,
  /** The output buffer of the link was full. */
  linkBuffer = 6,
  /** The virtual network identifier belongs to no fNIC of the card. */
  unknownFnic = 7,
  /** The card is not the primary of the fNIC. */
  notPrimary = 8,
  /** The input queue of the match-processing pipelines was full. */
  mpuQueue = 9,
  /** The new-flow queue of the ARM core was full. */
  armNewFlowQueue = 10,
  /** The state-update queue of the ARM core was full. */
  armUpdateQueue = 11,
  /** The access control lists denied the connection. */
  aclDenied = 12,
  /** A packet that cannot open a connection belongs to none. */
  noFlow = 13,
  /** TCP flags that no TCP sends (SYN with FIN, none at all). */
  invalidFlags = 14,
  /** The flow table had no room. */
  flowTableFull = 15,
  /** A replication packet that belongs to no round under way. */
  staleReplication = 16,
  /** The card died with the packet inside. */
  cardDown = 17,
  /** An impairment of the testbed's network lost it. */
  impairment = 18,
}

export const DROP_REASON_COUNT = 32;
export const PLACE_COUNT_MAX = 128;

/** Bytes on the wire beyond the frame in memory: frame check sequence, preamble and inter-frame gap. */
export const FCS_BYTES = 4;
export const PREAMBLE_AND_GAP_BYTES = 20;

export const PICOSECONDS_PER_NANOSECOND = 1000;

/** Bytes of a packet's own fields before its data, and the room kept free before the frame. */
export const PACKET_HEADER_BYTES = 64;
export const PACKET_HEADROOM_BYTES = 64;

export const APP_COUNT_MAX = 64;
export const LINK_COUNT_MAX = 256;

/** Latency histograms: HdrHistogram's layout, unit 1 ns, 3 significant digits, up to 2^37 ns (137 s). */
export const HISTOGRAM_SUB_BUCKET_COUNT = 2048;
export const HISTOGRAM_SUB_BUCKET_HALF_BITS = 10;
export const HISTOGRAM_COUNTS = 28672; // (27 buckets + 1) * half the sub-buckets

/** Chances of an impairment are so many parts of this. */
export const IMPAIRMENT_CHANCE_ONE = 65536;

/** What an impairment did to packets of the load, u64 each, in this order. */
export enum ImpairmentCounter {
  lost = 0,
  /** Packets that there are two of since. */
  duplicated = 1,
  corrupted = 2,
  delayed = 3,
}

export const IMPAIRMENT_COUNTER_COUNT = 4;

/** A captured packet: { timestampPs i64, tap u32, frameBytes u32 } and then its bytes. */
export const CAPTURE_HEADER_BYTES = 16;
