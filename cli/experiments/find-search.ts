import { ExitCode } from '../../core/errors.js';
import { bisection } from '../../generators/search/bisection.js';
import { mlrsearch } from '../../generators/search/mlrsearch.js';
import type { SearchGoal } from '../../generators/search/search-goal.js';
import type { GoalResult, SearchOutcome } from '../../generators/search/search-outcome.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import type { FindOptions, FindSubject } from './find-options.js';
import type { FindStatus } from './find-status.js';
import { createFindMeasure, type FindTrial, type KeptFindTrial } from './find-trials.js';

/** What `find cps|pps|concurrency --json` prints. Loads are in `loadUnit`, virtual. */
export interface FindReport {
  kind: 'find-cps' | 'find-pps' | 'find-concurrency';
  loadUnit: FindOptions['kind']['loadUnit'];
  method: FindOptions['method'];
  input: Record<string, unknown>;
  searches: FindSearch[];
}

export interface FindSearch extends Omit<FindSubject, 'specOf'> {
  goals: FindGoal[];
  /** In order; the stored run of each is under its `runId`. */
  trials: KeptFindTrial[];
  /** Why it ended early, if it did. */
  stopped?: NonNullable<SearchOutcome['stopped']>;
}

export interface FindGoal extends GoalResult {
  lossRatio: number;
  /** For which most packets were dropped at the upper bound. */
  upperDropReason?: string;
  /** Little or nothing was dropped there yet, but queues grew until the trial's end. */
  upperHasGrowingQueues?: true;
}

/**
 * Searches for the highest load within the goals, for each subject side by side. Trials are deterministic, so one of the final
 * duration decides on a load unless told otherwise, and none is discarded to warm up: each has a target of its own.
 * @throws SiriusError of the pool, `interrupted` among them; the other searches then end before their next trial.
 */
export async function findLimits(
  options: FindOptions,
  { pool, status }: { pool: Pick<TrialPool, 'run'>; status: FindStatus },
): Promise<FindReport> {
  const stop = new AbortController();
  try {
    const searches = await Promise.all(
      options.subjects.map((subject) => searchOne(options, { pool, status, subject, signal: stop.signal })),
    );
    const { kind, method } = options;
    return {
      kind: kind.command.replace(' ', '-') as FindReport['kind'],
      ...{ loadUnit: kind.loadUnit, method, input: echo(options), searches },
    };
  } finally {
    stop.abort();
  }
}

/** 0 also where a goal could not be bracketed, which is known for certain; 4 where invalid trials leave a goal open. */
export function exitCodeOf({ searches }: Pick<FindReport, 'searches'>): number {
  const reasons = searches.map(({ stopped }) => stopped?.reason);
  if (reasons.includes('invalid-trials')) return ExitCode.invalid;
  return reasons.some((reason) => reason !== undefined) ? ExitCode.failed : ExitCode.done;
}

interface SearchContext {
  pool: Pick<TrialPool, 'run'>;
  status: FindStatus;
  subject: FindSubject;
  signal: AbortSignal;
}

async function searchOne(options: FindOptions, context: SearchContext): Promise<FindSearch> {
  const { subject, status } = context;
  const line = status.addSearch(subject, options);
  const { goals } = options;
  const runs: Awaited<ReturnType<typeof searchFor>>[] = [];
  // MLRsearch takes all goals at once; bisection is for one, and what two of them ask for is one trial of the pool.
  for (const batch of options.method === 'mlrsearch' ? [goals] : goals.map((goal) => [goal])) {
    const run = await searchFor(batch, options, { ...context, line });
    runs.push(run);
    if (run.outcome.stopped !== undefined) break;
  }
  line.end();
  const stopped = runs.at(-1)?.outcome.stopped;
  const trials = new Map(runs.flatMap((run) => run.trials).map((trial) => [trial.runId, trial]));
  const { specOf: _specOf, ...about } = subject;
  return {
    ...about,
    goals: goals.map((goal) => {
      const result = runs.flatMap(({ outcome }) => outcome.goals).find((one) => one.goal === goal.name);
      return goalOf(goal, result, { kind: options.kind, subject, trials: [...trials.values()] });
    }),
    trials: [...trials.values()],
    ...(stopped === undefined ? {} : { stopped }),
  };
}

