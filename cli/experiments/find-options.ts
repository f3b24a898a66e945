import { SiriusError, usageError } from '../../core/errors.js';
import { parseDurationNs, parsePowerWatts, parseRatio } from '../../core/units.js';
import { type SearchGoal, searchGoal } from '../../generators/search/search-goal.js';
import type { TrialSpec } from '../sweep/trial-spec.js';
import { isWithin, type LatencyLimit, parseLatencyLimits, parseLossGoals } from './find-goals.js';
import type { FindKind } from './find-kind.js';
import type { FindTrial } from './find-trials.js';

/** The flags of every search as oclif hands them over. */
export interface FindFlags {
  method: string;
  loss: string;
  'max-latency'?: string[];
  width: string;
  duration: string;
  'initial-duration'?: string;
  'duration-sum'?: string;
  'exceed-ratio': string;
}

/** The load of one trial of a search. */
export interface FindLoad {
  load: number;
  durationNs: number;
  seed: number;
}

/** What one search is about. */
export interface FindSubject {
  /** Absent for a target without cards. */
  powerWatts?: number;
  /** Where sizes differ. */
  packetSize?: string;
  minLoad: number;
  maxLoad: number;
  /** Line rate of one port, where the load is a rate of packets. */
  lineRatePps?: number;
  specOf(load: FindLoad): TrialSpec;
}

export interface FindOptions {
  kind: FindKind;
  method: Method;
  goals: SearchGoal<FindTrial>[];
  latencyLimits: LatencyLimit[];
  seed: number;
  target: string;
  /** One search each. */
  subjects: FindSubject[];
  /** Flags of every trial, for the report; load, duration, seed, size and power are the search's. */
  trialFlags: Record<string, unknown>;
}

export type Method = 'mlrsearch' | 'bisection';

const METHODS = ['mlrsearch', 'bisection'] as const;

/** @throws SiriusError (usage) also for flags of MLRsearch that bisection would not heed. */
export function parseMethod(text: string, given: ReadonlySet<string>): Method {
  const method = METHODS.find((candidate) => candidate === text.toLowerCase());
  if (method === undefined) {
    throw usageError({
      code: 'method',
      where: '--method',
      expected: `one of ${METHODS.join(', ')}`,
      got: `"${text}"`,
      hint: 'mlrsearch searches for several goals at once; bisection is the search of RFC 2544.',
    });
  }
  if (method === 'bisection') refuseIdle(given);
  return method;
}

/** Bisection decides by one trial of the final duration. */
const MLRSEARCH_FLAGS = ['initial-duration', 'duration-sum', 'exceed-ratio'];

function refuseIdle(given: ReadonlySet<string>): void {
  const idle = MLRSEARCH_FLAGS.find((flag) => given.has(flag));
  if (idle === undefined) return;
  throw usageError({
    code: 'flag-idle',
    where: `--${idle}`,
    expected: '--method mlrsearch, since bisection decides by one trial of --duration',
    got: '--method bisection',
    hint: `Leave --${idle} out, or search with mlrsearch.`,
  });
}

export interface GoalOptions {
  method: Method;
  /** Shortest first trial of mlrsearch unless told, as share of --duration and in nanoseconds. */
  initialShare: number;
  initialNsMin: number;
}

/** The goals, and the flag and the text of the shortest duration, for whoever checks that a trial can be that short. */
export function buildGoals(flags: FindFlags, { method, initialShare, initialNsMin }: GoalOptions) {
  const latencyLimits = parseLatencyLimits(flags['max-latency'] ?? []);
  const losses = parseLossGoals(flags.loss);
  const { initialNs, finalNs, sumNs } = parseDurations(flags, { initialShare, initialNsMin });
  const exceedRatio = parseRatio(flags['exceed-ratio'], { where: '--exceed-ratio' });
  const relativeWidth = parseRatio(flags.width, { where: '--width' });
  checkWidth(relativeWidth, flags.width);
  const goals = losses.map(({ name, lossRatio }) =>
    searchGoal<FindTrial>({
      name,
      lossRatio,
      exceedRatio,
      relativeWidth,
      initialTrialSeconds: initialNs / 1e9,
      finalTrialSeconds: finalNs / 1e9,
      durationSumSeconds: sumNs / 1e9,
      passes: ({ latencyNs }) => isWithin(latencyNs, latencyLimits),
    }),
  );
  const initialText = flags['initial-duration'];
  const shortest =
    method === 'mlrsearch' && initialText !== undefined
      ? { flag: '--initial-duration', text: initialText }
      : { flag: '--duration', text: method === 'mlrsearch' ? `${initialNs}ns` : flags.duration };
  return { goals, latencyLimits, shortest };
}

