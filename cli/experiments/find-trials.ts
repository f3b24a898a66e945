import type { InvalidTrial, Measure, MeasuredTrial } from '../../generators/search/trial.js';
import type { LatencySummary, Result } from '../../results/result.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import type { Percentile } from './find-goals.js';
import type { FindKind, Judgement } from './find-kind.js';
import type { FindLoad, FindSubject } from './find-options.js';

/** What a search knows of one trial. */
export interface FindTrial extends MeasuredTrial {
  latencyNs: Pick<LatencySummary, Percentile | 'count'>;
}

/** A trial as the search keeps it; the whole of it is the stored run. */
export interface KeptFindTrial extends FindLoad {
  runId: string;
  /** What the goals look at: the greatest of `losses`. */
  lossRatio: number;
  /** Each way in which something can be lost, as a share of one. */
  losses: Record<string, number>;
  /** The reason for which most packets were dropped. */
  dropReason?: string;
  latencyNs: FindTrial['latencyNs'];
  /** Not empty: the trial says nothing of the target, and the search did not use it. */
  invalidReasons: string[];
}

export interface FindMeasureOptions {
  pool: Pick<TrialPool, 'run'>;
  kind: FindKind;
  subject: FindSubject;
  seed: number;
  /** Of the trials that decide. */
  finalNs: number;
  /** Told of each trial before it runs. */
  onStart(load: number, durationNs: number): void;
  /** Told of each trial when it ended. */
  onEnd(trial: KeptFindTrial): void;
}

/**
 * Performs the trials of one search in a pool and keeps them in order. A load is tried with the search's seed whatever came
 * before, so that equal trials of several searches are one; only when a load is tried again for as long does it take the next
 * seed, as the same one would measure the same.
 */
export function createFindMeasure(options: FindMeasureOptions): {
  measure: Measure<FindTrial>;
  trials: KeptFindTrial[];
} {
  const { pool, kind, subject, onStart, onEnd } = options;
  const trials: KeptFindTrial[] = [];
  const measure = async (load: number, durationSeconds: number): Promise<FindTrial | InvalidTrial> => {
    const durationNs = Math.round(durationSeconds * 1e9);
    const repeats = trials.filter((trial) => trial.load === load && trial.durationNs === durationNs);
    const inputs = { load, durationNs, seed: seedAfter(options.seed, repeats.length) };
    onStart(load, durationNs);
    const result = await pool.run(subject.specOf(inputs));
    const trial = keptTrial(result, inputs, kind.judge(result, durationNs >= options.finalNs));
    trials.push(trial);
    onEnd(trial);
    if (trial.invalidReasons.length > 0) {
      return { invalid: `${trial.invalidReasons.join('; ')} (run ${trial.runId})` };
    }
    return { lossRatio: trial.lossRatio, latencyNs: trial.latencyNs };
  };
  return { measure, trials };
}

const NO_LATENCY = { count: 0, p50: 0, p90: 0, p99: 0, p999: 0, p9999: 0, max: 0 };

function keptTrial(
  result: Result,
  inputs: FindLoad,
  { lossRatio, losses, latency }: Judgement,
): KeptFindTrial {
  const { count, p50, p90, p99, p999, p9999, max } = latency ?? NO_LATENCY;
  const { dropped } = result.measured.packets;
  const atWarmup = result.measured.warmup?.dropped.byReason ?? {};
  const [worst] = [...Object.entries(dropped.byReason), ...Object.entries(atWarmup)].sort(
    ([, a], [, b]) => b - a,
  );
  return {
    runId: result.id,
    ...inputs,
    lossRatio,
    losses,
    ...(worst !== undefined && worst[1] > 0 ? { dropReason: worst[0] } : {}),
    latencyNs: { count, p50, p90, p99, p999, p9999, max },
    invalidReasons: result.invalidReasons,
  };
}

/** Seeds end at the greatest whole number and go on from 0. */
function seedAfter(seed: number, repeats: number): number {
  const left = Number.MAX_SAFE_INTEGER - seed;
  return repeats <= left ? seed + repeats : repeats - left - 1;
}
