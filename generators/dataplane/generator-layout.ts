// What the generator's two sides agree on. Compiled by asc and by tsc: constants and enums only.

/** Counters of a generator, u64 each, in this order. */
export enum GeneratorCounter {
  attempted = 0,
  /** Connections that were due and not started (no connection record, or too late in a run that was late): the trial is invalid then. */
  unsent = 1,
  sent = 2,
  delivered = 3,
  established = 4,
  completed = 5,
  brokenReset = 6,
  brokenTimeout = 7,
  retransmittedSyn = 8,
  /** FIN and FIN-ACK that were sent again. */
  retransmittedFin = 9,
  /** Delivered packets that belong to no connection under way. */
  unexpected = 10,
  /** Packets of connections under way that found no free packet: the trial is invalid then. */
  unsentPackets = 11,
  /** Connections of which a packet had to be sent again. */
  stalled = 12,
  /** Of these, the ones that completed. */
  recovered = 13,
  /** Delivered packets that their senders had sent before. */
  repeated = 14,
  /** Delivered packets of connections under way that came twice and were sent once. */
  duplicated = 15,
  /** Delivered packets of connections under way, sent once, that came after a later one of the same sender. */
  reordered = 16,
}

export const GENERATOR_COUNTER_COUNT = 20;

/** How far the client of a connection has come. */
export enum ClientState {
  free = 0,
  synSent = 1,
  /** Established and holding; sends its FIN when the hold ends. */
  holding = 2,
  finSent = 3,
  /** Has acknowledged the server's FIN; answers it again if it comes again. */
  timeWait = 4,
}

/** How far its server has. */
export enum ServerState {
  listening = 0,
  synReceived = 1,
  established = 2,
  /** Has sent FIN-ACK and waits for the last ACK. */
  lastAck = 3,
}

/** Broken connections that are listed one by one; the others are only counted. */
export const BROKEN_LISTED_MAX = 1000;
/**
 * One of them, little-endian: when it broke and when its SYN was to be sent, picoseconds i64 each; addresses of client and server u32; their
 * ports u16; fNIC u16; states u8, the client's in the lower half; 1 for a reset, 0 for a time-out, u8.
 */
export const BROKEN_RECORD_BYTES = 32;

/** Counters of one outage, i64 each, in this order: connections by the outage in which they lost the packet that they waited for. */
export enum LossCounter {
  /** Had to send a packet again. */
  stalled = 0,
  /** Of these, the ones that completed. */
  recovered = 1,
  /** Broke, whether or not they sent again. */
  broken = 2,
  /** Of these, the ones that had sent a packet again. */
  brokenOfStalled = 3,
}

export const LOSS_COUNTER_COUNT = 4;
/** Before the first event, and after each; what is lost after more events than that counts for the last one. */
export const WATCHED_OUTAGE_COUNT = 1025;

/** Counters of background flows, u64 each, in this order. */
export enum BackgroundCounter {
  sent = 0,
  delivered = 1,
  /** Flows whose first packet was due. */
  learning = 2,
  /** Flows whose handshake was completed, or whose first datagram came through. */
  learned = 3,
  /** Packets of flows learned before that were due. */
  refreshes = 4,
  /** Of those, what came through. */
  refreshed = 5,
  /** Packets that were due and found no free packet: the trial is invalid then. */
  unsent = 6,
  /** Delivered packets that are none of these flows', or say so of themselves wrongly. */
  unexpected = 7,
}

export const BACKGROUND_COUNTER_COUNT = 8;

export enum Encapsulation {
  vxlan = 0,
  nvgre = 1,
}

export enum Arrivals {
  constant = 0,
  poisson = 1,
}

/** Bits of a TCP initial sequence number that name the connection record; two lower bits count SYN and FIN. */
export const CONNECTION_BITS = 24;
export const CONNECTION_COUNT_MAX = 16777216;
export const CONNECTION_BYTES = 64;
/** Ports of a TCP generator. */
export const TCP_PORT_COUNT_MAX = 8;
export const RETRANSMISSION_COUNT_MAX = 12;

/** Phases of a UDP generator; each has counters and histograms of its own. */
export enum UdpPhase {
  /** Every flow's first packet, from which the target learns it. */
  warmup = 0,
  /** The load that is measured. */
  counted = 1,
}

export const UDP_PHASE_COUNT = 2;

/** Counters of one phase of a UDP generator, u64 each, in this order. */
export enum UdpCounter {
  sent = 0,
  /** Bytes of the frames that were sent, without FCS. */
  sentBytes = 1,
  /** Sent by servers to clients. */
  sentByServers = 2,
  /** Packets that were due and found no free packet, or came too late for a run that was late: the trial is invalid then. */
  unsent = 3,
  delivered = 4,
  deliveredBytes = 5,
  /** Delivered packets that are none of the generator's own, or say so of themselves wrongly. */
  unexpected = 6,
}

export const UDP_COUNTER_COUNT = 8;

/** 64M flows, and up to the next power of two. */
export const UDP_FLOW_COUNT_MAX = 67108864;
export const UDP_PORT_COUNT_MAX = 8;
export const UDP_GENOME_LENGTH_MAX = 256;

/**
 * The first bytes of a datagram's payload, little-endian: intended send time in picoseconds i64, flow u32, number of the packet
 * within its flow u32, mark u16 (UDP_STAMP_MARK and the phase). The smallest frame, 64 B, has a payload of 22.
 */
export const UDP_STAMP_BYTES = 18;
export const UDP_STAMP_MARK = 21250; // 0x5302
