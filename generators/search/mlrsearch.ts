import assert from 'node:assert';
import { LoadBook, type RelevantBounds } from './load-book.js';
import { type LoadGrid, type LoadRange, loadGrid } from './load-grid.js';
import { keepApart } from './load-interval.js';
import { type RunOptions, runTrials, type TrialPlan } from './run-trials.js';
import { checkGoalNames, type SearchGoal } from './search-goal.js';
import { goalResult, type SearchOutcome, searchOutcome } from './search-outcome.js';
import { type SearchTarget, searchTargets } from './search-target.js';
import { type Candidate, Selector } from './selector.js';
import type { MeasuredTrial } from './trial.js';

export interface MlrsearchOptions<T extends MeasuredTrial> extends LoadRange, Omit<RunOptions<T>, 'warmup'> {
  /** Made by `searchGoal`. Where two want equally good trials, the first one has its way. */
  goals: readonly SearchGoal<T>[];
  /** Duration of a first trial at the greatest load, which is discarded; 0 for none. As long as the next trial unless told. */
  warmupSeconds?: number;
}

/**
 * Multiple Loss Ratio search (draft-ietf-bmwg-mlrsearch-15): finds for each goal the load up to which it holds, all goals
 * in one search, as FD.io CSIT's MLRsearch 1.2 does it. Deterministic: the trials depend on nothing but the results so far.
 *
 * Throughput of RFC 2544 (trials of 60 s, no loss) of a target that forwards 3.1M, searched for from 10k to 100M within 0.5%: 7 trials
 * and 138 s if it may begin with trials of 1 s, where bisection takes 15 trials and 900 s (mlrsearch.test.ts).
 *
 * @throws SiriusError (usage) for limits and goals that cannot be searched for; whatever `measure` throws.
 */
export async function mlrsearch<T extends MeasuredTrial>(
  options: MlrsearchOptions<T>,
): Promise<SearchOutcome<T>> {
  const { goals, minLoad, maxLoad } = options;
  checkGoalNames(goals);
  const grid = loadGrid({ ...options, relativeWidths: goals.map(({ relativeWidth }) => relativeWidth) });
  const state: SearchState<T> = {
    grid,
    book: new LoadBook(goals),
    targets: goals.map((goal, goalNumber) => searchTargets(goal, { goalNumber, grid })),
  };
  const { warmupSeconds = strictest(state.targets).trialSeconds } = options;
  const run = await runTrials(mlrPlan(state, goals), {
    ...options,
    warmup: warmupSeconds > 0 ? { load: maxLoad, durationSeconds: warmupSeconds } : undefined,
  });
  const results = goals.map((goal, goalNumber) => {
    const target = state.targets[goalNumber]?.at(-1) as SearchTarget;
    return goalResult({
      goal,
      target,
      book: state.book,
      loadAt: grid.loadAt,
      minLoad,
      maxLoad,
      isNarrow: (lower, upper) => upper - lower <= target.widthSteps,
    });
  });
  return searchOutcome('mlrsearch', results, run);
}

interface SearchState<T extends MeasuredTrial> {
  grid: LoadGrid;
  book: LoadBook<T>;
  /** Of each goal, coarsest first. */
  targets: SearchTarget[][];
}

function* mlrPlan<T extends MeasuredTrial>(
  state: SearchState<T>,
  goals: readonly SearchGoal<T>[],
): TrialPlan<T> {
  const { grid, book, targets } = state;
  const initial = yield* initialTrials(state, Math.min(...goals.map(({ lossRatio }) => lossRatio)));
  const globalWidth = { widthSteps: initial.upper - initial.lower };
  const selectors = targets.map(
    (stages) => new Selector({ targets: stages, initial, globalWidth, book, maxIndex: grid.maxIndex }),
  );
  for (;;) {
    const [winner] = selectors
      .map((selector) => ({ selector, candidate: selector.nominate() }))
      .filter((entry): entry is Entry<T> => entry.candidate !== undefined)
      .sort((a, b) => comparePriority(a.candidate, b.candidate));
    if (winner === undefined) return;
    yield* trialAt(state, winner.candidate);
    globalWidth.widthSteps = winner.candidate.widthSteps;
    winner.selector.won();
  }
}

interface Entry<T extends MeasuredTrial> {
  selector: Selector<T>;
  candidate: Candidate;
}

/** Lower loads first, as their failing spares the higher ones; then longer trials, then wider intervals. */
function comparePriority(a: Candidate, b: Candidate): number {
  return a.index - b.index || b.durationSeconds - a.durationSeconds || b.widthSteps - a.widthSteps;
}

/**
 * One to three trials that tell where to begin (run_initial_trials of FD.io CSIT's MLRsearch): at the greatest load, at
 * what it forwarded there, and at what it forwards then; or a width above if that was within the loss ratio.
 */
function* initialTrials<T extends MeasuredTrial>(
  state: SearchState<T>,
  lossRatio: number,
): Generator<{ load: number; durationSeconds: number }, InitialInterval, T> {
  const { grid, targets } = state;
  const { maxIndex } = grid;
  const { trialSeconds: durationSeconds, widthSteps } = strictest(targets);
  /** The load that would lose just the goal's ratio, if whatever is offered above what was forwarded is lost. */
  const forwardedIndex = (index: number, result: T): number =>
    grid.indexBelow((grid.loadAt(index) * (1 - result.lossRatio)) / (1 - lossRatio));

  const first = yield* trialAt(state, { index: maxIndex, durationSeconds });
  const wished = forwardedIndex(maxIndex, first);
  if (wished >= maxIndex) return { lower: maxIndex, upper: maxIndex };

  const second = keepApart({ index: wished, widthSteps, lower: undefined, upper: maxIndex, maxIndex });
  assert(second !== undefined, 'below the greatest load there is room, if only at the least load');
  const result = yield* trialAt(state, { index: second, durationSeconds });
  const third =
    result.lossRatio > lossRatio
      ? keepApart({
          index: forwardedIndex(second, result),
          widthSteps,
          lower: undefined,
          upper: second,
          maxIndex,
        })
      : keepApart({ index: second + widthSteps, widthSteps, lower: second, upper: maxIndex, maxIndex });
  if (third === undefined) return { lower: second, upper: second };
  yield* trialAt(state, { index: third, durationSeconds });
  return { lower: Math.min(second, third), upper: Math.max(second, third) };
}

type InitialInterval = RelevantBounds & { lower: number; upper: number };

function* trialAt<T extends MeasuredTrial>(
  { grid, book }: SearchState<T>,
  { index, durationSeconds }: Pick<Candidate, 'index' | 'durationSeconds'>,
): Generator<{ load: number; durationSeconds: number }, T, T> {
  const result = yield { load: grid.loadAt(index), durationSeconds };
  book.add({ position: index, durationSeconds, result });
  return result;
}

/** Longest trial and widest interval of all first targets. */
function strictest(targets: readonly SearchTarget[][]): { trialSeconds: number; widthSteps: number } {
  const first = targets.map(([target]) => target as SearchTarget);
  return {
    trialSeconds: Math.max(...first.map(({ trialSeconds }) => trialSeconds)),
    widthSteps: Math.max(...first.map(({ widthSteps }) => widthSteps)),
  };
}
