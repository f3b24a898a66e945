import { readFileSync } from 'node:fs';
import { packagePath } from '../core/package-path.js';
import { validateValue } from '../core/schema.js';

/**
 * One run's result: what `--json` prints, what the store keeps, what the summary and the charts are drawn from.
 * `schemas/result.schema.json` is the published description of exactly this shape; `result.test.ts` holds the two together.
 */
export interface Result {
  schema: typeof RESULT_SCHEMA;
  /** `20261122T213000Z-cps-3f9a1c`: sorts by time. */
  id: string;
  /** The command that ran: `cps`. */
  kind: string;
  /** About the trial, never about the target: invalid when the load could not be offered or the books do not balance. */
  verdict: 'valid' | 'invalid';
  /** Empty exactly when the verdict is valid. */
  invalidReasons: string[];
  /** Ended before its planned duration (Ctrl-C); what was measured until then is kept. */
  interrupted: boolean;
  /** sha256 (hex) over everything that decides what is measured: runs of one program version with the same hash are the same experiment. */
  inputHash: string;
  input: ResultInput;
  measured: Measured;
  host: Host;
}

export const RESULT_SCHEMA = 'sirius-bench.result/1';

export type ResultClock = 'virtual' | 'wall';

/** Every input after defaults. The named keys are read here; any other is echoed as it is. */
export interface ResultInput {
  clock: ResultClock;
  seed: number;
  target: string;
  profile?: string;
  durationNs?: number;
  rateCps?: number;
  ratePps?: number;
  powerWatts?: number;
  [name: string]: unknown;
}

/** Everything here is deterministic under the virtual clock. */
export interface Measured {
  durationNs: number;
  /** `cps` as scheduled; `pps` and `bps` as sent: a connection's later packets follow the answers to its first ones. */
  offered: Rates;
  achieved: Rates;
  connections: ConnectionLedger;
  packets: PacketLedger;
  latencyNs: Latencies;
  generator: GeneratorHealth;
  flowTable: FlowTableUse;
  /** What came before the measurement: only where flows are learned first. Not part of the other figures. */
  warmup?: Warmup;
  /** Flows that lived beside the connections, from before the measurement to its end: only where there were any. */
  background?: Background;
  /** What became of the flow tables after the measurement: only where it was waited for. */
  ageing?: Ageing;
  series: Series;
  /** Present in a trial with faults, one entry per event. */
  faults?: FaultOutcome[];
  /** What the ends of connections noticed: in a trial with faults. */
  endpoints?: EndpointNotes;
  /** How cards kept copies of their flows' state: in a trial with faults. */
  copies?: CopyNotes;
  /** sha256 (hex) of the canonical JSON (RFC 8785) of `measured` without this field. */
  hash: string;
}

/** Means over the duration. `bps` counts the bits on the wire. */
export interface Rates {
  cps: number;
  pps: number;
  bps: number;
}

/** `attempted = completed + broken.total + open` and `broken.total = reset + timeout`. */
export interface ConnectionLedger {
  attempted: number;
  established: number;
  completed: number;
  open: number;
  /** `unanswered`: of the total, those whose clients never had a SYN-ACK. Absent where none broke, and in older results. */
  broken: { reset: number; timeout: number; total: number; unanswered?: number };
  retransmitted: { syn: number; fin: number };
}

/** `sent = delivered + dropped.total + inFlight` and `dropped.total` is the sum of `byReason`. */
export interface PacketLedger {
  sent: number;
  delivered: number;
  /** Of the delivered, those of no connection under way: late duplicates, mostly. */
  unexpected: number;
  inFlight: number;
  /** `dropped.total / sent`, 0 when nothing was sent. */
  lossRatio: number;
  dropped: { total: number; atCards: number; byReason: Record<string, number> };
}

/** Nanoseconds from the intended send time; every value is rounded down to a whole one. All zero when `count` is zero. */
export interface LatencySummary {
  count: number;
  min: number;
  mean: number;
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  p9999: number;
  max: number;
  /** The whole histogram: HdrHistogram V2 compressed, base64. */
  hdr: string;
}

