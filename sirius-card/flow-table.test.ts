import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DataPlaneBuild, type DataPlaneExports, loadDataPlane } from '../core/dataplane-module.js';
import { FlowFlag, FlowState } from './dataplane/flow-layout.js';

const BUILDS: DataPlaneBuild[] = ['release', 'debug'];

/** Source and destination address and port, fNIC, protocol. */
type Tuple = [number, number, number, number, number, number];

const ESTABLISHED_IDLE_MS = 6_000;
const HALF_OPEN_IDLE_MS = 3_000;
const CLOSED_LINGER_MS = 1_000;
const SWEEP_PERIOD_MS = 500;
/** The promise: no record outlives its deadline by more. */
const LATENESS_MS_MAX = 1_000;

/** Hash bits that leave n buckets four first choices, four second ones and two tags; none at all puts every key into one pair. */
const MASKS = { all: [0xffffffff, 0xffffffff], few: [0xc0000000, 0xc0000001], none: [0, 0] } as const;

describe.each(BUILDS)('flow table (%s)', (build) => {
  const { exports } = loadDataPlane({ build });
  const createTable = (capacityRecords: number, seed = 1): number =>
    exports.flowTableCreate(
      capacityRecords,
      BigInt(seed),
      ESTABLISHED_IDLE_MS,
      HALF_OPEN_IDLE_MS,
      CLOSED_LINGER_MS,
      SWEEP_PERIOD_MS,
    );

  it('finds a connection in both directions and no other', () => {
    const table = createTable(100);
    const record = exports.flowTableInsertTuple(table, 0x0a000001, 0x0a000002, 4000, 80, 3, 6);
    expect(record).not.toBe(0);
    expect(exports.flowTableLookupTuple(table, 0x0a000001, 0x0a000002, 4000, 80, 3, 6)).toBe(record);
    expect(exports.flowTableLookupTuple(table, 0x0a000002, 0x0a000001, 80, 4000, 3, 6)).toBe(record);
    const others: Tuple[] = [
      [0x0a000001, 0x0a000002, 80, 4000, 3, 6],
      [0x0a000002, 0x0a000001, 4000, 80, 3, 6],
      [0x0a000001, 0x0a000002, 4000, 80, 4, 6],
      [0x0a000001, 0x0a000002, 4000, 80, 3, 17],
      [0x0a000001, 0x0a000002, 4001, 80, 3, 6],
    ];
    expect(others.map((tuple) => exports.flowTableLookupTuple(table, ...tuple))).toEqual(others.map(() => 0));
  });

  it('orders the endpoints alike in both directions', () => {
    fc.assert(
      fc.property(tuples(), ([source, destination, sourcePort, destinationPort]) => {
        const there = exports.flowTableSourceIsLow(source, destination, sourcePort, destinationPort);
        const back = exports.flowTableSourceIsLow(destination, source, destinationPort, sourcePort);
        const isSame = source === destination && sourcePort === destinationPort;
        const isLow = source < destination || (source === destination && sourcePort <= destinationPort);
        expect([Number(there), Number(back)]).toEqual([Number(isLow), Number(isSame || !isLow)]);
      }),
    );
  });

  it('holds 64Mi records on each of two cards and 400 MiB more in a 4 GiB memory', () => {
    const bytes = exports.flowTableMemoryBytes(64 * 2 ** 20);
    expect(bytes / (64 * 2 ** 20)).toBeLessThan(27);
    expect(2 * bytes + 400 * 2 ** 20).toBeLessThanOrEqual(2 ** 32);
  });

  it.each(Object.keys(MASKS) as (keyof typeof MASKS)[])(
    'does what a Map does, with %s of the hash bits',
    (mask) => {
      const operation = fc.record({
        kind: fc.constantFrom('insert', 'insert', 'insert', 'delete', 'lookup'),
        tuple: tuples(),
        payload: fc.nat(),
      });
      fc.assert(
        fc.property(
          fc.array(operation, { maxLength: 300, size: 'max' }),
          fc.integer({ min: 1, max: 60 }),
          (operations, capacity) => {
            const table = createTable(capacity);
            exports.flowTableSetHashMask(table, MASKS[mask][0], MASKS[mask][1]);
            const oracle = new Map<string, { tuple: Tuple; payload: number }>();
            let refused = 0;
            for (const { kind, tuple, payload } of operations) {
              const name = connectionName(tuple);
              const isKnown = oracle.has(name);
              if (kind === 'delete') {
                expect(Boolean(exports.flowTableDeleteTuple(table, ...tuple))).toBe(isKnown);
                oracle.delete(name);
              } else if (kind === 'lookup' || isKnown) {
                expect(exports.flowTableLookupTuple(table, ...tuple) !== 0).toBe(isKnown);
              } else {
                const record = exports.flowTableInsertTuple(table, ...tuple);
                if (mask === 'all') expect(record !== 0).toBe(oracle.size < capacity);
                if (record === 0) refused += 1;
                else {
                  exports.flowTableWriteRecord(record, FlowState.established, 0, payload);
                  oracle.set(name, { tuple, payload });
                }
              }
            }
            expect([exports.flowTableCount(table), exports.flowTableFull(table)]).toEqual([
              oracle.size,
              refused,
            ]);
            expect(payloads(exports, table)).toEqual(
              [...oracle.values()].map(({ payload }) => payload).sort(ascending),
            );
            for (const { tuple, payload } of oracle.values()) {
              const record = exports.flowTableLookupTuple(table, ...tuple);
              expect(record && exports.flowRecordLastSeenMs(record)).toBe(payload);
            }
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  it('refuses and counts when one pair of buckets has all ten records', () => {
    const table = createTable(1000);
    exports.flowTableSetHashMask(table, 0, 0);
    expect(exports.flowTableBenchmarkInsert(table, 0, 30)).toBe(10);
    expect([exports.flowTableCount(table), exports.flowTableFull(table)]).toEqual([10, 20]);
    expect(exports.flowTableBenchmarkLookup(table, 10, 20, 100)).toBe(0);
  });

  it.each([1, 2, 5, 10, 63, 100, 1000, 20_000])(
    'takes exactly its capacity of %d records, whatever the seed',
    (capacity) => {
      for (let seed = 0; seed < 10; seed++) {
        const table = createTable(capacity, seed);
        expect(exports.flowTableBenchmarkInsert(table, seed * 100_000, capacity + 7)).toBe(capacity);
        expect(exports.flowTableFull(table)).toBe(7);
        expect(exports.flowTableHighWater(table)).toBe(capacity);
      }
    },
  );

  it('fills beyond 97% of its slots before the first refusal', () => {
    const loads = [1, 2, 3].map((seed) => {
      const table = createTable(100_000, seed);
      exports.flowTableLiftCapacity(table);
      while (exports.flowTableFull(table) === 0) {
        exports.flowTableBenchmarkInsert(table, exports.flowTableCount(table), 1);
      }
      return exports.flowTableCount(table) / exports.flowTableSlotCount(table);
    });
    expect(Math.min(...loads)).toBeGreaterThan(0.97);
  });

  it('refuses nothing and loses nothing under churn at capacity', () => {
    const table = createTable(20_000);
    exports.flowTableBenchmarkInsert(table, 0, 20_000);
    const steps = 1_000;
    for (let step = 0; step < steps; step++) {
      expect(exports.flowTableBenchmarkDelete(table, step * 100, 100)).toBe(100);
      expect(exports.flowTableBenchmarkInsert(table, 20_000 + step * 100, 100)).toBe(100);
    }
    expect(exports.flowTableFull(table)).toBe(0);
    expect(exports.flowTableBenchmarkLookup(table, steps * 100, 20_000, 50_000)).toBe(50_000);
    expect(exports.flowTableBenchmarkLookupBatched(table, steps * 100, 20_000, 50_016)).toBe(50_016);
    expect(exports.flowTableBenchmarkLookup(table, 0, steps * 100, 50_000)).toBe(0);
    expect(exports.flowTableBenchmarkDelete(table, steps * 100, 20_000)).toBe(20_000);
    expect(exports.flowTableCount(table)).toBe(0);
  });

  it.each([
    { name: 'established', state: 'established', flags: 0, idleMs: ESTABLISHED_IDLE_MS },
    { name: 'SYN alone', state: 'synSent', flags: 0, idleMs: HALF_OPEN_IDLE_MS },
    { name: 'SYN-ACK without ACK', state: 'synSent', flags: FlowFlag.synAckSeen, idleMs: HALF_OPEN_IDLE_MS },
    { name: 'handshake done', state: 'synSent', flags: FlowFlag.ackSeen, idleMs: ESTABLISHED_IDLE_MS },
    {
      name: 'SYN at the secondary',
      state: 'synSent',
      flags: FlowFlag.secondary,
      idleMs: ESTABLISHED_IDLE_MS,
    },
    { name: 'poisoned SYN', state: 'synSent', flags: FlowFlag.poison, idleMs: HALF_OPEN_IDLE_MS },
    { name: 'poisoned FIN', state: 'finFromResponder', flags: FlowFlag.poison, idleMs: HALF_OPEN_IDLE_MS },
    { name: 'half closed', state: 'finFromInitiator', flags: 0, idleMs: ESTABLISHED_IDLE_MS },
    { name: 'both FINs', state: 'finBothInitiatorFirst', flags: 0, idleMs: CLOSED_LINGER_MS },
    { name: 'closed', state: 'closed', flags: FlowFlag.ackSeen, idleMs: CLOSED_LINGER_MS },
  ] as const)('ages by state: $name', ({ state, flags, idleMs }) => {
    const table = createTable(10);
    const record = exports.flowTableInsertTuple(table, 1, 2, 3, 4, 0, 6);
    exports.flowTableWriteRecord(record, FlowState[state], flags, 100);
    for (let nowMs = 0; nowMs <= 100 + idleMs; nowMs += 100)
      expect(exports.flowTableAge(table, nowMs)).toBe(0);
    let aged = 0;
    for (let step = 1; step <= LATENESS_MS_MAX / 100; step++)
      aged += exports.flowTableAge(table, 100 + idleMs + step * 100);
    expect(aged).toBe(1);
    const { flowTableAgedEstablished, flowTableAgedHalfOpen, flowTableAgedClosed } = exports;
    const counted = [
      flowTableAgedEstablished(table),
      flowTableAgedHalfOpen(table),
      flowTableAgedClosed(table),
    ];
    expect(counted).toEqual(
      [ESTABLISHED_IDLE_MS, HALF_OPEN_IDLE_MS, CLOSED_LINGER_MS].map((ms) => Number(ms === idleMs)),
    );
  });

  it('deletes no record early and none more than a second late, displaced or not, also when the time wraps', () => {
    const step = fc.record({
      gapMs: fc.integer({ min: 1, max: SWEEP_PERIOD_MS }),
      inserts: fc.integer({ min: 0, max: 20 }),
      touched: fc.array(fc.nat({ max: 500 }), { maxLength: 4 }),
      state: fc.constantFrom(FlowState.synSent, FlowState.established, FlowState.finBothResponderFirst),
    });
    let displaced = 0;
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }),
        fc.boolean(),
        (steps, wraps) => {
          let nowMs = wraps ? 2 ** 32 - 5_000 : 0;
          const table = createTable(60);
          exports.flowTableAge(table, nowMs);
          const alive = new Map<number, { lastSeenMs: number; state: FlowState }>();
          let next = 0;
          for (const { gapMs, inserts, touched, state } of steps) {
            nowMs += gapMs;
            for (let left = inserts; left > 0; left--, next++) {
              const record = exports.flowTableInsertTuple(table, ...numberedTuple(next));
              if (record === 0) continue;
              exports.flowTableWriteRecord(record, state, 0, nowMs % 2 ** 32);
              alive.set(next, { lastSeenMs: nowMs, state });
            }
            for (const index of touched) {
              const entry = alive.get(index);
              const record = exports.flowTableLookupTuple(table, ...numberedTuple(index));
              if (!entry || record === 0) continue;
              entry.lastSeenMs = nowMs;
              exports.flowTableWriteRecord(record, entry.state, 0, nowMs % 2 ** 32);
            }
            exports.flowTableAge(table, nowMs % 2 ** 32);
            for (const [index, { lastSeenMs, state: aliveState }] of alive) {
              const lateMs = nowMs - lastSeenMs - idleMaxMs(aliveState);
              const isThere = exports.flowTableLookupTuple(table, ...numberedTuple(index)) !== 0;
              expect(isThere ? lateMs <= LATENESS_MS_MAX : lateMs > 0, `${lateMs} ms late, ${isThere}`).toBe(
                true,
              );
              if (!isThere) alive.delete(index);
            }
          }
          expect(exports.flowTableCount(table)).toBe(alive.size);
          displaced += exports.flowTableDisplaced(table);
        },
      ),
      { numRuns: 50 },
    );
    expect(displaced).toBeGreaterThan(0);
  });

  it('is on time also with records that displacements move behind the sweep hand', () => {
    const table = createTable(200);
    exports.flowTableLiftCapacity(table);
    const deadlinesMs = new Map<number, number>();
    let next = 0;
    const stepMs = 100;
    for (let nowMs = 0; nowMs < 60_000; nowMs += stepMs) {
      for (let attempt = 0; attempt < 30; attempt++, next++) {
        const record = exports.flowTableInsertTuple(table, ...numberedTuple(next));
        if (record === 0) continue;
        const lastSeenMs = nowMs - (next % 7) * 100;
        exports.flowTableWriteRecord(record, FlowState.closed, 0, lastSeenMs);
        deadlinesMs.set(next, lastSeenMs + CLOSED_LINGER_MS);
      }
      exports.flowTableAge(table, nowMs);
      for (const [index, deadlineMs] of deadlinesMs) {
        if (exports.flowTableLookupTuple(table, ...numberedTuple(index)) === 0) deadlinesMs.delete(index);
        else expect(nowMs - deadlineMs).toBeLessThanOrEqual(SWEEP_PERIOD_MS + stepMs);
      }
    }
    expect(exports.flowTableDisplaced(table)).toBeGreaterThan(1000);
  });

  it('sweeps once when a call comes late', () => {
    const table = createTable(1000);
    exports.flowTableBenchmarkInsert(table, 0, 1000);
    expect(exports.flowTableAge(table, 3_600_000)).toBe(1000);
    expect(exports.flowTableCount(table)).toBe(0);
  });

  it.runIf(build === 'debug')('asserts that a record is deleted once and a key inserted once', () => {
    const table = createTable(10);
    const record = exports.flowTableInsertTuple(table, 1, 2, 3, 4, 5, 6);
    expect(() => exports.flowTableInsertTuple(table, 2, 1, 4, 3, 5, 6)).toThrow(
      /the key is not in the table/,
    );
    exports.flowTableDeleteRecord(table, record);
    expect(() => exports.flowTableDeleteRecord(table, record)).toThrow(/the record is in the table/);
  });
});

/** Few addresses and ports, so that connections come again, in both directions. */
function tuples(): fc.Arbitrary<Tuple> {
  const address = fc.constantFrom(0, 1, 0x0a000001, 0x7fffffff, 0x80000000, 0xffffffff);
  const port = fc.constantFrom(0, 80, 65_535);
  return fc.tuple(address, address, port, port, fc.constantFrom(0, 65_535), fc.constantFrom(6, 17));
}

function numberedTuple(index: number): Tuple {
  return [0x0a000000 + index, 0x0b000000, 1000 + (index % 1000), 443, index % 16, 6];
}

function connectionName([source, destination, sourcePort, destinationPort, fnic, protocol]: Tuple): string {
  return `${[`${source}:${sourcePort}`, `${destination}:${destinationPort}`].sort().join('-')} ${fnic} ${protocol}`;
}

/** Last-seen times of all records, in order of size. */
function payloads(exports: DataPlaneExports, table: number): number[] {
  const found: number[] = [];
  for (let slot = 0; slot < exports.flowTableSlotCount(table); slot++) {
    const record = exports.flowTableRecordAtSlot(table, slot);
    if (record !== 0) found.push(exports.flowRecordLastSeenMs(record));
  }
  return found.sort(ascending);
}

function ascending(left: number, right: number): number {
  return left - right;
}

function idleMaxMs(state: FlowState): number {
  if (state === FlowState.synSent) return HALF_OPEN_IDLE_MS;
  return state === FlowState.established ? ESTABLISHED_IDLE_MS : CLOSED_LINGER_MS;
}
