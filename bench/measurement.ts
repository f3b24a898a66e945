import { monotonicNs } from '../core/clock.js';
import { usageError } from '../core/errors.js';
import { nearest } from '../core/nearest.js';
import { loadModel } from '../sirius-card/model.js';
import { ACL_MIXES, ACL_SIZE, ACL_SMOKE, benchAcl } from './acl.js';
import { measureBulkSync } from './bulk-sync.js';
import type { Reading, TimedReading } from './figure.js';
import { benchFlowTable, type FlowTableTiming } from './flow-table.js';
import { benchMemory } from './memory.js';
import { benchSimulation, SIMULATION_PATHS, SIMULATION_SIZE, SIMULATION_SMOKE } from './simulation.js';
import { benchWall, WALL_SIZE, WALL_SMOKE } from './wall.js';

export const MEASUREMENT_GROUPS = ['simulation', 'acl', 'flow-table', 'memory', 'wall', 'bulk-sync'] as const;
export type MeasurementGroup = (typeof MEASUREMENT_GROUPS)[number];

/** The kept benchmark at its real size, or so small that a test runs it. */
export type BenchSize = 'full' | 'smoke';

/** What one fresh process measures. */
export interface Measurement {
  /** `group:what`. */
  name: string;
  group: MeasurementGroup;
  run(size: BenchSize): Reading | Promise<Reading>;
}

const FLOW_TABLE_CONNECTIONS = { '1k': 1_000, '1M': 1_000_000, '16M': 16_000_000 };
const FLOW_TABLE_OPERATIONS: Record<BenchSize, number> = { full: 10_000_000, smoke: 10_000 };
/** So few at smoke size, whatever the name says. */
const FLOW_TABLE_CONNECTIONS_SMOKE = 1_000;
/** The default run of the command line, and one twice as long. */
const MEMORY_DURATIONS_MS: Record<string, Record<BenchSize, number>> = {
  '2s': { full: 2000, smoke: 4 },
  '4s': { full: 4000, smoke: 8 },
};

/** SONiC DASH asks for 32M within a minute. */
const BULK_SYNC_CONNECTIONS: Record<BenchSize, number> = { full: 32_000_000, smoke: 10_000 };

/** Everything that is measured, in order of the report. */
export const MEASUREMENTS: readonly Measurement[] = [
  ...SIMULATION_PATHS.map((path) =>
    measurement('simulation', path, (size) =>
      benchSimulation(path, size === 'full' ? SIMULATION_SIZE : SIMULATION_SMOKE),
    ),
  ),
  ...ACL_MIXES.map((mix) =>
    measurement('acl', mix, (size) => benchAcl(mix, size === 'full' ? ACL_SIZE : ACL_SMOKE)),
  ),
  ...Object.entries(FLOW_TABLE_CONNECTIONS).map(([name, connections]) =>
    measurement('flow-table', name, (size) => readFlowTable(connections, size)),
  ),
  ...Object.entries(MEMORY_DURATIONS_MS).map(([name, durationMs]) =>
    measurement('memory', name, (size) =>
      benchMemory({ durationMs: durationMs[size], acl: size === 'full' ? 'table4' : 'none' }),
    ),
  ),
  measurement('wall', 'card-pair', (size) => benchWall(size === 'full' ? WALL_SIZE : WALL_SMOKE)),
  measurement('bulk-sync', '32M', (size) => readBulkSync(BULK_SYNC_CONNECTIONS[size])),
];

/**
 * The measurements that `--only` names, by group or by full name; all of them when it names none.
 * @throws SiriusError (usage) for a name that there is not.
 */
export function selectMeasurements(names: readonly string[]): Measurement[] {
  const known = [...MEASUREMENT_GROUPS, ...MEASUREMENTS.map(({ name }) => name)];
  for (const name of names) {
    if (known.includes(name)) continue;
    const candidate = nearest(name, known);
    throw usageError({
      code: 'bench-unknown',
      where: '--only',
      expected: `a group (${MEASUREMENT_GROUPS.join(', ')}) or one of its measurements`,
      got: `"${name}"`,
      hint: candidate ? `Did you mean ${candidate}?` : '`npm run bench -- --list` tells their names.',
    });
  }
  return MEASUREMENTS.filter(
    ({ name, group }) => names.length === 0 || names.includes(group) || names.includes(name),
  );
}

/** Runs one measurement in this process, which should be a fresh one. */
export async function readMeasurement({ run }: Measurement, size: BenchSize): Promise<TimedReading> {
  const startedNs = monotonicNs();
  const before = process.cpuUsage();
  const reading = await run(size);
  const { user, system } = process.cpuUsage(before);
  return { ...reading, cpuShare: ((user + system) * 1e3) / Number(monotonicNs() - startedNs) };
}

function measurement(group: MeasurementGroup, what: string, run: Measurement['run']): Measurement {
  return { name: `${group}:${what}`, group, run };
}

function readFlowTable(connections: number, size: BenchSize): Reading {
  const [timing] = benchFlowTable({
    connectionCounts: [size === 'full' ? connections : FLOW_TABLE_CONNECTIONS_SMOKE],
    operationCountMin: FLOW_TABLE_OPERATIONS[size],
  });
  const { bytesPerRecord, displacedPerInsert, ...times } = timing as FlowTableTiming;
  const ns = (name: string, value: number) => ({ name, unit: 'ns' as const, value });
  return {
    figures: [
      ns('insert', times.insertNs),
      ns('lookup, there', times.lookupHitNs),
      ns('lookup, there, in batches', times.lookupHitTouchedNs),
      ns('lookup, not there', times.lookupMissNs),
      ns('lookup, not there, in batches', times.lookupMissTouchedNs),
      ns('delete', times.deleteNs),
      ns('key alone (in each above)', times.keyNs),
      { name: 'memory per record', unit: 'bytes', value: bytesPerRecord },
    ],
    deterministic: { connections: times.connections, bytesPerRecord, displacedPerInsert },
  };
}

function readBulkSync(connectionCount: number): Reading {
  const startedNs = monotonicNs();
  const { connections, records, bytes, tookNs } = measureBulkSync(loadModel('dsc-200'), connectionCount);
  const simulatedMs = Number(monotonicNs() - startedNs) / 1e6;
  return {
    figures: [
      { name: 'to copy (virtual)', unit: 'ms', value: tookNs / 1e6 },
      { name: 'frames between the cards (virtual)', unit: 'bytes', value: bytes },
      { name: 'filling the table and simulating', unit: 'ms', value: simulatedMs },
    ],
    deterministic: { connections, records, bytes, tookNs },
  };
}
