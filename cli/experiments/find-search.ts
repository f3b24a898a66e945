import { ExitCode } from '../../core/errors.js';
import { bisection } from '../../generators/search/bisection.js';
import { mlrsearch } from '../../generators/search/mlrsearch.js';
import type { SearchGoal } from '../../generators/search/search-goal.js';
import type { GoalResult, SearchOutcome } from '../../generators/search/search-outcome.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import type { FindCpsOptions } from './find-cps-options.js';
import type { FindStatus } from './find-status.js';
import { createFindMeasure, type FindTrial, formatCps, type KeptFindTrial } from './find-trials.js';

/** What `find cps --json` prints. Rates are connections per second, virtual. */
export interface FindCpsReport {
  kind: 'find-cps';
  method: FindCpsOptions['method'];
  input: Record<string, unknown>;
  searches: FindSearch[];
}

export interface FindSearch {
  /** Absent for a target without cards. */
  powerWatts?: number;
  goals: FindGoal[];
  /** In order; the stored run of each is under its `runId`. */
  trials: KeptFindTrial[];
  /** Why it ended early, if it did. */
  stopped?: NonNullable<SearchOutcome['stopped']>;
}

export interface FindGoal extends GoalResult {
  lossRatio: number;
}

/**
 * Searches for the highest rate within the goals, in each power state side by side. Trials are deterministic, so one of the final
 * duration decides on a rate unless told otherwise, and none is discarded to warm up: each has a target of its own.
 * @throws SiriusError of the pool, `interrupted` among them; the other searches then end before their next trial.
 */
export async function findCps(
  options: FindCpsOptions,
  { pool, status }: { pool: Pick<TrialPool, 'run'>; status: FindStatus },
): Promise<FindCpsReport> {
  const stop = new AbortController();
  try {
    const searches = await Promise.all(
      options.powersWatts.map((powerWatts) =>
        searchOne(options, { pool, status, powerWatts, signal: stop.signal }),
      ),
    );
    return { kind: 'find-cps', method: options.method, input: echo(options), searches };
  } finally {
    stop.abort();
  }
}

/** 0 also where a goal could not be bracketed, which is known for certain; 4 where invalid trials leave a goal open. */
export function exitCodeOf({ searches }: Pick<FindCpsReport, 'searches'>): number {
  const reasons = searches.map(({ stopped }) => stopped?.reason);
  if (reasons.includes('invalid-trials')) return ExitCode.invalid;
  return reasons.some((reason) => reason !== undefined) ? ExitCode.failed : ExitCode.done;
}

interface SearchContext {
  pool: Pick<TrialPool, 'run'>;
  status: FindStatus;
  powerWatts: number | undefined;
  signal: AbortSignal;
}

async function searchOne(options: FindCpsOptions, context: SearchContext): Promise<FindSearch> {
  const { powerWatts, status } = context;
  const line = status.addSearch(powerWatts, options.goals);
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
  return {
    ...(powerWatts === undefined ? {} : { powerWatts }),
    goals: goals.map((goal) => {
      const result = runs.flatMap(({ outcome }) => outcome.goals).find((one) => one.goal === goal.name);
      return goalOf(goal, result, { options, trials: [...trials.values()] });
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
  { method, minCps, maxCps, seed, trialFlags }: FindCpsOptions,
  { pool, powerWatts, signal, line }: LineContext,
) {
  const power = powerWatts === undefined ? {} : { power: `${powerWatts}W` };
  const { measure, trials } = createFindMeasure({
    pool,
    flags: { ...trialFlags, ...power },
    seed,
    onStart: line.start,
    onEnd: line.record,
  });
  const common = {
    measure,
    minLoad: minCps,
    maxLoad: maxCps,
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
  options: FindCpsOptions;
  trials: readonly KeptFindTrial[];
}

function goalOf(goal: SearchGoal<FindTrial>, result: GoalResult | undefined, known: Known): FindGoal {
  const found: GoalResult = result ?? { goal: goal.name, status: 'unfinished', explanation: '' };
  return { ...found, lossRatio: goal.lossRatio, explanation: explain(found, known) };
}

function explain({ status }: GoalResult, { options, trials }: Known): string {
  const { minCps, maxCps } = options;
  switch (status) {
    case 'regular':
      return '';
    case 'no-upper-bound':
      return `holds up to --max-rate: the limit is ${formatCps(maxCps)} or above`;
    case 'no-lower-bound': {
      const first = trials.find(({ rateCps }) => rateCps === minCps);
      const reason = first?.dropReason === undefined ? '' : `, most packets dropped for ${first.dropReason}`;
      return `fails already at --min-rate: the limit is below ${formatCps(minCps)}${reason}`;
    }
    case 'unfinished':
      return 'the search ended before this was bracketed as narrowly as asked for';
  }
}

function echo({ goals, latencyLimits, ...options }: FindCpsOptions): Record<string, unknown> {
  const [goal] = goals;
  const { minCps, maxCps, seed, target, trialFlags } = options;
  const { power: _power, seed: _seed, target: _target, ...flags } = trialFlags;
  return {
    target,
    seed,
    minCps,
    maxCps,
    lossRatios: goals.map(({ lossRatio }) => lossRatio),
    maxLatencyNs: Object.fromEntries(latencyLimits.map(({ percentile, limitNs }) => [percentile, limitNs])),
    relativeWidth: goal?.relativeWidth,
    durationSeconds: goal?.finalTrialSeconds,
    ...(options.method === 'mlrsearch'
      ? {
          initialDurationSeconds: goal?.initialTrialSeconds,
          durationSumSeconds: goal?.durationSumSeconds,
          exceedRatio: goal?.exceedRatio,
        }
      : {}),
    ...flags,
  };
}
