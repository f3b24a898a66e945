import { usageError } from '../../core/errors.js';
import { nearest } from '../../core/nearest.js';
import { formatDurationNs, parseDurationNs, parseRatio } from '../../core/units.js';
import type { LatencySummary } from '../../results/result.js';

/** Percentiles of latency that may be limited. */
export const PERCENTILES = ['p50', 'p90', 'p99', 'p999', 'p9999', 'max'] as const;
export type Percentile = (typeof PERCENTILES)[number];

export interface LatencyLimit {
  percentile: Percentile;
  limitNs: number;
}

export interface LossGoal {
  /** As it was typed: `1e-4`. */
  name: string;
  /** 0 to less than 1. */
  lossRatio: number;
}

/**
 * `0,1e-4,1%` as goals, in that order.
 * @throws SiriusError (usage) for what is no ratio below one, and for one that is there twice.
 */
export function parseLossGoals(text: string): LossGoal[] {
  const goals = text
    .split(',')
    .map((part) => ({ name: part.trim(), lossRatio: parseRatio(part, { where: '--loss' }) }));
  for (const [place, { name, lossRatio }] of goals.entries()) {
    const earlier = goals.slice(0, place).find((goal) => goal.lossRatio === lossRatio);
    if (earlier === undefined) continue;
    throw usageError({
      code: 'loss-twice',
      where: '--loss',
      expected: 'each loss ratio once',
      got: earlier.name === name ? `${name} twice` : `${earlier.name} and ${name}, which are equal`,
      hint: 'Several goals are searched for at once: --loss 0,1e-4,1%.',
    });
  }
  return goals;
}

/**
 * `p99=1ms`: the percentile of latency and the most that it may be.
 * @throws SiriusError (usage) with the percentiles that there are.
 */
export function parseLatencyLimits(texts: readonly string[]): LatencyLimit[] {
  const limits = texts.map(parseLatencyLimit);
  const twice = limits.find(
    ({ percentile }, place) => limits.findIndex((other) => other.percentile === percentile) !== place,
  );
  if (twice === undefined) return limits;
  throw usageError({
    code: 'max-latency',
    where: '--max-latency',
    expected: 'each percentile once',
    got: `${twice.percentile} twice`,
    hint: 'The lower limit is the one that counts: leave the other one out.',
  });
}

function parseLatencyLimit(text: string): LatencyLimit {
  if (text.includes(',')) {
    throw usageError({
      code: 'max-latency',
      where: '--max-latency',
      expected: 'one PERCENTILE=DURATION',
      got: `"${text}"`,
      hint: 'Give --max-latency once for each goal.',
    });
  }
  const [name = '', duration] = text.split('=', 2).map((part) => part.trim());
  const percentile = PERCENTILES.find((candidate) => candidate === name.toLowerCase());
  if (percentile !== undefined && duration !== undefined) {
    return { percentile, limitNs: parseDurationNs(duration, { where: `--max-latency ${percentile}` }) };
  }
  const meant = nearest(name, PERCENTILES) ?? 'p99';
  throw usageError({
    code: 'max-latency',
    where: '--max-latency',
    expected: `PERCENTILE=DURATION with one of ${PERCENTILES.join(', ')}`,
    got: `"${text}"`,
    hint: `For example --max-latency ${meant}=1ms.`,
  });
}

/** Whether latencies are within every limit. Where nothing came back, nothing is. */
export function isWithin(
  latency: Pick<LatencySummary, Percentile | 'count'>,
  limits: readonly LatencyLimit[],
): boolean {
  if (limits.length === 0) return true;
  return latency.count > 0 && limits.every(({ percentile, limitNs }) => latency[percentile] <= limitNs);
}

/** `p99 at most 1.00 ms`, all of them. */
export function describeLimits(limits: readonly LatencyLimit[]): string {
  return limits
    .map(({ percentile, limitNs }) => `${percentile} at most ${formatDurationNs(limitNs)}`)
    .join(', ');
}
