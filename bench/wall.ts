import { runCpsTrial } from '../cli/trial.js';
import type { Reading } from './figure.js';
import { cpsOptions } from './flags.js';

export interface WallOptions {
  /** Of each trial, on the machine's clock. */
  durationMs: number;
  firstCps: number;
  highestCps: number;
  /** The search ends when its bounds are this close. */
  boundsRatioMax: number;
  acl: 'table4' | 'none';
}

export const WALL_SIZE: WallOptions = {
  durationMs: 1000,
  firstCps: 100_000,
  highestCps: 12_800_000,
  boundsRatioMax: 1.02,
  acl: 'table4',
};

export const WALL_SMOKE: WallOptions = {
  durationMs: 20,
  firstCps: 1_000,
  highestCps: 2_000,
  boundsRatioMax: 2,
  acl: 'none',
};

const LOSS_RATIO_MAX = 1e-3;
/** A busy machine can only make a trial fail, never pass: so a failure counts when it comes again. */
const TRIES = 2;

export interface Bounds {
  /** The highest rate that passed; 0 when none did. */
  lower: number;
  /** The lowest rate that failed; infinite when none did. */
  upper: number;
}

export interface SearchOptions {
  first: number;
  highest: number;
  boundsRatioMax: number;
}

/** The most CPS under `--clock wall` with a loss ratio of at most 1e-3 and a valid verdict, one thread, between two bounds. */
export async function benchWall({
  durationMs,
  firstCps,
  highestCps,
  boundsRatioMax,
  acl,
}: WallOptions): Promise<Reading> {
  const passes = async (rateCps: number) => {
    for (let tried = 0; tried < TRIES; tried++)
      if (await trialPasses({ rateCps, durationMs, acl })) return true;
    return false;
  };
  const { lower, upper } = await bisect({ first: firstCps, highest: highestCps, boundsRatioMax }, passes);
  return {
    figures: [
      { name: 'highest that passed', unit: 'cps', value: lower },
      ...(Number.isFinite(upper) ? [{ name: 'lowest that failed', unit: 'cps' as const, value: upper }] : []),
    ],
    deterministic: {},
  };
}

/**
 * Doubles from `first` until a value fails or `highest` has passed, then halves the gap (in ratio) until upper / lower is at most
 * `boundsRatioMax`. When `first` itself fails, lower is 0.
 */
export async function bisect(
  { first, highest, boundsRatioMax }: SearchOptions,
  passes: (value: number) => Promise<boolean>,
): Promise<Bounds> {
  let lower = 0;
  let upper = Number.POSITIVE_INFINITY;
  for (let value = first; upper === Number.POSITIVE_INFINITY && value <= highest; value *= 2) {
    if (await passes(value)) lower = value;
    else upper = value;
  }
  while (lower > 0 && Number.isFinite(upper) && upper / lower > boundsRatioMax) {
    const middle = Math.round(Math.sqrt(lower * upper));
    if (middle === lower || middle === upper) break;
    if (await passes(middle)) lower = middle;
    else upper = middle;
  }
  return { lower, upper };
}

interface TrialOptions extends Pick<WallOptions, 'durationMs' | 'acl'> {
  rateCps: number;
}

async function trialPasses({ rateCps, durationMs, acl }: TrialOptions): Promise<boolean> {
  const options = cpsOptions({ clock: 'wall', rate: String(rateCps), duration: `${durationMs}ms`, acl });
  const { result } = await runCpsTrial(options, {
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  return result.verdict === 'valid' && result.measured.packets.lossRatio <= LOSS_RATIO_MAX;
}
