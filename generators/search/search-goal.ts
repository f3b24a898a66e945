import { usageError } from '../../core/errors.js';
import type { MeasuredTrial } from './trial.js';

/** A Search Goal (draft-ietf-bmwg-mlrsearch-15, Goal Terms) with the attributes that FD.io CSIT's library adds. */
export interface SearchGoal<T extends MeasuredTrial = MeasuredTrial> {
  /** Unique in its search. */
  name: string;
  /** A trial that loses more is a high-loss trial. At least 0, less than 1. */
  lossRatio: number;
  /** Share of the trials' duration that may be high-loss at a lower bound. At least 0, less than 1. */
  exceedRatio: number;
  /** Trials shorter than this are short: they can rule a load out, but not confirm it. */
  finalTrialSeconds: number;
  /** Duration of trials that suffices to classify a load; at least `finalTrialSeconds`. */
  durationSumSeconds: number;
  /** The shortest trial to begin with; at most `finalTrialSeconds`. */
  initialTrialSeconds: number;
  /** The search ends when (upper bound - lower bound) / upper bound is at most this. */
  relativeWidth: number;
  /** Coarser targets, each twice as wide and with shorter trials, that are reached before the goal itself. */
  precedingTargets: number;
  /** External search multiplies its step (of the load's logarithm) by this: an integer from 2. */
  expansionCoefficient: number;
  /** What a trial must fulfil besides its loss ratio, such as a latency. A trial that does not is a high-loss trial. */
  passes?(result: T): boolean;
}

type RequiredKey = 'name' | 'lossRatio' | 'exceedRatio' | 'finalTrialSeconds' | 'durationSumSeconds';

/** What a goal must say; the rest has defaults. */
export type SearchGoalInput<T extends MeasuredTrial = MeasuredTrial> = Pick<SearchGoal<T>, RequiredKey> &
  Partial<Omit<SearchGoal<T>, RequiredKey>>;

/** Makes a search unconditionally compliant with section 24 of RFC 2544 (the draft, MLRsearch Compliant with RFC 2544). */
export const RFC2544_GOAL = {
  lossRatio: 0,
  exceedRatio: 0,
  finalTrialSeconds: 60,
  durationSumSeconds: 60,
} as const;

/** Binary search with loss verification, max(r) = 2, of ETSI TST 009 (the draft, MLRsearch Compliant with TST009). */
export const TST009_GOAL = {
  lossRatio: 0,
  exceedRatio: 0.5,
  finalTrialSeconds: 60,
  durationSumSeconds: 120,
} as const;

/** What FD.io CSIT's library searches for unless told otherwise (search_goal.py); CSIT's own tests set their values. */
export const CSIT_GOAL = {
  lossRatio: 0,
  exceedRatio: 0.5,
  finalTrialSeconds: 1,
  durationSumSeconds: 21,
} as const;

/** Narrower than this the rounding of loads to 12 digits would show. */
const RELATIVE_WIDTH_MIN = 1e-6;

const PRECEDING_TARGETS_MAX = 10;
const EXPANSION_COEFFICIENT_MAX = 1000;

/**
 * A goal with its defaults: trials of their final duration from the start (the draft's), a width of 0.5%, two preceding
 * targets and doubled steps (CSIT's).
 * @throws SiriusError (usage) naming the goal and its wrong attribute.
 */
export function searchGoal<T extends MeasuredTrial>(input: SearchGoalInput<T>): SearchGoal<T> {
  const goal: SearchGoal<T> = {
    initialTrialSeconds: input.finalTrialSeconds,
    relativeWidth: 0.005,
    precedingTargets: 2,
    expansionCoefficient: 2,
    ...input,
  };
  check(goal, 'lossRatio', goal.lossRatio >= 0 && goal.lossRatio < 1, 'at least 0 and less than 1');
  check(goal, 'exceedRatio', goal.exceedRatio >= 0 && goal.exceedRatio < 1, 'at least 0 and less than 1');
  check(
    goal,
    'relativeWidth',
    goal.relativeWidth >= RELATIVE_WIDTH_MIN && goal.relativeWidth < 1,
    `at least ${RELATIVE_WIDTH_MIN} and less than 1`,
  );
  checkDurations(goal);
  check(
    goal,
    'expansionCoefficient',
    isIntegerWithin(goal.expansionCoefficient, 2, EXPANSION_COEFFICIENT_MAX),
    `an integer from 2 to ${EXPANSION_COEFFICIENT_MAX}`,
  );
  return goal;
}

/**
 * At least one goal, and no name twice.
 * @throws SiriusError (usage).
 */
export function checkGoalNames(goals: readonly { name: string }[]): void {
  const names = goals.map(({ name }) => name);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (names.length > 0 && twice === undefined) return;
  throw usageError({
    code: 'search-goal',
    where: 'goals',
    expected: 'one or more goals, each with a name of its own',
    got: twice === undefined ? 'none' : `"${twice}" twice`,
    hint: 'Name a loss ratio for each goal once.',
  });
}

function checkDurations(goal: SearchGoal<never>): void {
  const { initialTrialSeconds, finalTrialSeconds, durationSumSeconds, precedingTargets } = goal;
  check(
    goal,
    'finalTrialSeconds',
    finalTrialSeconds > 0 && Number.isFinite(finalTrialSeconds),
    'more than 0',
  );
  check(
    goal,
    'initialTrialSeconds',
    initialTrialSeconds > 0 && initialTrialSeconds <= finalTrialSeconds,
    `more than 0 and at most the final trial duration of ${finalTrialSeconds}`,
  );
  check(
    goal,
    'durationSumSeconds',
    durationSumSeconds >= finalTrialSeconds && Number.isFinite(durationSumSeconds),
    `at least the final trial duration of ${finalTrialSeconds}`,
  );
  const leastTargets = initialTrialSeconds < durationSumSeconds ? 1 : 0;
  check(
    goal,
    'precedingTargets',
    isIntegerWithin(precedingTargets, leastTargets, PRECEDING_TARGETS_MAX),
    `an integer from ${leastTargets} to ${PRECEDING_TARGETS_MAX}`,
  );
}

function check(goal: SearchGoal<never>, key: keyof SearchGoal, isRight: boolean, expected: string): void {
  if (isRight) return;
  throw usageError({
    code: 'search-goal',
    where: `goal ${goal.name}, ${key}`,
    expected,
    got: String(goal[key]),
    hint: 'Ratios are fractions of 1 and durations are in seconds.',
  });
}

function isIntegerWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
