import { FCS_BYTES, PREAMBLE_AND_GAP_BYTES } from '../core/dataplane/contract.js';
import { type LatencyCounts, mergeLatencyCounts, readLatencyCounts } from '../core/latency-counts.js';
import type { Testbed } from '../core/testbed.js';
import { backgroundFrameBytes } from '../generators/background.js';
import { frameBytesOf } from '../generators/tcp-generator.js';
import { summarizeLatency } from '../results/histogram.js';
import { sealMeasured } from '../results/measured-hash.js';
import type {
  ConnectionLedger,
  LatencySummary,
  Measured,
  PacketLedger,
  Rates,
  Series,
} from '../results/result.js';
import type { TrialBed } from './trial-bed.js';
import type { CpsTrialOptions } from './trial-options.js';

const NANOSECONDS_PER_SECOND = 1e9;

/** Counts between the first connection and the end of the duration, where the run has more than that. */
export interface Window {
  completed: number;
  /** Of the connections. */
  sent: number;
  delivered: number;
  /** Of the background: packets due and packets that came through. */
  backgroundDue: number;
  backgroundDelivered: number;
}

export interface MeasureOptions {
  series: Series;
  ranNs: number;
  window?: Window;
  /** Sections of their own. */
  extra?: Pick<Measured, 'background' | 'ageing' | 'faults' | 'endpoints' | 'copies'>;
}

/** Reads everything that a trial has counted in `ranNs` of its clock. */
export function measure(
  bed: TrialBed,
  options: CpsTrialOptions,
  { series, ranNs, window, extra = {} }: MeasureOptions,
): Measured {
  const { testbed, generator, target } = bed;
  const counted = generator.read();
  const within = window ?? { ...counted, backgroundDue: 0, backgroundDelivered: 0 };
  const latency = (addresses: number[]) => latencyOf(testbed, addresses);
  const packets = packetLedger(bed, counted);
  // Under the wall clock a packet takes no time within a pass: cards have nothing to measure.
  const timed = options.clock === 'wall' ? [] : target.cards;
  // A run that was ended before its first slice has no rate.
  const perSecond = (value: number) => (ranNs > 0 ? (value * NANOSECONDS_PER_SECOND) / ranNs : 0);
  const wireBits = (frameBytes: number) => 8 * (frameBytes + FCS_BYTES + PREAMBLE_AND_GAP_BYTES);
  const { background } = options;
  const backgroundBits = background && wireBits(backgroundFrameBytes(background, options.profile));
  const rates = (connections: number, packetCount: number, besideCount: number): Rates => ({
    cps: perSecond(connections),
    pps: perSecond(packetCount + besideCount),
    bps: perSecond(
      packetCount * wireBits(frameBytesOf(options.profile)) + besideCount * (backgroundBits ?? 0),
    ),
  });
  // Later packets of a connection are offered when the earlier ones were answered: the load in packets is what was sent.
  const due = counted.attempted + counted.unsent;
  return sealMeasured({
    durationNs: ranNs,
    offered: rates(due, within.sent, within.backgroundDue),
    achieved: rates(within.completed, within.delivered, within.backgroundDelivered),
    connections: connectionLedger(counted, generator.brokenUnanswered()),
    packets,
    latencyNs: {
      synToSynAck: latency([generator.synToSynAck]),
      pingPong: latency(timed.map((card) => card.pingPong)),
      cardTransit: latency(timed.map((card) => card.transit)),
    },
    generator: {
      scheduleLagNs: latency([generator.scheduleLag]),
      unsent: counted.unsent,
      unsentPackets: counted.unsentPackets,
    },
    flowTable: flowTableOf(bed),
    ...extra,
    series,
  });
}

/** What histograms of the data plane hold together. */
export function latencyOf({ dataPlane }: Testbed, addresses: readonly number[]): LatencySummary {
  const parts = addresses.map((address) => readLatencyCounts(dataPlane, address));
  return summarizeLatency(parts.length === 1 ? (parts[0] as LatencyCounts) : mergeLatencyCounts(parts));
}

/** Records of all cards together. */
export function flowTableOf({
  testbed: { exports },
  target: { cards },
}: Pick<TrialBed, 'testbed' | 'target'>): Measured['flowTable'] {
  return {
    capacity: sumOf(cards, ({ table }) => exports.flowTableCapacity(table)),
    highWater: sumOf(cards, ({ table }) => exports.flowTableHighWater(table)),
    atEnd: sumOf(cards, ({ table }) => exports.flowTableCount(table)),
  };
}

function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}

type Counted = ReturnType<TrialBed['generator']['read']>;

function connectionLedger(counted: Counted, unanswered: number): ConnectionLedger {
  const { attempted, established, completed, open, brokenReset, brokenTimeout } = counted;
  const total = brokenReset + brokenTimeout;
  return {
    attempted,
    established,
    completed,
    open,
    broken: { reset: brokenReset, timeout: brokenTimeout, total, ...(total === 0 ? {} : { unanswered }) },
    retransmitted: { syn: counted.retransmittedSyn, fin: counted.retransmittedFin },
  };
}

function packetLedger({ testbed, generator }: TrialBed, counted: Counted): PacketLedger {
  const beside = generator.background?.read() ?? { sent: 0, delivered: 0, unexpected: 0 };
  const sent = counted.sent + beside.sent;
  const delivered = counted.delivered + beside.delivered;
  const unexpected = counted.unexpected + beside.unexpected;
  const drops = testbed.drops();
  const byReason: Record<string, number> = {};
  for (const { reason, count } of drops) byReason[reason] = (byReason[reason] ?? 0) + count;
  // Counted apart from places and reasons.
  const total = Number(testbed.exports.droppedPackets());
  return {
    sent,
    delivered,
    unexpected,
    inFlight: testbed.inFlight(),
    lossRatio: sent === 0 ? 0 : total / sent,
    dropped: {
      total,
      atCards: sumOf(
        drops.filter((drop) => drop.owner === 'card'),
        (drop) => drop.count,
      ),
      byReason,
    },
  };
}
