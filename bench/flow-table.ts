import { monotonicNs } from '../core/clock.js';
import { loadDataPlane } from '../core/dataplane-module.js';

export interface FlowTableBenchOptions {
  /** Table sizes, in connections; each is filled to its capacity. 64M need 1.8 GB of memory. */
  connectionCounts: readonly number[];
  /** Operations of each kind, at least: small tables repeat. */
  operationCountMin: number;
}

/** Nanoseconds an operation, wall clock, one thread, in a table at its capacity (95% of its slots). */
export interface FlowTableTiming {
  connections: number;
  bytesPerRecord: number;
  /** From empty to capacity. A table larger than `operationCountMin` is filled once, and so pays for its memory's page faults too. */
  insertNs: number;
  /** A connection at random that is there, one at a time. */
  lookupHitNs: number;
  /** The same, in batches of 32 whose headers are touched ahead. */
  lookupHitTouchedNs: number;
  /** A connection that is not there. */
  lookupMissNs: number;
  lookupMissTouchedNs: number;
  /** A lookup and the deletion, in the order of insertion, which is random in the memory. */
  deleteNs: number;
  /** Making a key and its hash, which every figure above includes. */
  keyNs: number;
  /** The sweep hand, a full bucket of which nothing has expired. */
  sweepBucketNs: number;
  /** The sweep hand, an empty bucket. */
  sweepEmptyBucketNs: number;
  displacedPerInsert: number;
}

export const FLOW_TABLE_BENCH_SMOKE: FlowTableBenchOptions = {
  connectionCounts: [1_000],
  operationCountMin: 10_000,
};

const SWEEP_PERIOD_MS = 500;
/** Longer than any benchmark's virtual time: nothing expires. */
const IDLE_MS_MAX = 2 ** 30;
/** Number of the first connection that no table has. */
const MISSING_FIRST = 2 ** 31;
/** The data plane touches ahead in batches of this size. */
const TOUCHED_BATCH = 32;
/** Enough for the engine to optimise each function. */
const WARM_UP = { connections: 1_000, operationCountMin: 300_000 };

/**
 * Measures insert, lookup, delete and sweep at each size, in fresh memory.
 *
 * @throws Error when a table does not hold what it was given, which no valid measurement survives
 */
export function benchFlowTable({
  connectionCounts,
  operationCountMin,
}: FlowTableBenchOptions): FlowTableTiming[] {
  measureTable(WARM_UP);
  return connectionCounts.map((connections) => measureTable({ connections, operationCountMin }));
}

function measureTable({
  connections,
  operationCountMin,
}: {
  connections: number;
  operationCountMin: number;
}): FlowTableTiming {
  const { exports } = loadDataPlane();
  const table = exports.flowTableCreate(
    connections,
    1n,
    IDLE_MS_MAX,
    IDLE_MS_MAX,
    IDLE_MS_MAX,
    SWEEP_PERIOD_MS,
  );
  const rounds = Math.ceil(operationCountMin / connections);
  const lookups = Math.ceil(operationCountMin / TOUCHED_BATCH) * TOUCHED_BATCH;
  const lookup = (first: number, found: number) =>
    nsPerOperation(lookups, found, () =>
      exports.flowTableBenchmarkLookup(table, first, connections, lookups),
    );
  const lookupTouched = (first: number, found: number) =>
    nsPerOperation(lookups, found, () =>
      exports.flowTableBenchmarkLookupBatched(table, first, connections, lookups),
    );
  const insertAll = () =>
    nsPerOperation(connections, connections, () => exports.flowTableBenchmarkInsert(table, 0, connections));
  const deleteAll = () =>
    nsPerOperation(connections, connections, () => exports.flowTableBenchmarkDelete(table, 0, connections));
  let sweptAtMs = 0;
  const sweep = () => {
    sweptAtMs += SWEEP_PERIOD_MS;
    return nsPerOperation(exports.flowTableSlotCount(table) / 5, 0, () =>
      exports.flowTableAge(table, sweptAtMs),
    );
  };

  const firstInsertNs = insertAll();
  const displacedPerInsert = exports.flowTableDisplaced(table) / connections;
  const full = {
    keyNs: nsPerOperation(lookups, null, () =>
      exports.flowTableBenchmarkKeys(table, 0, connections, lookups),
    ),
    lookupHitNs: lookup(0, lookups),
    lookupHitTouchedNs: lookupTouched(0, lookups),
    lookupMissNs: lookup(MISSING_FIRST, 0),
    lookupMissTouchedNs: lookupTouched(MISSING_FIRST, 0),
    sweepBucketNs: sweep(),
  };
  let deleteNs = deleteAll();
  const sweepEmptyBucketNs = sweep();
  let insertNs = firstInsertNs;
  for (let round = 1; round < rounds; round++) {
    insertNs += insertAll();
    deleteNs += deleteAll();
  }
  return {
    connections,
    bytesPerRecord: exports.flowTableMemoryBytes(connections) / connections,
    insertNs: insertNs / rounds,
    ...full,
    deleteNs: deleteNs / rounds,
    sweepEmptyBucketNs,
    displacedPerInsert,
  };
}

/** Runs a loop of `operations`, whose result must be `expected` unless that is null; the time is that of one operation. */
function nsPerOperation(operations: number, expected: number | null, loop: () => number): number {
  const startedNs = monotonicNs();
  const result = loop();
  const elapsedNs = Number(monotonicNs() - startedNs);
  if (expected !== null && result !== expected)
    throw new Error(`flow table bench: expected ${expected} records, got ${result}`);
  return elapsedNs / operations;
}
