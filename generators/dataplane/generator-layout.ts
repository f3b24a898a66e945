// What the generator's two sides agree on. Compiled by asc and by tsc: constants and enums only.

/** Counters of a generator, u64 each, in this order. */
export enum GeneratorCounter {
  attempted = 0,
  /** Connections or packets that the generator could not offer (no connection record, no packet): the trial is invalid then. */
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
}

export const GENERATOR_COUNTER_COUNT = 16;

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
export const FNIC_COUNT_MAX = 1024;
export const RETRANSMISSION_COUNT_MAX = 12;
