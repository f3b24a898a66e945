import { summarizeLatency } from './histogram.js';
import { sealMeasured } from './measured-hash.js';
import { type LatencySummary, type Measured, RESULT_SCHEMA, type Result } from './result.js';
import { newRunId } from './run-id.js';

/** A believable run, 2 s at 3M CPS through a card pair, for tests of everything that reads results. Its figures are made up. */
export function exampleResult(overrides: Partial<Omit<Result, 'measured'>> = {}): Result {
  const measured = exampleMeasured();
  return {
    schema: RESULT_SCHEMA,
    id: newRunId({
      stamp: '20261122T213000Z',
      kind: 'cps',
      inputHash: INPUT_HASH,
      measuredHash: measured.hash,
    }),
    kind: 'cps',
    verdict: 'valid',
    invalidReasons: [],
    interrupted: false,
    inputHash: INPUT_HASH,
    input: {
      clock: 'virtual',
      seed: 1,
      target: 'card://pair',
      profile: 'cps',
      durationNs: 2e9,
      rateCps: 3e6,
      powerWatts: 78,
      model: 'dsc-200',
      acl: 'table4',
      replication: true,
    },
    measured,
    host: {
      wallTimeNs: 9_412_000_000,
      simulatedPacketsPerSecond: 3_825_000,
      peakRssBytes: 412_000_000,
      cpu: 'Example CPU',
      node: 'v20.19.5',
      commit: '0000000',
      version: '0.1.0',
    },
    ...overrides,
  };
}

/** Its books balance, and the series add up to the totals. */
export function exampleMeasured(): Measured {
  const lostPackets = INTERVALS.map((interval) => LOST_BY_INTERVAL[interval] ?? 0);
  const sentPackets = INTERVALS.map((_, interval) => 1_800_000 + ((interval * 37) % 50));
  const sent = sum(sentPackets);
  const dropped = sum(lostPackets);
  const inFlight = 512;
  const completedConnections = INTERVALS.map((interval) => (interval === 0 ? 299_123 : 299_999));
  const completed = sum(completedConnections);
  return sealMeasured({
    durationNs: 2e9,
    offered: { cps: 3e6, pps: 18e6, bps: 19.872e9 },
    achieved: { cps: completed / 2, pps: (sent - dropped - inFlight) / 2, bps: 19.871e9 },
    connections: {
      attempted: 6_000_000,
      established: 5_999_630,
      completed,
      open: 6_000_000 - completed - 24,
      broken: { reset: 0, timeout: 24, total: 24 },
      retransmitted: { syn: 310, fin: 96 },
    },
    packets: {
      sent,
      delivered: sent - dropped - inFlight,
      unexpected: 0,
      inFlight,
      lossRatio: dropped / sent,
      dropped: {
        total: dropped,
        atCards: dropped - 12,
        byReason: { armNewFlowQueue: dropped - 12, linkBuffer: 12 },
      },
    },
    latencyNs: {
      synToSynAck: exampleLatency({ count: 5_999_630, floorNs: 21_400, scaleNs: 3_100 }),
      pingPong: exampleLatency({ count: 17_998_000, floorNs: 8_900, scaleNs: 900 }),
      cardTransit: exampleLatency({ count: 35_999_000, floorNs: 2_360, scaleNs: 140 }),
    },
    generator: {
      scheduleLagNs: exampleLatency({ count: 6_000_000, floorNs: 0, scaleNs: 12 }),
      unsent: 0,
      unsentPackets: 0,
    },
    flowTable: { capacity: 8_388_608, highWater: 3_412, atEnd: 6_000_000 - completed - 24 },
    series: {
      intervalNs: 100e6,
      offeredConnections: INTERVALS.map(() => 300_000),
      completedConnections,
      lostPackets,
      sentPackets,
    },
  });
}

/** A latency with a floor and an exponential tail that thickens past p99.9, as a queue near its limit has. */
export function exampleLatency({ count, floorNs, scaleNs }: ExampleLatency): LatencySummary {
  const counts: [valueNs: number, count: number][] = [];
  let left = count;
  let above = 1;
  while (left > 0) {
    const tail = -Math.log2(above);
    const valueNs = Math.round(floorNs + scaleNs * tail + scaleNs * Math.max(0, tail - 10) ** 2);
    const taken = Math.min(left, Math.max(1, Math.round(left * 0.02)));
    counts.push([valueNs, taken]);
    left -= taken;
    above = left / count;
  }
  return summarizeLatency({
    counts,
    count,
    min: counts[0]?.[0] ?? 0,
    max: counts.at(-1)?.[0] ?? 0,
    sum: counts.reduce((before, [valueNs, taken]) => before + valueNs * taken, 0),
  });
}

interface ExampleLatency {
  count: number;
  floorNs: number;
  scaleNs: number;
}

const INPUT_HASH = '5'.repeat(64);
const INTERVALS = Array.from({ length: 20 }, (_, interval) => interval);
const LOST_BY_INTERVAL: Record<number, number> = { 4: 38, 5: 91, 6: 17, 13: 260, 14: 24 };

function sum(values: number[]): number {
  return values.reduce((before, value) => before + value, 0);
}

/** The series of a run whose open connections at the end of each interval are these. */
export function seriesOf(open: readonly number[], rate = 30_000): Pick<Measured, 'series'> {
  const none = open.map(() => 0);
  return {
    series: {
      intervalNs: 10e6,
      offeredConnections: open.map(() => rate),
      completedConnections: open.map((count, at) => rate - count + (open[at - 1] ?? 0)),
      lostPackets: none,
      sentPackets: open.map(() => 6 * rate),
    },
  };
}

/** The series of a run that loses this share of its packets from first to last. */
export function lossySeries(lossRatio: number): Pick<Measured, 'series'> {
  const { series } = seriesOf(Array.from({ length: 10 }, () => 0));
  const sent = 180_000;
  return {
    series: {
      ...series,
      sentPackets: series.offeredConnections.map(() => sent),
      lostPackets: series.offeredConnections.map(() => sent * lossRatio),
      completedConnections: series.offeredConnections.map((offered) => offered - sent * lossRatio),
    },
  };
}
