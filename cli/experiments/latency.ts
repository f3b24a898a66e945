import { usageError } from '../../core/errors.js';
import {
  formatDurationNs,
  formatRate,
  parseCount,
  parseDurationNs,
  parsePowerWatts,
} from '../../core/units.js';
import { loadProfile } from '../../generators/profile.js';
import type { FigureMark } from '../../results/figures/figure-data.js';
import type { Result } from '../../results/result.js';
import { type CardModel, loadModel, powerState } from '../../sirius-card/model.js';
import { hasCards, parseTarget, type Target } from '../../targets/target-url.js';
import { GENERATOR_PORT_COUNT } from '../../targets/underlay.js';
import { blamingArgument } from '../argument-error.js';
import { exitCodeOf } from '../exit-code.js';
import { checkFlagsTogether } from '../flags-together.js';
import { offeredCps } from '../offered-rate.js';
import { prepareFolder } from '../results-folder.js';
import { runSweep, type SweepFlags, type SweepOptions } from '../sweep/sweep.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import { prepareTrial, type TrialSpec } from '../sweep/trial-spec.js';
import { writeLatency } from './latency-files.js';
import { expectedKneeCps, kneeLadder, parseLadder, parseRateList } from './latency-ladder.js';
import { type LatencyStep, latencyStep } from './latency-step.js';
import { renderLatency } from './latency-text.js';
import { parseSeedCount } from './seed-count.js';

/** What to measure, and at which loads. */
export interface LatencyLoads {
  rates?: string;
  ladder?: string;
  'packet-size': string;
  duration: string;
  target: string;
  model: string;
  power: string;
  seeds?: string;
  quick: boolean;
}

export interface LatencyFlags extends LatencyLoads, SweepFlags {
  out: string;
}

export interface LatencyReport {
  mark: FigureMark;
  target: string;
  /** Only of a target with cards. */
  model?: string;
  powerWatts?: number;
  /** What was run, in one line. */
  subtitle: string;
  /** By packet size, then ascending by load. */
  steps: LatencyStep[];
}

export interface PerformLatencyOptions extends SweepOptions {
  /** Names of the flags that a user typed. */
  given: ReadonlySet<string>;
}

/** 5% above the knee, queues are full after a third of a second. */
const QUICK_DURATION = '400ms';
const PACKET_BYTES = { least: 64, most: 1500 };
const PERCENT_OF_ALL_PORTS = 100 * GENERATOR_PORT_COUNT;

/** The whole of `sirius-bench latency`: trials at a ladder of loads, their latencies as text, CSV, JSON and charts. */
export async function performLatency(
  flags: LatencyFlags,
  options: PerformLatencyOptions,
): Promise<{ report: LatencyReport & { files: string[] }; text: string; exitCode: number }> {
  const plan = latencyPlan(flags, options.given);
  prepareFolder(flags.out, '--out');
  const trials = await runSweep(flags, options, (pool) => latencyTrials(pool, plan));
  const report = latencyReport(plan, trials);
  const files = await writeLatency(report, trials, flags.out);
  return {
    report: { ...report, files },
    text: renderLatency(report, files),
    exitCode: Math.max(...trials.flatMap(({ results }) => results.map(exitCodeOf))),
  };
}

export interface LatencyPlan {
  target: Target;
  model: CardModel;
  powerWatts: number;
  subtitle: string;
  loads: { packetBytes: number; specs: TrialSpec[] }[];
}

/** What to run, all checked. @throws SiriusError (usage) naming the flag that is wrong. */
export function latencyPlan(flags: LatencyLoads, given: ReadonlySet<string>): LatencyPlan {
  const target = parseTarget(flags.target);
  checkFlagsTogether({ given, target });
  checkOneLadder(flags);
  const model = loadModel(flags.model);
  const powerWatts = parsePowerWatts(flags.power, { where: '--power' });
  powerState(model, powerWatts);
  const seedCount = parseSeedCount(flags);
  const duration = flags.quick && !given.has('duration') ? QUICK_DURATION : flags.duration;
  const sizes = packetSizes(flags['packet-size']).map((packetBytes) => {
    const ladder = ratesOf(flags, { target, model, powerWatts, packetBytes });
    const loads = ladder.rates.map((rate) =>
      Array.from(
        { length: seedCount },
        (_, index): TrialSpec => ({
          command: 'cps',
          flags: {
            ...{ rate, duration, target: flags.target, model: flags.model, power: flags.power },
            ...{ seed: String(index + 1), tunable: [`innerFrameBytes=${packetBytes}`] },
          },
        }),
      ),
    );
    return { ...ladder, packetBytes, loads };
  });
  // All are checked before the first one starts.
  for (const { loads, blamed } of sizes)
    for (const spec of loads.flat())
      blamingArgument({ flag: '--rate', argument: blamed }, () => prepareTrial(spec));
  const cards = hasCards(target) ? `, model ${model.name} at ${powerWatts} W` : '';
  const trialText = formatDurationNs(parseDurationNs(duration, { where: '--duration' }));
  const runs = `${seedCount} ${seedCount === 1 ? 'seed' : 'seeds'} of ${trialText}`;
  return {
    ...{ target, model, powerWatts },
    subtitle: `${target.url}${cards}; ${loadsText(sizes, hasCards(target))}; ${runs} a load`,
    loads: sizes.flatMap(({ packetBytes, loads }) => loads.map((specs) => ({ packetBytes, specs }))),
  };
}

