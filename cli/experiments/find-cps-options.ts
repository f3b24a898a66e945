import { SiriusError, usageError } from '../../core/errors.js';
import { formatRate, parseDurationNs, parsePowerWatts, parseRatio } from '../../core/units.js';
import { type SearchGoal, searchGoal } from '../../generators/search/search-goal.js';
import { hasCards } from '../../targets/target-url.js';
import { buildCpsOptions, type CpsFlags } from '../cps-options.js';
import { checkFlagsTogether } from '../flags-together.js';
import { isWithin, type LatencyLimit, parseLatencyLimits, parseLossGoals } from './find-goals.js';
import type { FindTrial } from './find-trials.js';

/** Flags of `cps` that mean the same to a search. */
type SharedFlags = Pick<
  CpsFlags,
  'seed' | 'profile' | 'tunable' | 'arrivals' | 'target' | 'model' | 'power' | 'acl' | 'replication'
>;

/** The flags of `find cps` as oclif hands them over. */
export interface FindCpsFlags extends SharedFlags {
  method: string;
  loss: string;
  'max-latency'?: string[];
  width: string;
  'min-rate'?: string;
  'max-rate'?: string;
  duration: string;
  'initial-duration'?: string;
  'duration-sum'?: string;
  'exceed-ratio': string;
}

export interface FindCpsOptions {
  method: 'mlrsearch' | 'bisection';
  goals: SearchGoal<FindTrial>[];
  latencyLimits: LatencyLimit[];
  minCps: number;
  maxCps: number;
  seed: number;
  /** One search each; a target without cards has one search and no power state. */
  powersWatts: (number | undefined)[];
  target: string;
  /** Flags of every trial; rate, duration, seed and power are the search's. */
  trialFlags: Partial<CpsFlags>;
}

/**
 * Turns flags into the options of a search, all checked before any trial runs.
 * @throws SiriusError (usage) naming the flag that is wrong.
 */
export function buildFindCpsOptions(flags: FindCpsFlags, given: ReadonlySet<string>): FindCpsOptions {
  const method = parseMethod(flags.method);
  if (method === 'bisection') refuseIdle(given);
  const latencyLimits = parseLatencyLimits(flags['max-latency'] ?? []);
  const powers = flags.power.split(',').map((power) => power.trim());
  const trialOf = (own: Partial<CpsFlags>) =>
    buildCpsOptions({
      ...sharedFlags(flags),
      duration: flags.duration,
      power: powers[0] ?? '',
      multiplier: '1',
      clock: 'virtual',
      'pcap-packets': '1',
      ...own,
    });
  const maxCps = highestCps(flags, trialOf);
  const minCps = lowestCps(flags, { maxCps, trialOf });
  checkRange({ minCps, maxCps });
  const { goals, firstDuration } = buildGoals(flags, { method, latencyLimits, minCps });
  for (const power of powers) trialOf({ rate: `${maxCps}`, power });
  // The shortest trial at the lowest rate must have a connection.
  named(firstDuration.flag, '--duration', () => trialOf({ rate: `${minCps}`, duration: firstDuration.text }));
  const { seed, target } = trialOf({ rate: `${maxCps}` });
  checkFlagsTogether({ given, target });
  return {
    method,
    goals,
    latencyLimits,
    minCps,
    maxCps,
    seed,
    powersWatts: hasCards(target) ? distinctWatts(powers) : [undefined],
    target: target.url,
    trialFlags: { ...sharedFlags(flags), clock: 'virtual' },
  };
}

type TrialOf = (own: Partial<CpsFlags>) => ReturnType<typeof buildCpsOptions>;

function sharedFlags(flags: FindCpsFlags): SharedFlags {
  const { seed, profile, tunable, arrivals, target, model, power, acl, replication } = flags;
  return {
    seed,
    profile,
    target,
    model,
    power,
    acl,
    replication,
    ...(tunable === undefined ? {} : { tunable }),
    ...(arrivals === undefined ? {} : { arrivals }),
  };
}

const METHODS = ['mlrsearch', 'bisection'] as const;