interface LineContext extends SearchContext {
  line: ReturnType<FindStatus['addSearch']>;
}

async function searchFor(
  goals: readonly SearchGoal<FindTrial>[],
  { kind, method, seed }: FindOptions,
  { pool, subject, signal, line }: LineContext,
) {
  const { measure, trials } = createFindMeasure({
    ...{ pool, kind, subject, seed },
    finalNs: Math.round(Math.min(...goals.map(({ finalTrialSeconds }) => finalTrialSeconds)) * 1e9),
    onStart: line.start,
    onEnd: line.record,
  });
  const common = {
    measure,
    minLoad: subject.minLoad,
    maxLoad: subject.maxLoad,
    integerLoads: true,
    warmupSeconds: 0,
    signal,
  };
  const outcome =
    method === 'mlrsearch'
      ? await mlrsearch<FindTrial>({ ...common, goals })
      : await bisection<FindTrial>({ ...common, goal: goals[0] as SearchGoal<FindTrial> });
  return { outcome, trials };
}

interface Known {
  kind: FindOptions['kind'];
  subject: FindSubject;
  trials: readonly KeptFindTrial[];
}

function goalOf(goal: SearchGoal<FindTrial>, result: GoalResult | undefined, known: Known): FindGoal {
  const found: GoalResult = result ?? { goal: goal.name, status: 'unfinished', explanation: '' };
  const above = known.trials.findLast(({ load }) => load === found.upperBound);
  return {
    ...found,
    lossRatio: goal.lossRatio,
    ...(above === undefined ? {} : reasonOf(above)),
    explanation: explain(found, known),
  };
}

/** Why the upper bound fails, where losses tell. */
function reasonOf(trial: KeptFindTrial) {
  if (hasGrowingQueues(trial)) return { upperHasGrowingQueues: true as const };
  return trial.dropReason === undefined ? {} : { upperDropReason: trial.dropReason };
}

/** Queues that grow are the reason where little of what is lost in the long run was dropped within the trial. */
const GROWTH_SHARE = 2;

/** Whether a trial's loss is of what its queues hid: the stored run shows little of it or nothing. */
export function hasGrowingQueues({ losses: { packets = 0, sustained = 0 } }: KeptFindTrial): boolean {
  return sustained > GROWTH_SHARE * packets;
}

function explain({ status }: GoalResult, { kind, subject, trials }: Known): string {
  const { minFlag, maxFlag, formatLoad } = kind;
  const { minLoad, maxLoad } = subject;
  switch (status) {
    case 'regular':
      return '';
    case 'no-upper-bound':
      return `holds up to ${maxFlag}: the limit is ${formatLoad(maxLoad)} or above`;
    case 'no-lower-bound': {
      const first = trials.find(({ load }) => load === minLoad);
      const reason = first?.dropReason === undefined ? '' : `, most packets dropped for ${first.dropReason}`;
      return `fails already at ${minFlag}: the limit is below ${formatLoad(minLoad)}${reason}`;
    }
    case 'unfinished':
      return 'the search ended before this was bracketed as narrowly as asked for';
  }
}

function echo({
  goals,
  latencyLimits,
  method,
  seed,
  target,
  trialFlags,
}: FindOptions): Record<string, unknown> {
  const [goal] = goals;
  return {
    target,
    seed,
    lossRatios: goals.map(({ lossRatio }) => lossRatio),
    maxLatencyNs: Object.fromEntries(latencyLimits.map(({ percentile, limitNs }) => [percentile, limitNs])),
    relativeWidth: goal?.relativeWidth,
    durationSeconds: goal?.finalTrialSeconds,
    ...(method === 'mlrsearch'
      ? {
          initialDurationSeconds: goal?.initialTrialSeconds,
          durationSumSeconds: goal?.durationSumSeconds,
          exceedRatio: goal?.exceedRatio,
        }
      : {}),
    ...trialFlags,
  };
}
