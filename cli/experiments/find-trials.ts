import { formatRate } from '../../core/units.js';
import type { InvalidTrial, Measure, MeasuredTrial } from '../../generators/search/trial.js';
import type { LatencySummary, Measured, Result } from '../../results/result.js';
import type { CpsFlags } from '../cps-options.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import type { Percentile } from './find-goals.js';

/** What a search knows of one trial. */
export interface FindTrial extends MeasuredTrial {
  latencyNs: Pick<LatencySummary, Percentile | 'count'>;
}

/** A trial as the search keeps it; the whole of it is the stored run. */
export interface KeptFindTrial {
  runId: string;
  rateCps: number;
  durationNs: number;
  seed: number;
  /** What the goals look at: the greater of the two below. */
  lossRatio: number;
  /** Packets dropped of those sent. */
  packetLossRatio: number;
  /** Connections reset or timed out of those attempted; the ones still open are none of them. */
  brokenRatio: number;
  /** The reason for which most packets were dropped. */
  dropReason?: string;
  /** SYN to SYN-ACK. */
  latencyNs: FindTrial['latencyNs'];
  /** Not empty: the trial says nothing of the target, and the search did not use it. */
  invalidReasons: string[];
}

export interface FindMeasureOptions {
  pool: Pick<TrialPool, 'run'>;
  flags: Partial<CpsFlags>;
  seed: number;
  /** Told of each trial before it runs. */
  onStart(rateCps: number, durationNs: number): void;
  /** Told of each trial when it ended. */
  onEnd(trial: KeptFindTrial): void;
}

/**
 * Performs the trials of one search in a pool and keeps them in order. A rate is tried with the search's seed whatever came
 * before, so that equal trials of several searches are one; only when a rate is tried again for as long does it take the next
 * seed, as the same one would measure the same.
 */
export function createFindMeasure(options: FindMeasureOptions): {
  measure: Measure<FindTrial>;
  trials: KeptFindTrial[];
} {
  const { pool, flags, onStart, onEnd } = options;
  const trials: KeptFindTrial[] = [];
  const measure = async (rateCps: number, durationSeconds: number): Promise<FindTrial | InvalidTrial> => {
    const durationNs = Math.round(durationSeconds * 1e9);
    const repeats = trials.filter((trial) => trial.rateCps === rateCps && trial.durationNs === durationNs);
    const seed = seedAfter(options.seed, repeats.length);
    onStart(rateCps, durationNs);
    const result = await pool.run({
      command: 'cps',
      flags: { ...flags, rate: `${rateCps}`, duration: `${durationNs}ns`, seed: `${seed}` },
    });
    const trial = keptTrial(result, { rateCps, durationNs, seed });
    trials.push(trial);
    onEnd(trial);
    if (trial.invalidReasons.length > 0) {
      return { invalid: `${trial.invalidReasons.join('; ')} (run ${trial.runId})` };
    }
    return { lossRatio: trial.lossRatio, latencyNs: trial.latencyNs };
  };
  return { measure, trials };
}

/**
 * Loss of a trial: packets dropped of those sent, as the paper counts it (section 6.2), or connections broken of those
 * attempted if that is more. A connection that is open at the end is not lost: it may only be under way.
 */
export function lossOf({
  packets,
  connections,
}: Pick<Measured, 'packets' | 'connections'>): Pick<
  KeptFindTrial,
  'lossRatio' | 'packetLossRatio' | 'brokenRatio'
> {
  const { attempted, broken } = connections;
  const brokenRatio = attempted === 0 ? 0 : broken.total / attempted;
  const packetLossRatio = packets.lossRatio;
  return { lossRatio: Math.max(packetLossRatio, brokenRatio), packetLossRatio, brokenRatio };
}

/** `3.012 Mcps`: bounds are nearer to each other than three digits tell. */
export function formatCps(rateCps: number): string {
  if (rateCps < 1e6) return formatRate(rateCps, 'cps');
  return `${(rateCps / 1e6).toFixed(3)} Mcps`;
}

type TrialInputs = Pick<KeptFindTrial, 'rateCps' | 'durationNs' | 'seed'>;

function keptTrial({ id, measured, invalidReasons }: Result, inputs: TrialInputs): KeptFindTrial {
  const { count, p50, p90, p99, p999, p9999, max } = measured.latencyNs.synToSynAck;
  const [worst] = Object.entries(measured.packets.dropped.byReason).sort(([, a], [, b]) => b - a);
  return {
    runId: id,
    ...inputs,
    ...lossOf(measured),
    ...(worst !== undefined && worst[1] > 0 ? { dropReason: worst[0] } : {}),
    latencyNs: { count, p50, p90, p99, p999, p9999, max },
    invalidReasons,
  };
}

/** Seeds end at the greatest whole number and go on from 0. */
function seedAfter(seed: number, repeats: number): number {
  const left = Number.MAX_SAFE_INTEGER - seed;
  return repeats <= left ? seed + repeats : repeats - left - 1;
}
