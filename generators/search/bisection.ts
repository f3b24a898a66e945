import { LoadBook } from './load-book.js';
import { checkLoadRange, type LoadRange, roundLoad } from './load-grid.js';
import { type RunOptions, runTrials, type TrialPlan } from './run-trials.js';
import type { SearchGoal } from './search-goal.js';
import { goalResult, type SearchOutcome, searchOutcome } from './search-outcome.js';
import type { MeasuredTrial } from './trial.js';

/** A goal made by `searchGoal` will do; each load is judged by one trial of `finalTrialSeconds`. */
export type BisectionGoal<T extends MeasuredTrial> = Pick<
  SearchGoal<T>,
  'name' | 'lossRatio' | 'finalTrialSeconds' | 'relativeWidth' | 'passes'
>;

export interface BisectionOptions<T extends MeasuredTrial> extends LoadRange, Omit<RunOptions<T>, 'warmup'> {
  goal: BisectionGoal<T>;
  /** Duration of a first trial at the greatest load, which is discarded; none unless told. */
  warmupSeconds?: number;
}

/**
 * Throughput by RFC 2544 section 26.1, searched for as is custom (ETSI TST 009 section 12.3.2): the greatest load is tried, then the
 * least, then the arithmetic mean of the bounds, until (upper - lower) / upper is at most the goal's width. One goal at a
 * time. Means have 12 significant digits; integer loads are rounded down, and neighbours are near enough.
 *
 * @throws SiriusError (usage) for wrong limits; whatever `measure` throws.
 */
export async function bisection<T extends MeasuredTrial>(
  options: BisectionOptions<T>,
): Promise<SearchOutcome<T>> {
  const { goal, minLoad, maxLoad, integerLoads = false, warmupSeconds = 0 } = options;
  checkLoadRange(options);
  const book = new LoadBook<T>([goal]);
  const isNarrow = (lower: number, upper: number): boolean =>
    upper - lower <= goal.relativeWidth * upper || (integerLoads && upper - lower <= 1);
  const run = await runTrials(bisectionPlan({ ...options, book, isNarrow }), {
    ...options,
    warmup: warmupSeconds > 0 ? { load: maxLoad, durationSeconds: warmupSeconds } : undefined,
  });
  // One trial decides on a load, whatever its effective duration.
  const target = {
    goalNumber: 0,
    exceedRatio: 0,
    trialSeconds: goal.finalTrialSeconds,
    durationSumSeconds: 0,
  };
  const result = goalResult({ goal, target, book, loadAt: (load) => load, minLoad, maxLoad, isNarrow });
  return searchOutcome('bisection', [result], run);
}

interface PlanOptions<T extends MeasuredTrial> extends BisectionOptions<T> {
  book: LoadBook<T>;
  isNarrow: (lower: number, upper: number) => boolean;
}

function* bisectionPlan<T extends MeasuredTrial>(options: PlanOptions<T>): TrialPlan<T> {
  const { minLoad, maxLoad, integerLoads, isNarrow } = options;
  if (yield* passesAt(maxLoad, options)) return;
  if (!(yield* passesAt(minLoad, options))) return;
  let lower = minLoad;
  let upper = maxLoad;
  while (!isNarrow(lower, upper)) {
    const mean = roundLoad(lower + (upper - lower) / 2);
    const load = integerLoads ? Math.floor(mean) : mean;
    if (yield* passesAt(load, options)) lower = load;
    else upper = load;
  }
}

function* passesAt<T extends MeasuredTrial>(
  load: number,
  { goal, book }: PlanOptions<T>,
): Generator<{ load: number; durationSeconds: number }, boolean, T> {
  const durationSeconds = goal.finalTrialSeconds;
  const result = yield { load, durationSeconds };
  book.add({ position: load, durationSeconds, result });
  return result.lossRatio <= goal.lossRatio && goal.passes?.(result) !== false;
}