export interface Latencies {
  synToSynAck: LatencySummary;
  /** Time a state change spends between the two cards. */
  pingPong: LatencySummary;
  /** Time through one card. */
  cardTransit: LatencySummary;
  /** One way, from sender to receiver: only where datagrams are offered. */
  portToPort?: LatencySummary;
}

export type LatencyName = keyof Latencies;

/** How late the generator was against its own schedule, and what it never sent; anything unsent makes a trial invalid. */
export interface GeneratorHealth {
  scheduleLagNs: LatencySummary;
  /** Connections that were due and were never started: part of the offered load. */
  unsent: number;
  /** Packets that found no free packet; none of them is in `packets.sent`. */
  unsentPackets: number;
}

/** Flow records. */
export interface FlowTableUse {
  capacity: number;
  highWater: number;
  atEnd: number;
}

/** Flows whose first packets were sent before the measurement, and what became of them. */
export interface Warmup {
  flows: number;
  /** Flows whose first packet came back. */
  learned: number;
  ratePps: number;
  durationNs: number;
  dropped: { total: number; byReason: Record<string, number> };
}

/** Flows that are learned before the measurement and refreshed in both directions beside it. */
export interface Background {
  tcpFlows: number;
  udpFlows: number;
  refreshNs: number;
  /** Flows learned: a whole handshake, or a first datagram that came through; and how long that took. */
  learned: number;
  learningNs: number;
  /** Of the whole run; they are part of `packets` as well. With nothing in flight, what was not delivered was dropped. */
  packets: { sent: number; delivered: number; unexpected: number };
  /** Packets that were due and found no free packet. */
  unsent: number;
  /** Flows that the cards still held as open when the last connection had ended. */
  aliveAtEnd: number;
}

/** The flow tables once nothing is sent any more. */
export interface Ageing {
  /** From the last packet that was offered. */
  waitedNs: number;
  /** When the last record was gone; absent when some were left. */
  emptyAfterNs?: number;
  /** The longest idle time of the cards' flows, in the model. */
  idleNs: number;
  cards: { name: string; highWater: number; atEnd: number }[];
}

/** The run over time: element i counts within [i * intervalNs, (i + 1) * intervalNs). All arrays have one length. */
export interface Series {
  intervalNs: number;
  offeredConnections: number[];
  completedConnections: number[];
  lostPackets: number[];
  sentPackets: number[];
  /** Only where datagrams are offered. */
  deliveredPackets?: number[];
}

/** One fault or planned change, and what came of it. Packets lost are those until the next one or the end of the run. */
export interface FaultOutcome {
  /** `cut`, `join`, `switchOver`. */
  kind: string;
  /** Cables or a card. */
  place: string;
  atNs: number;
  /** Derived from loss: packets lost in the outage over packets offered per second (RFC 6413, packet-loss-based convergence). */
  recoveryNs: number;
  /**
   * Observed: from the first to the last packet of the burst, without 50 ms of quiet, in which most are lost. What is lost besides, as when the
   * time-outs of many connections end together, or what a policy denies, is in `packetsLost` and no outage.
   */
  outageNs: number;
  /** The run ended before 50 ms of quiet: outage and recovery are at least what they are. */
  outageMayGoOn?: true;
  packetsLost: FaultLosses;
  /**
   * Connections: under way when the event came; broken; made to wait for a retransmission; and of those, completed all the same. They count for
   * the event after which they lost the packet that they waited for, whenever in the run they sent it again, broke or completed. A connection can
   * break without having waited; `brokenOfStalled`, absent in older results, are those that broke and had.
   */
  flows: { underWay: number; broken: number; brokenOfStalled?: number; stalled: number; recovered: number };
  timeline: FaultTimeline;
}

/** What clients and servers saw of a network with faults, over the whole run. */
export interface EndpointNotes {
  /** From when a packet that had to be sent again was first sent to its answer, one value for each that had one. */
  stallNs: LatencySummary;
  /** Delivered packets that their senders had sent before. */
  repeatedPackets: number;
  /** Delivered packets that were sent once and came before: the network's own duplicates. */
  duplicatedPackets: number;
  /** Delivered packets, sent once, that came after a later one of their sender and connection. */
  reorderedPackets: number;
  /** Broken connections of each fNIC. */
  brokenByFnic: number[];
  /** The first thousand of them, in order of breaking. */
  broken: BrokenConnection[];
}

