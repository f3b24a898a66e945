import assert from 'node:assert';
import { type InvalidTrial, isInvalid, type KeptTrial, type Measure, type MeasuredTrial } from './trial.js';

/** The next trial of a search. */
export interface TrialInput {
  load: number;
  durationSeconds: number;
}

/** A search algorithm: it yields the trials that it needs, is given their results, and returns when it is done. */
export type TrialPlan<T extends MeasuredTrial> = Generator<TrialInput, void, T>;

/** Why a search ended before its goals were reached. */
export interface SearchStop {
  reason: 'invalid-trials' | 'trials-max' | 'interrupted';
  /** One sentence. */
  message: string;
  /** What to do. */
  hint: string;
  /** Where it stopped. */
  load: number;
}

export interface RunOptions<T extends MeasuredTrial> {
  measure: Measure<T>;
  /** A discarded first trial. */
  warmup?: TrialInput | undefined;
  /** Most trials of all kinds; 1000 unless told. */
  trialsMax?: number;
  /** Invalid trials of one load after which the search stops; 3 unless told. */
  invalidTrialsMax?: number;
  /** Stops the search before its next trial. */
  signal?: AbortSignal;
}

export interface TrialRun<T extends MeasuredTrial> {
  /** Every trial, in order. */
  trials: KeptTrial<T>[];
  stopped?: SearchStop;
}

const TRIALS_MAX = 1000;
const INVALID_TRIALS_MAX = 3;

/** Performs the trials of a plan, one after the other. An invalid trial is repeated, and the plan never hears of it. */
export async function runTrials<T extends MeasuredTrial>(
  plan: TrialPlan<T>,
  options: RunOptions<T>,
): Promise<TrialRun<T>> {
  const { measure, warmup, invalidTrialsMax = INVALID_TRIALS_MAX } = options;
  const trials: KeptTrial<T>[] = [];
  const invalidAt = new Map<number, number>();

  const keep = async (input: TrialInput, use: 'warm-up' | 'search'): Promise<T | InvalidTrial> => {
    const trialNumber = trials.length;
    const result = await measure(input.load, input.durationSeconds, trialNumber);
    const kept = use === 'search' && isInvalid(result) ? 'invalid' : use;
    if (!isInvalid(result)) assertSane(result);
    trials.push({ trialNumber, ...input, use: kept, result });
    return result;
  };

  if (warmup !== undefined && options.signal?.aborted !== true) await keep(warmup, 'warm-up');
  let next = plan.next();
  while (!next.done) {
    const input = next.value;
    const stopped = stopBefore(input, trials.length, options);
    if (stopped !== undefined) return { trials, stopped };
    const result = await keep(input, 'search');
    if (!isInvalid(result)) {
      next = plan.next(result);
      continue;
    }
    const count = (invalidAt.get(input.load) ?? 0) + 1;
    invalidAt.set(input.load, count);
    // An interrupted trial is invalid too; then the interruption is the reason.
    if (count >= invalidTrialsMax && options.signal?.aborted !== true) {
      return { trials, stopped: invalidStop(input.load, count, result.invalid) };
    }
  }
  return { trials };
}

function stopBefore<T extends MeasuredTrial>(
  { load }: TrialInput,
  trialCount: number,
  { signal, trialsMax = TRIALS_MAX }: RunOptions<T>,
): SearchStop | undefined {
  if (signal?.aborted) {
    return {
      reason: 'interrupted',
      message: `The search was interrupted after ${trialCount} trials, before one at a load of ${load}.`,
      hint: 'Run it again: its trials can be given their stored results.',
      load,
    };
  }
  if (trialCount < trialsMax) return undefined;
  return {
    reason: 'trials-max',
    message: `The search did not end within ${trialsMax} trials; the next one would be at a load of ${load}.`,
    hint: 'Wider goals, a shorter duration sum or a narrower range of loads need fewer trials.',
    load,
  };
}

function invalidStop(load: number, count: number, reason: string): SearchStop {
  return {
    reason: 'invalid-trials',
    message: `${count} trials at a load of ${load} were invalid, which says nothing of the target; the last one: ${reason}`,
    hint: 'Search below this load if it could not be offered; otherwise remove the reason.',
    load,
  };
}

function assertSane({ lossRatio, effectiveSeconds = 1 }: MeasuredTrial): void {
  assert(lossRatio >= 0 && lossRatio <= 1, `a loss ratio is 0 to 1, got ${lossRatio}`);
  assert(
    effectiveSeconds > 0 && Number.isFinite(effectiveSeconds),
    `a duration is positive, got ${effectiveSeconds}`,
  );
}