/** The trials of one load. */
export interface LoadTrials {
  packetBytes: number;
  results: Result[];
}

/** Every load with every seed; ascending by load within a packet size. */
export async function latencyTrials(
  pool: Pick<TrialPool, 'run'>,
  { loads }: Pick<LatencyPlan, 'loads'>,
): Promise<LoadTrials[]> {
  const trials = await Promise.all(
    loads.map(async ({ packetBytes, specs }) => ({
      packetBytes,
      results: await Promise.all(specs.map((spec) => pool.run(spec))),
    })),
  );
  const rateOf = ({ results }: LoadTrials) => results[0]?.input.rateCps ?? 0;
  return trials.sort((one, other) => one.packetBytes - other.packetBytes || rateOf(one) - rateOf(other));
}

export function latencyReport(
  { target, model, powerWatts, subtitle }: Omit<LatencyPlan, 'loads'>,
  trials: readonly LoadTrials[],
): LatencyReport {
  return {
    mark: 'virtual',
    target: target.url,
    ...(hasCards(target) ? { model: model.name, powerWatts } : {}),
    subtitle,
    steps: trials.map(({ packetBytes, results }) => latencyStep(results, packetBytes)),
  };
}

interface LadderOptions {
  target: Target;
  model: CardModel;
  powerWatts: number;
  packetBytes: number;
}

interface Ladder {
  rates: string[];
  /** What a ladder without flags leads up to. */
  kneeCps?: number;
  /** The flag that a wrong rate comes from. */
  blamed: string;
}

function ratesOf(flags: LatencyLoads, { target, model, powerWatts, packetBytes }: LadderOptions): Ladder {
  if (flags.rates !== undefined) return { rates: parseRateList(flags.rates), blamed: '--rates' };
  if (flags.ladder !== undefined) {
    const rates = parseLadder(flags.ladder).map(String);
    return { rates, blamed: '--ladder' };
  }
  const profile = loadProfile('cps', { tunables: [`innerFrameBytes=${packetBytes}`] });
  const kneeCps = expectedKneeCps({ target, model, state: powerState(model, powerWatts), profile });
  const lineRateBps = model.network.linkRateGbps * 1e9;
  const highestCps = offeredCps({ value: PERCENT_OF_ALL_PORTS, unit: 'percent', profile, lineRateBps });
  const rates = kneeLadder(kneeCps, { highestCps, isQuick: flags.quick }).map(String);
  return { rates, kneeCps, blamed: '--rate' };
}

/** Where the loads come from: a reader should know what the ladder leads up to. */
function loadsText(sizes: readonly (Ladder & { packetBytes: number })[], hasCards: boolean): string {
  const [first] = sizes;
  if (first?.kneeCps === undefined) return `loads of ${first?.blamed}`;
  const knee = hasCards ? 'the knee that the model leads to expect' : 'the line rate of one port';
  const rates = sizes.map(
    ({ kneeCps = 0, packetBytes }) => `${formatRate(kneeCps, 'cps')} at ${packetBytes} B`,
  );
  return `loads up to ${knee} (${rates.join(', ')}), and at most 5% over`;
}

function checkOneLadder({ rates, ladder }: LatencyLoads): void {
  if (rates === undefined || ladder === undefined) return;
  throw usageError({
    code: 'rates-and-ladder',
    where: '--ladder',
    expected: 'no --rates beside it',
    got: `--rates ${rates}`,
    hint: 'Give the loads one by one with --rates, or as a range with --ladder.',
  });
}

function packetSizes(text: string): number[] {
  const where = '--packet-size';
  const sizes = text.split(',').map((size) => parseCount(size, { where }));
  const wrong = sizes.find((bytes) => bytes < PACKET_BYTES.least || bytes > PACKET_BYTES.most);
  if (wrong === undefined) return [...new Set(sizes)];
  throw usageError({
    code: 'packet-size',
    where,
    expected: `inner frames of ${PACKET_BYTES.least} to ${PACKET_BYTES.most} B`,
    got: `${wrong}`,
    hint: 'For example --packet-size 64,1500.',
  });
}