function parseMethod(text: string): FindCpsOptions['method'] {
  const method = METHODS.find((candidate) => candidate === text.toLowerCase());
  if (method !== undefined) return method;
  throw usageError({
    code: 'method',
    where: '--method',
    expected: `one of ${METHODS.join(', ')}`,
    got: `"${text}"`,
    hint: 'mlrsearch searches for several goals at once; bisection is the search of RFC 2544.',
  });
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

interface GoalContext {
  method: FindCpsOptions['method'];
  latencyLimits: LatencyLimit[];
  minCps: number;
}

/** The first trials of a search last this share of the last ones unless told, but never less than one connection takes to be due. */
const INITIAL_DURATION_SHARE = 0.1;

function buildGoals(flags: FindCpsFlags, { method, latencyLimits, minCps }: GoalContext) {
  const losses = parseLossGoals(flags.loss);
  const finalNs = parseDurationNs(flags.duration, { where: '--duration' });
  const initialText = flags['initial-duration'];
  const initialNs =
    initialText === undefined
      ? Math.min(finalNs, Math.ceil(Math.max(finalNs * INITIAL_DURATION_SHARE, 1e9 / minCps)))
      : parseDurationNs(initialText, { where: '--initial-duration' });
  if (initialNs > finalNs) {
    throw tooShort('--initial-duration', `at most --duration, ${flags.duration}`, `${initialText}`);
  }
  const sumText = flags['duration-sum'];
  const sumNs = sumText === undefined ? finalNs : parseDurationNs(sumText, { where: '--duration-sum' });
  if (sumNs < finalNs) {
    throw tooShort('--duration-sum', `at least --duration, ${flags.duration}`, `${sumText}`);
  }
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
  const firstDuration =
    method === 'mlrsearch' && initialText !== undefined
      ? { flag: '--initial-duration', text: initialText }
      : { flag: '--duration', text: method === 'mlrsearch' ? `${initialNs}ns` : flags.duration };
  return { goals, firstDuration };
}

function tooShort(where: string, expected: string, got: string): SiriusError {
  return usageError({
    code: 'search-duration',
    where,
    expected,
    got,
    hint: 'Trials grow from --initial-duration to --duration; those of one rate add up to --duration-sum.',
  });
}

/** Narrower, and bounds would be whole connections per second apart. */
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

/** Line rate of one port unless told; halved until the profile's addresses suffice. */
function highestCps(flags: FindCpsFlags, trialOf: TrialOf): number {
  const rate = flags['max-rate'];
  if (rate !== undefined) return Math.floor(named('--max-rate', '--rate', () => trialOf({ rate }).rateCps));
  for (let percent = 100; ; percent /= 2) {
    try {
      return Math.floor(trialOf({ rate: `${percent}%` }).rateCps);
    } catch (error) {
      const lacksAddresses = error instanceof SiriusError && error.code === 'address-capacity';
      if (!lacksAddresses || percent < 1) throw error;
    }
  }
}

/** The highest rate over the lowest one, unless told. */
const RATE_RANGE = 1000;

function lowestCps(flags: FindCpsFlags, { maxCps, trialOf }: { maxCps: number; trialOf: TrialOf }): number {
  const rate = flags['min-rate'];
  if (rate === undefined) return Math.max(1, Math.ceil(maxCps / RATE_RANGE));
  return Math.ceil(named('--min-rate', '--rate', () => trialOf({ rate }).rateCps));
}

function checkRange({ minCps, maxCps }: { minCps: number; maxCps: number }): void {
  if (minCps < maxCps) return;
  throw usageError({
    code: 'search-range',
    where: '--min-rate',
    expected: `less than --max-rate, ${formatRate(maxCps, 'cps')}`,
    got: formatRate(minCps, 'cps'),
    hint: 'A search needs a range of rates: lower --min-rate, or raise --max-rate.',
  });
}

/** Runs `build`; an error that names a flag of `cps` names the one that a user typed here. */
function named<T>(flag: string, flagOfCps: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof SiriusError) || !error.message.startsWith(`${flagOfCps}:`)) throw error;
    const { code, message, hint, exitCode } = error;
    throw new SiriusError({
      code,
      message: flag + message.slice(flagOfCps.length),
      hint: hint.replaceAll(`${flagOfCps} `, `${flag} `),
      exitCode,
    });
  }
}

function distinctWatts(powers: readonly string[]): number[] {
  return [...new Set(powers.map((power) => parsePowerWatts(power, { where: '--power' })))];
}
