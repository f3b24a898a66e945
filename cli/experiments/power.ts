import { median } from '../../core/median.js';
import { formatDurationNs, formatRate, formatRatio, parseDurationNs } from '../../core/units.js';
import type { FigureData } from '../../results/figures/figure-data.js';
import { type PowerStateSamples, powerFigure } from '../../results/figures/power.js';
import type { Result } from '../../results/result.js';
import { sustainedLossRatio } from '../../results/sustained-loss.js';
import { type CardModel, loadModel } from '../../sirius-card/model.js';
import { renderColumns, wrap } from '../columns.js';
import { DEFAULT_PPS_FLAGS } from '../pps-options.js';
import { prepareFolder } from '../results-folder.js';
import { runSweep, type SweepFlags, type SweepOptions } from '../sweep/sweep.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import { prepareTrial, type TrialSpec } from '../sweep/trial-spec.js';
import { writeFigure } from './figure-files.js';
import { exitCodeFor, invalidLines, isValid, watchInvalid } from './invalid-trials.js';
import { parseSeedCount } from './seed-count.js';

export interface PowerFlags extends SweepFlags {
  rate: string;
  'latency-rate': string;
  duration: string;
  model: string;
  seeds?: string;
  quick: boolean;
  out: string;
}

/** One power state; medians over seeds. */
export interface PowerStateReport {
  watts: number;
  /** One card at line rate of the smallest packets. */
  pps: number;
  /** The pair at `--rate`. */
  achievedCps: number;
  /** There, in the long run: see `sustainedLossRatio`. */
  lossRatio: number;
  /** The pair at `--latency-rate`, p50; and p99 where it says so. */
  synToSynAckNs: number;
  synToSynAckP99Ns: number;
  pingPongNs: number;
  cardTransitNs: number;
  /** Derived: of one card, and of the two cards of the pair, by the watts of the model's state. */
  packetsPerJoule: number;
  connectionsPerJoule: number;
}

export interface PowerReport {
  states: PowerStateReport[];
  figure: FigureData;
  files: string[];
  /** Trials that are left out, since their measurement is invalid. */
  invalidRunIds: string[];
}

/** Cards that a pair's connections are work of. */
const PAIR_CARDS = 2;
/** At 52 W, 3M connections per second fill the queues in 0.1 s. */
export const QUICK_DURATION = '200ms';
const COLUMNS = 80;

/** The whole of `sirius-bench power`: every power state at the same loads, side by side. */
export async function performPower(
  flags: PowerFlags,
  options: PerformPowerOptions,
): Promise<{ report: PowerReport; text: string; exitCode: number }> {
  const model = loadModel(flags.model);
  const seedCount = parseSeedCount(flags);
  const loads = powerLoads(flags, options.given);
  prepareFolder(flags.out, '--out');
  const { figure, states, invalid } = await runSweep(flags, options, async (pool) => {
    const watched = watchInvalid(pool);
    return { ...(await runPower(watched, loads, model, seedCount)), invalid: watched.invalid() };
  });
  const files = await writeFigure(figure, flags.out);
  const heading = powerHeading(loads, model, seedCount);
  const text = `${heading}\n\n${renderPower(states, flags, [...files, ...invalidLines(invalid)])}`;
  const invalidRunIds = invalid.map(({ id }) => id);
  return { report: { states, figure, files, invalidRunIds }, text, exitCode: exitCodeFor(invalid) };
}

export interface PerformPowerOptions extends SweepOptions {
  /** Flags that were typed: a default duration is shortened by `--quick`, one of the user's is not. */
  given: ReadonlySet<string>;
}

export type PowerLoads = Pick<PowerFlags, 'rate' | 'latency-rate' | 'duration' | 'model'>;

/** What `power` offers. */
export function powerLoads(flags: PowerLoads & { quick: boolean }, given: ReadonlySet<string>): PowerLoads {
  return { ...flags, duration: flags.quick && !given.has('duration') ? QUICK_DURATION : flags.duration };
}

