import { median } from '../../core/median.js';
import type { Latencies, LatencySummary, Result } from '../../results/result.js';

/** What `latency` tells of, in the order in which it does. */
export const LATENCY_NAMES = ['cardTransit', 'synToSynAck', 'pingPong'] as const;
export type StepLatency = (typeof LATENCY_NAMES)[number];

/**
 * One latency at one load, over the trials of all seeds: percentiles, mean and jitter are medians of the trials' own, `minNs` is the
 * least and `maxNs` the greatest of all. A percentile is null when a trial has too few values for one of them to lie beyond it.
 */
export interface LatencyFigures {
  /** Values of the trial that has fewest. */
  count: number;
  minNs: number;
  meanNs: number;
  p50Ns: number | null;
  p90Ns: number | null;
  p99Ns: number | null;
  p999Ns: number | null;
  p9999Ns: number | null;
  maxNs: number;
  /** p99.9 less the least: the 99.9th percentile of the packet delay variation of RFC 5481 (section 4.2, PDV). */
  jitterNs: number | null;
}

/** One load: all trials of it. */
export interface LatencyStep {
  packetBytes: number;
  offeredCps: number;
  /** Median over the trials. */
  achievedCps: number;
  sentPackets: number;
  droppedPackets: number;
  /** Invalid when a trial is: then there are no figures. */
  verdict: Result['verdict'];
  invalidReasons: string[];
  /** Those that the target has. */
  latencies: Partial<Record<StepLatency, LatencyFigures>>;
  runs: string[];
}

type Percentile = 'p50' | 'p90' | 'p99' | 'p999' | 'p9999';

/** Values of which one lies beyond the percentile. */
const LEAST_COUNT: Record<Percentile, number> = { p50: 2, p90: 10, p99: 100, p999: 1000, p9999: 10_000 };

/** The trials of one load, one per seed, as what a reader is told of it. */
export function latencyStep(results: readonly Result[], packetBytes: number): LatencyStep {
  const reasons = [...new Set(results.flatMap(({ invalidReasons }) => invalidReasons))];
  const isValid = results.every(({ verdict }) => verdict === 'valid');
  const total = (value: (result: Result) => number) =>
    results.reduce((sum, result) => sum + value(result), 0);
  return {
    packetBytes,
    offeredCps: results[0]?.input.rateCps ?? Number.NaN,
    achievedCps: median(results.map(({ measured }) => measured.achieved.cps)),
    sentPackets: total(({ measured }) => measured.packets.sent),
    droppedPackets: total(({ measured }) => measured.packets.dropped.total),
    verdict: isValid ? 'valid' : 'invalid',
    invalidReasons: reasons,
    latencies: isValid ? latenciesOf(results.map(({ measured }) => measured.latencyNs)) : {},
    runs: results.map(({ id }) => id),
  };
}

/** A percentile, if a value lies beyond it. */
export function resolvedNs(summary: LatencySummary, percentile: Percentile): number | null {
  return summary.count >= LEAST_COUNT[percentile] ? summary[percentile] : null;
}

function latenciesOf(trials: readonly Latencies[]): LatencyStep['latencies'] {
  return Object.fromEntries(
    LATENCY_NAMES.map((name) => [name, trials.map((trial) => trial[name])] as const)
      .filter(([, summaries]) => summaries.length > 0 && summaries.every(({ count }) => count > 0))
      .map(([name, summaries]) => [name, figuresOf(summaries)]),
  );
}

function figuresOf(summaries: readonly LatencySummary[]): LatencyFigures {
  const medianOf = (value: (summary: LatencySummary) => number | null) => {
    const values = summaries.map(value).filter((one) => one !== null);
    return values.length === summaries.length ? median(values) : null;
  };
  const percentile = (name: Percentile) => medianOf((summary) => resolvedNs(summary, name));
  return {
    count: Math.min(...summaries.map(({ count }) => count)),
    minNs: Math.min(...summaries.map(({ min }) => min)),
    meanNs: median(summaries.map(({ mean }) => mean)),
    p50Ns: percentile('p50'),
    p90Ns: percentile('p90'),
    p99Ns: percentile('p99'),
    p999Ns: percentile('p999'),
    p9999Ns: percentile('p9999'),
    maxNs: Math.max(...summaries.map(({ max }) => max)),
    jitterNs: medianOf((summary) => {
      const p999 = resolvedNs(summary, 'p999');
      return p999 === null ? null : p999 - summary.min;
    }),
  };
}
