import { bisection } from '../../generators/search/bisection.js';
import type { GoalResult } from '../../generators/search/search-outcome.js';
import type { Measure } from '../../generators/search/trial.js';
import type { Result } from '../../results/result.js';
import { sustainedLossRatio } from '../../results/sustained-loss.js';
import type { HeroTrialFlags } from '../hero-options.js';
import type { TrialPool } from '../sweep/trial-pool.js';

/** What one trial of the characterisation gave. */
export interface HeroStep {
  runId: string;
  offeredCps: number;
  /** Completed within the trial. */
  achievedCps: number;
  droppedPackets: number;
  /** Packets dropped of those sent, all of them and the whole run long; or what would be in the long run, if that is more. */
  lossRatio: number;
  /** Not empty: the trial says nothing of the target. */
  invalidReasons: string[];
}

export type HeroLimitId = 'zero-loss' | 'minimal-loss' | 'collapse';

/** A limit between two loads: up to `holdsCps` it held, from `failsCps` on it did not. Absent where no trial showed it. */
export interface HeroLimit {
  id: HeroLimitId;
  label: string;
  holdsCps?: number;
  failsCps?: number;
}

export interface Characterisation {
  limits: HeroLimit[];
  /** By load. */
  steps: HeroStep[];
}

/** DASH speaks of hundreds to thousands of packets in a run of some 3 G: one in a million. */
export const MINIMAL_LOSS_RATIO = 1e-6;
/** DASH's point "after which everything gets lost": fewer than half of the connections complete within the trial. */
export const COLLAPSE_RATIO = 0.5;
export interface HeroPrecision {
  /** Loads to begin with, as multiples of the rate asked for. */
  ladder: readonly number[];
  /** Distance at which two loads are near enough, as a share of the upper one. */
  relativeWidth: number;
}

const PRECISION: HeroPrecision = { ladder: [0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 2, 3], relativeWidth: 0.005 };
/** A first look. */
export const ROUGH: HeroPrecision = { ladder: [0.5, 0.9, 1, 1.1, 1.5, 2, 2.5], relativeWidth: 0.02 };

/** What of a trial each limit looks at: a share that must not be exceeded. */
const LIMITS: { id: HeroLimitId; label: string; shareMax: number; share(step: HeroStep): number }[] = [
  { id: 'zero-loss', label: 'zero loss', shareMax: 0, share: ({ lossRatio }) => lossRatio },
  {
    id: 'minimal-loss',
    label: `at most ${MINIMAL_LOSS_RATIO.toExponential(0)} lost`,
    shareMax: MINIMAL_LOSS_RATIO,
    share: ({ lossRatio }) => lossRatio,
  },
  {
    id: 'collapse',
    label: 'half completes',
    shareMax: 1 - COLLAPSE_RATIO,
    share: ({ offeredCps, achievedCps }) => 1 - achievedCps / offeredCps,
  },
];

export interface CharacteriseOptions {
  pool: Pick<TrialPool, 'run'>;
  flags: HeroTrialFlags;
  rateCps: number;
  stepNs: number;
  precision?: HeroPrecision;
}

/**
 * Finds the loads between which the target goes from no loss to collapse: a ladder of loads, then bisection (RFC 2544) between the
 * neighbours where a limit lies. Every trial has a target of its own with the whole background.
 */
export async function characterise(options: CharacteriseOptions): Promise<Characterisation> {
  const { rateCps, precision = PRECISION } = options;
  const steps = new Map<number, HeroStep>();
  const tryAt = async (loadCps: number): Promise<HeroStep> => {
    const known = steps.get(loadCps);
    if (known !== undefined) return known;
    const step = await runStep(loadCps, options);
    steps.set(loadCps, step);
    return step;
  };
  await Promise.all(precision.ladder.map((multiple) => tryAt(Math.round(rateCps * multiple))));
  const limits = await Promise.all(
    LIMITS.map((limit) => findLimit(limit, [...steps.values()], { ...options, precision, tryAt })),
  );
  return { limits, steps: [...steps.values()].sort(byLoad) };
}

interface LimitContext extends CharacteriseOptions {
  precision: HeroPrecision;
  tryAt(loadCps: number): Promise<HeroStep>;
}

async function findLimit(
  { id, label, shareMax, share }: (typeof LIMITS)[number],
  ladder: readonly HeroStep[],
  { tryAt, stepNs, precision: { relativeWidth } }: LimitContext,
): Promise<HeroLimit> {
  const valid = ladder.filter(({ invalidReasons }) => invalidReasons.length === 0).sort(byLoad);
  const firstFailure = valid.find((step) => share(step) > shareMax);
  const holding = valid.filter(
    (step) => firstFailure === undefined || step.offeredCps < firstFailure.offeredCps,
  );
  const lastHolding = holding.at(-1);
  if (firstFailure === undefined || lastHolding === undefined) {
    return {
      ...{ id, label },
      ...(lastHolding === undefined ? {} : { holdsCps: lastHolding.offeredCps }),
      ...(firstFailure === undefined ? {} : { failsCps: firstFailure.offeredCps }),
    };
  }
  const measure: Measure<{ lossRatio: number }> = async (loadCps) => {
    const step = await tryAt(loadCps);
    const { invalidReasons } = step;
    if (invalidReasons.length > 0) return { invalid: `${invalidReasons.join('; ')} (run ${step.runId})` };
    return { lossRatio: Math.max(0, share(step)) };
  };
  const { goals } = await bisection({
    measure,
    minLoad: lastHolding.offeredCps,
    maxLoad: firstFailure.offeredCps,
    integerLoads: true,
    goal: {
      name: id,
      lossRatio: shareMax,
      finalTrialSeconds: stepNs / 1e9,
      relativeWidth,
    },
  });
  return { id, label, ...boundsOf(goals[0]) };
}

function boundsOf(goal: GoalResult | undefined): Pick<HeroLimit, 'holdsCps' | 'failsCps'> {
  return {
    ...(goal?.lowerBound === undefined ? {} : { holdsCps: goal.lowerBound }),
    ...(goal?.upperBound === undefined ? {} : { failsCps: goal.upperBound }),
  };
}

async function runStep(loadCps: number, { pool, flags, stepNs }: CharacteriseOptions): Promise<HeroStep> {
  const result = await pool.run({
    command: 'hero',
    flags: { ...flags, rate: `${loadCps}`, duration: `${stepNs}ns` },
  });
  return stepOf(result, loadCps);
}

function stepOf(result: Result, offeredCps: number): HeroStep {
  const { id, measured, invalidReasons } = result;
  return {
    runId: id,
    offeredCps,
    achievedCps: measured.achieved.cps,
    droppedPackets: measured.packets.dropped.total,
    lossRatio: Math.max(measured.packets.lossRatio, sustainedLossRatio(result)),
    invalidReasons,
  };
}

function byLoad(one: HeroStep, other: HeroStep): number {
  return one.offeredCps - other.offeredCps;
}