/** What was run: trials of packets have the length that `pps` has by default. */
export function powerHeading(
  { duration }: Pick<PowerLoads, 'duration'>,
  { name }: Pick<CardModel, 'name'>,
  seedCount: number,
): string {
  const lengthOf = (text: string) => formatDurationNs(parseDurationNs(text, { where: '--duration' }));
  const trials = `trials: connections ${lengthOf(duration)}, packets ${lengthOf(DEFAULT_PPS_FLAGS.duration)}`;
  const seeds = `${seedCount} ${seedCount === 1 ? 'seed' : 'seeds'}`;
  return wrap(`power states of ${name}; ${trials}; ${seeds}`, COLUMNS).join('\n');
}

/** The power states side by side, as a figure and as numbers; a state without a valid trial is left out. */
export async function runPower(
  pool: Pick<TrialPool, 'run'>,
  loads: PowerLoads,
  model: CardModel,
  seedCount: number,
): Promise<{ figure: FigureData; states: PowerStateReport[] }> {
  const trials = await powerTrials(pool, loads, model, seedCount);
  const measured = trials.filter(
    ({ pps, cps, latency }) => pps.length > 0 && cps.length > 0 && latency.length > 0,
  );
  const figure = powerFigure({
    mark: 'virtual',
    subtitle: `model ${model.name}; packets: one card at line rate of 64 B; connections: the pair, offered ${loads.rate}; latency: offered ${loads['latency-rate']}; per joule: derived from the states' watts`,
    states: measured.map(samplesOf),
  });
  return { figure, states: measured.map(reportOf) };
}

interface StateTrials {
  watts: number;
  pps: Result[];
  cps: Result[];
  latency: Result[];
}

export async function powerTrials(
  pool: Pick<TrialPool, 'run'>,
  loads: PowerLoads,
  model: CardModel,
  seedCount: number,
): Promise<StateTrials[]> {
  const seeds = Array.from({ length: seedCount }, (_, index) => String(index + 1));
  const specs = model.powerStates.map(({ watts }) => {
    const shared = { model: loads.model, power: `${watts}W` };
    const cps = (rate: string) =>
      seeds.map(
        (seed): TrialSpec => ({ command: 'cps', flags: { ...shared, rate, duration: loads.duration, seed } }),
      );
    const pps = seeds.map((seed): TrialSpec => ({ command: 'pps', flags: { ...shared, seed } }));
    return { watts, pps, cps: cps(loads.rate), latency: cps(loads['latency-rate']) };
  });
  // All are checked before the first one starts.
  for (const state of specs)
    for (const spec of [...state.cps, ...state.latency, ...state.pps]) prepareTrial(spec);
  const run = (asked: TrialSpec[]) => Promise.all(asked.map((spec) => pool.run(spec)));
  return Promise.all(
    specs.map(async ({ watts, pps, cps, latency }) => {
      const [ofPps, ofCps, ofLatency] = await Promise.all([run(pps), run(cps), run(latency)]);
      return {
        watts,
        pps: ofPps.filter(isValid),
        cps: ofCps.filter(isValid),
        latency: ofLatency.filter(isValid),
      };
    }),
  );
}

function samplesOf({ watts, pps, cps, latency }: StateTrials): PowerStateSamples {
  const samples = (results: Result[], value: (result: Result) => number) =>
    results.map((result) => ({ y: value(result), runId: result.id }));
  return {
    powerWatts: watts,
    pps: samples(pps, ({ measured }) => measured.achieved.pps),
    cps: samples(cps, ({ measured }) => measured.achieved.cps),
    cardTransitNs: samples(latency, ({ measured }) => measured.latencyNs.cardTransit.p50),
    synToSynAckNs: samples(latency, ({ measured }) => measured.latencyNs.synToSynAck.p50),
    packetsPerJoule: samples(pps, ({ measured }) => measured.achieved.pps / watts),
    connectionsPerJoule: samples(cps, ({ measured }) => measured.achieved.cps / (PAIR_CARDS * watts)),
  };
}