function parseDurations(
  flags: FindFlags,
  { initialShare, initialNsMin }: Omit<GoalOptions, 'method'>,
): { initialNs: number; finalNs: number; sumNs: number } {
  const finalNs = parseDurationNs(flags.duration, { where: '--duration' });
  const initialText = flags['initial-duration'];
  const initialNs =
    initialText === undefined
      ? Math.min(finalNs, Math.ceil(Math.max(finalNs * initialShare, initialNsMin)))
      : parseDurationNs(initialText, { where: '--initial-duration' });
  if (initialNs > finalNs) {
    throw wrongDuration('--initial-duration', `at most --duration, ${flags.duration}`, `${initialText}`);
  }
  const sumText = flags['duration-sum'];
  const sumNs = sumText === undefined ? finalNs : parseDurationNs(sumText, { where: '--duration-sum' });
  if (sumNs >= finalNs) return { initialNs, finalNs, sumNs };
  throw wrongDuration('--duration-sum', `at least --duration, ${flags.duration}`, `${sumText}`);
}

function wrongDuration(where: string, expected: string, got: string): SiriusError {
  return usageError({
    code: 'search-duration',
    where,
    expected,
    got,
    hint: 'Trials grow from --initial-duration to --duration; those of one load add up to --duration-sum.',
  });
}

/** Narrower, and bounds would be single connections, packets or flows apart. */
const WIDTH_MIN = 1e-4;

function checkWidth(relativeWidth: number, text: string): void {
  if (relativeWidth >= WIDTH_MIN) return;
  throw usageError({
    code: 'width',
    where: '--width',
    expected: 'at least 0.01% and less than 100%',
    got: `"${text}"`,
    hint: 'It is (upper bound - lower bound) / upper bound at which the search ends: 0.5%, 1%.',
  });
}

/** @throws SiriusError (usage) where there is nothing to search. */
export function checkRange(
  { minFlag, maxFlag, formatLoad }: FindKind,
  { minLoad, maxLoad }: { minLoad: number; maxLoad: number },
): void {
  if (minLoad < maxLoad) return;
  throw usageError({
    code: 'search-range',
    where: minFlag,
    expected: `less than ${maxFlag}, ${formatLoad(maxLoad)}`,
    got: formatLoad(minLoad),
    hint: `A search needs a range of loads: lower ${minFlag}, or raise ${maxFlag}.`,
  });
}

/** Runs `build`; an error that names a flag of a trial names the one that a user typed here. */
export function named<T>(flag: string, flagOfTrial: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof SiriusError) || !error.message.startsWith(`${flagOfTrial}:`)) throw error;
    const { code, message, hint, exitCode } = error;
    throw new SiriusError({
      code,
      message: flag + message.slice(flagOfTrial.length),
      hint: hint.replaceAll(`${flagOfTrial} `, `${flag} `),
      exitCode,
    });
  }
}

/** `78W,52W` as written; whoever builds a trial of each refuses what is no state. */
export function splitPowers(text: string): string[] {
  return text.split(',').map((power) => power.trim());
}

export function distinctWatts(powers: readonly string[]): number[] {
  return [...new Set(powers.map((power) => parsePowerWatts(power, { where: '--power' })))];
}

/** `78 W, 64 B`; empty where there is one search only and nothing to tell it by. */
export function subjectName({
  powerWatts,
  packetSize,
}: Pick<FindSubject, 'powerWatts' | 'packetSize'>): string {
  const size = packetSize === undefined || packetSize === 'imix' ? packetSize : `${packetSize} B`;
  return [
    ...(powerWatts === undefined ? [] : [`${powerWatts} W`]),
    ...(size === undefined ? [] : [size]),
  ].join(', ');
}
