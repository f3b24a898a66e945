import { createHash } from 'node:crypto';
import { type FigureSummary, type Reading, summarize, type TimedReading } from './figure.js';
import type { BenchSize, Measurement, MeasurementGroup } from './measurement.js';
import { SIMULATION_PATHS } from './simulation.js';

/** What `--json` prints. */
export interface BenchReport {
  schema: 'sirius-bench.bench/1';
  size: BenchSize;
  rounds: number;
  host: BenchHost;
  measurements: MeasuredSummary[];
  /** Differences of two paths' times per packet, taken within each round: what each thing more costs. */
  stages: StageSummary[];
  /** SHA-256 of every result that a machine has no say in. */
  deterministicHash: string;
}

export interface BenchHost {
  cpu: string;
  cpuCount: number;
  /** Runnable programs over the last minute when the benchmark started: above 0.5, others were at work. */
  loadAverage: number;
  node: string;
  commit: string;
  version: string;
}

export interface MeasuredSummary {
  name: string;
  group: MeasurementGroup;
  figures: FigureSummary[];
  /** Of the process: CPU time by elapsed time, the least of all rounds. Below 0.9, its figures are the busy machine's. */
  cpuShareMin: number;
}

export interface StageSummary {
  name: string;
  /** The difference of these two, or the first path itself. */
  of: string;
  nsPerPacket: FigureSummary;
}

export interface RoundsOptions {
  measurements: readonly Measurement[];
  size: BenchSize;
  rounds: number;
  host: BenchHost;
  /** Runs one measurement; in a fresh process, outside tests. */
  read(measurement: Measurement, round: number): Promise<TimedReading>;
}

const STAGE_NAMES: Record<(typeof SIMULATION_PATHS)[number], string> = {
  loopback: 'generator and its links',
  switches: 'two switches',
  solo: 'one card, no ACL',
  'pair-unreplicated': 'a second card, no replication',
  pair: 'replication',
  'pair-table4': 'ACLs of Table 4',
};

/**
 * Reads every measurement once a round, in reversed order every other round, so that a machine that drifts favours none.
 * @throws Error when a result that must not depend on the machine differs between rounds
 */
export async function runRounds(options: RoundsOptions): Promise<BenchReport> {
  const { measurements, size, rounds, host, read } = options;
  const readings = new Map<string, TimedReading[]>(measurements.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? measurements : [...measurements].reverse();
    for (const measurement of order) readings.get(measurement.name)?.push(await read(measurement, round));
  }
  return {
    schema: 'sirius-bench.bench/1',
    size,
    rounds,
    host,
    measurements: measurements.map(({ name, group }) => ({
      name,
      group,
      figures: summarizeFigures(readings.get(name) ?? []),
      cpuShareMin: Math.min(...(readings.get(name) ?? []).map(({ cpuShare }) => cpuShare)),
    })),
    stages: stagesOf(readings),
    deterministicHash: hashOf(readings),
  };
}

/** A figure that only some rounds have (no rate failed) is of those rounds. */
function summarizeFigures(readings: readonly Reading[]): FigureSummary[] {
  const figures = new Map(
    readings.flatMap((reading) => reading.figures.map((figure) => [figure.name, figure])),
  );
  return [...figures.values()].map((figure) => summarize(figure, valuesOf(readings, figure.name)));
}

function valuesOf(readings: readonly Reading[], name: string): number[] {
  return readings.flatMap(({ figures }) => figures.find((figure) => figure.name === name)?.value ?? []);
}

function stagesOf(readings: ReadonlyMap<string, Reading[]>): StageSummary[] {
  const times = (path: string | undefined) => {
    const found = readings.get(`simulation:${path}`);
    return found && valuesOf(found, 'time per packet');
  };
  return SIMULATION_PATHS.flatMap((path, index) => {
    const previous = SIMULATION_PATHS[index - 1];
    const [own, before] = [times(path), times(previous)];
    if (!own || (previous && !before)) return [];
    const rounds = own.map((ns, round) => ns - (before?.[round] ?? 0));
    return {
      name: STAGE_NAMES[path],
      of: previous ? `${path} - ${previous}` : path,
      nsPerPacket: summarize({ name: 'time per packet', unit: 'ns' }, rounds),
    };
  });
}

function hashOf(readings: ReadonlyMap<string, Reading[]>): string {
  const results = [...readings].map(([name, rounds]) => {
    const [first, ...others] = rounds.map(({ deterministic }) => JSON.stringify(deterministic));
    const other = others.find((text) => text !== first);
    if (other !== undefined)
      throw new Error(`${name}: expected equal results in every round, got ${first} and ${other}`);
    return [name, first];
  });
  return createHash('sha256').update(JSON.stringify(results)).digest('hex');
}