function reportOf({ watts, pps, cps, latency }: StateTrials): PowerStateReport {
  const ppsMedian = medianOf(pps, ({ measured }) => measured.achieved.pps);
  const cpsMedian = medianOf(cps, ({ measured }) => measured.achieved.cps);
  return {
    watts,
    pps: ppsMedian,
    achievedCps: cpsMedian,
    lossRatio: median(cps.map(sustainedLossRatio)),
    synToSynAckNs: medianOf(latency, ({ measured }) => measured.latencyNs.synToSynAck.p50),
    synToSynAckP99Ns: medianOf(latency, ({ measured }) => measured.latencyNs.synToSynAck.p99),
    pingPongNs: medianOf(latency, ({ measured }) => measured.latencyNs.pingPong.p50),
    cardTransitNs: medianOf(latency, ({ measured }) => measured.latencyNs.cardTransit.p50),
    packetsPerJoule: ppsMedian / watts,
    connectionsPerJoule: cpsMedian / (PAIR_CARDS * watts),
  };
}

function medianOf(results: readonly Result[], value: (result: Result) => number): number {
  return median(results.map(value));
}

/** Quantities down, states across, each with what it is of the first state; and closing lines: files, and what was left out. */
export function renderPower(
  states: readonly PowerStateReport[],
  flags: Pick<PowerFlags, 'rate' | 'latency-rate'>,
  closing: readonly string[],
): string {
  const [first, ...others] = states;
  // Beside the first state, as many at a time as a terminal has room for.
  const groups: PowerStateReport[][] = [];
  for (let from = 0; from === 0 || from < others.length; from += STATES_BESIDE_FIRST) {
    groups.push([...(first === undefined ? [] : [first]), ...others.slice(from, from + STATES_BESIDE_FIRST)]);
  }
  const tables = groups.map((group) => powerTable(group, flags));
  const legend = [
    'virtual; latencies are p50 of the pair but where it says p99',
    "per joule: derived from the states' watts, packets for one card, connections",
    'for the two of the pair',
  ].join('\n');
  return `${tables.join('\n\n')}\n\n${legend}\n\n${closing.join('\n')}\n`;
}

const STATES_BESIDE_FIRST = 2;

function powerTable(
  states: readonly PowerStateReport[],
  flags: Pick<PowerFlags, 'rate' | 'latency-rate'>,
): string {
  const [first] = states;
  const row = (label: string, key: keyof PowerStateReport, format: (value: number) => string): string[] => [
    label,
    ...states.map((state) => {
      const change =
        first === undefined || state === first || first[key] === 0
          ? ''
          : ` ${changeText(state[key] / first[key])}`;
      return `${format(state[key])}${change}`;
    }),
  ];
  const rows = [
    ['', ...states.map(({ watts }) => `${watts} W`)],
    row('power', 'watts', (value) => `${value} W`),
    row('packets/s, one card', 'pps', (value) => formatRate(value, 'pps')),
    row(`connections/s of ${flags.rate} offered`, 'achievedCps', (value) => formatRate(value, 'cps')),
    ['  lost there in the long run', ...states.map(({ lossRatio }) => formatRatio(lossRatio))],
    row(`SYN to SYN-ACK at ${flags['latency-rate']}`, 'synToSynAckNs', formatDurationNs),
    row('  p99', 'synToSynAckP99Ns', formatDurationNs),
    row('  ping-pong', 'pingPongNs', formatDurationNs),
    row('  card transit', 'cardTransitNs', formatDurationNs),
    row('packets per joule', 'packetsPerJoule', perJoule),
    row('connections per joule', 'connectionsPerJoule', perJoule),
  ];
  return renderColumns(rows, { columns: Number.POSITIVE_INFINITY });
}

/** `-25.0%`; `0%` where no digit that is shown changes. */
function changeText(ratio: number): string {
  const percent = (ratio - 1) * 100;
  const digits = Math.abs(percent).toFixed(1);
  return digits === '0.0' ? '0%' : `${percent < 0 ? '-' : '+'}${digits}%`;
}

function perJoule(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString('en-US', { maximumFractionDigits: 1 });
}