export interface BrokenConnection {
  atNs: number;
  /** When its SYN was to be sent. */
  startedNs: number;
  fnic: number;
  /** `10.0.0.1:1024`. */
  client: string;
  server: string;
  /** How far each end had come: `finSent`, `lastAck`. */
  clientState: string;
  serverState: string;
  cause: 'reset' | 'timeout';
}

/** Packets lost from the event until the next one, or the end. */
export interface FaultLosses {
  total: number;
  /** Of the total, within `outageNs`: what `recoveryNs` is derived from. Absent in older results, where that was the total. */
  inOutage?: number;
  /** Of the total, lost by a card. As in Table 6, these are also what it could not send because the link to its next hop was down: a link's sender loses it. */
  atCards: number;
  byPlace: FaultLoss[];
}

export interface FaultLoss {
  /** A node, or a link by its ends, the sender first: `card2-tor2`. */
  place: string;
  reason: string;
  count: number;
}

/** Packets by bin around the event; all arrays have one length. */
export interface FaultTimeline {
  /** Against the event: negative. */
  startNs: number;
  binNs: number;
  sentPackets: number[];
  deliveredPackets: number[];
  lostPackets: number[];
}

/** The machine the run happened on; differs between runs with equal `measured`. */
export interface Host {
  wallTimeNs: number;
  simulatedPacketsPerSecond: number;
  peakRssBytes: number;
  cpu: string;
  node: string;
  /** That the program was built from, with `-dirty` where files differed from it; empty when it was built outside a checkout. */
  commit: string;
  /** sha256 (hex) over the built program: equal programs measure the same. Absent in older results. */
  build?: string;
  version: string;
}

export type Provenance = 'virtual' | 'measured';

/** Where the run's figures come from: simulated time (`virtual`) or a real clock (`measured`). */
export function provenanceOf(result: Pick<Result, 'input'>): Provenance {
  return result.input.clock === 'virtual' ? 'virtual' : 'measured';
}

/**
 * Checks a value that comes from outside (a file) against the published schema.
 * @throws SiriusError (usage) naming `where`, the wrong key, what was expected and what was got.
 */
export function parseResult(value: unknown, where: string): Result {
  return validateValue<Result>(resultSchema(), value, where);
}

let schemaOnce: object | undefined;

/** The published JSON Schema, read once. */
export function resultSchema(): object {
  schemaOnce ??= JSON.parse(
    readFileSync(packagePath('results', 'schemas', 'result.schema.json'), 'utf8'),
  ) as object;
  return schemaOnce;
}

/** How long there was one copy of some state only, and how second ones were made (section 3.2). */
export interface CopyNotes {
  /** Time in which some fNIC's flows had one copy only. */
  oneCopyNs: number;
  /** Time in which the controller had fewer cards to give fNICs to than there are: the sum of the spans in `allocatable`. */
  fewerCardsNs: number;
  /** How many cards the controller gives fNICs to, whenever that changes; all of them before. */
  allocatable: { atNs: number; cards: number }[];
  /** Bulk synchronisations, in order of time. */
  bulk: BulkCopy[];
  /** All that cards told one another beside pings and pongs. */
  exchange: {
    batches: number;
    /** Of these, sent again. */
    batchesAgain: number;
    bytes: number;
    /** Flows of which a card with copies was told that they are over. */
    forgets: number;
    /** Records that found no room in the other card's table. */
    refused: number;
  };
}

/** One bulk synchronisation: a checkpoint and the copy of it. */
export interface BulkCopy {
  /** `card1`. */
  from: string;
  to: string;
  fnicCount: number;
  beganNs: number;
  /** From the checkpoint to the last acknowledgement, seen to the ms; absent when it did not come to an end. */
  tookNs?: number;
  records: number;
  bytes: number;
}
