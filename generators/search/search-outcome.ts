import type { LoadBook, LoadTarget } from './load-book.js';
import type { SearchStop, TrialRun } from './run-trials.js';
import type { SearchGoal } from './search-goal.js';
import type { KeptTrial, MeasuredTrial } from './trial.js';

/** What a search found: the Controller Output of the draft, with every trial. */
export interface SearchOutcome<T extends MeasuredTrial = MeasuredTrial> {
  method: 'mlrsearch' | 'bisection';
  /** In the order in which the goals were given. */
  goals: GoalResult[];
  /** In the order in which they were performed, warm-up and invalid ones too. */
  trials: KeptTrial<T>[];
  /** Present if the search ended early; the goals then tell what is known so far. */
  stopped?: SearchStop;
}

/**
 * - `regular`: both bounds are there and no further apart than the goal's width (Regular Goal Result of the draft).
 * - `no-upper-bound`: the greatest load passes; the lower bound is that load and the truth may be above.
 * - `no-lower-bound`: the least load fails; nothing is known below.
 * - `unfinished`: the search was stopped before.
 */
export type GoalStatus = 'regular' | 'no-upper-bound' | 'no-lower-bound' | 'unfinished';

export interface GoalResult {
  /** Name of the goal. */
  goal: string;
  status: GoalStatus;
  /** One sentence that says what the status means here; empty for a regular result. */
  explanation: string;
  /** Relevant Lower Bound: the greatest load that fulfils the goal, below all that do not. Absent if there is none. */
  lowerBound?: number;
  /** Relevant Upper Bound: the least load that fails the goal. Absent if there is none. */
  upperBound?: number;
  /** (upper - lower) / upper, if there are both. */
  relativeWidth?: number;
  /** What is forwarded at the lower bound, by the worst of the trials that the goal must reckon with. */
  conditionalThroughput?: number;
}

export interface GoalResultOptions<T extends MeasuredTrial> {
  goal: Pick<SearchGoal<T>, 'name'>;
  target: LoadTarget;
  book: LoadBook<T>;
  loadAt: (position: number) => number;
  minLoad: number;
  maxLoad: number;
  /** Whether bounds at these positions are near enough. */
  isNarrow: (lower: number, upper: number) => boolean;
}

export function goalResult<T extends MeasuredTrial>(options: GoalResultOptions<T>): GoalResult {
  const { goal, target, book, loadAt } = options;
  const { lower, upper } = book.relevantBounds(target);
  const result: GoalResult = { goal: goal.name, ...statusOf(options, { lower, upper }) };
  if (lower !== undefined) {
    result.lowerBound = loadAt(lower);
    result.conditionalThroughput = book.conditionalThroughput(lower, loadAt(lower), target);
  }
  if (upper !== undefined) result.upperBound = loadAt(upper);
  if (lower !== undefined && upper !== undefined) {
    result.relativeWidth = (loadAt(upper) - loadAt(lower)) / loadAt(upper);
  }
  return result;
}

export function searchOutcome<T extends MeasuredTrial>(
  method: SearchOutcome['method'],
  goals: GoalResult[],
  { trials, stopped }: TrialRun<T>,
): SearchOutcome<T> {
  return { method, goals, trials, ...(stopped === undefined ? {} : { stopped }) };
}

function statusOf<T extends MeasuredTrial>(
  { goal, loadAt, minLoad, maxLoad, isNarrow }: GoalResultOptions<T>,
  { lower, upper }: { lower: number | undefined; upper: number | undefined },
): Pick<GoalResult, 'status' | 'explanation'> {
  if (lower !== undefined && upper !== undefined && isNarrow(lower, upper)) {
    return { status: 'regular', explanation: '' };
  }
  if (upper === undefined && lower !== undefined && loadAt(lower) === maxLoad) {
    return {
      status: 'no-upper-bound',
      explanation: `The greatest load of ${maxLoad} fulfils ${goal.name}: the limit is there or above, search to a greater load.`,
    };
  }
  if (lower === undefined && upper !== undefined && loadAt(upper) === minLoad) {
    return {
      status: 'no-lower-bound',
      explanation: `The least load of ${minLoad} fails ${goal.name}: the limit is below, search from a smaller load.`,
    };
  }
  return {
    status: 'unfinished',
    explanation: `The search ended before ${goal.name} was bracketed as narrowly as asked for.`,
  };
}
