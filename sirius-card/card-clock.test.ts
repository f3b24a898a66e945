import { describe, expect, test } from 'vitest';
import { loadDataPlane } from '../core/dataplane-module.js';
import { picoseconds, Testbed } from '../core/testbed.js';
import { createCard, NO_PEER } from './card.js';
import { FlowFlag, FlowState } from './dataplane/flow-layout.js';
import { loadModel, powerState } from './model.js';

// A card's milliseconds are its own and wrap: what it forgets, and when, must not depend on what its clock shows.

const MS = 1e6;
const TUPLE = [0x0a000001, 0xac100001, 10_000, 80, 0, 6] as const;
const model = loadModel('dsc-200');
const IDLE_MS = model.ageing.establishedIdleMs;
const ENDS = {
  ...{ virtualAddress: 1, hostAddress: 2, networkAddress: 3 },
  ...{ switchMac: 1n, hostMac: 2n, networkMac: 3n },
};

/** A card that keeps copies of one fNIC's flows, and has one. */
function build(startMs: number, rate = 1) {
  const dataPlane = loadDataPlane({ build: 'debug' });
  const { exports } = dataPlane;
  const testbed = new Testbed(dataPlane, { packetCount: 16, frameBytesMax: 128 });
  const card = createCard(testbed, {
    ...{ name: 'card1', model, powerState: powerState(model, 78), modelledTime: true, index: 0 },
    addresses: [0, 1].map((index) => ({ address: 100 + index, mac: BigInt(index) })),
    ...{ firstVni: 1, encapsulation: 'vxlan', flowCapacity: 100, seed: 1 },
    fnics: [{ takesTraffic: false, peer: 1, acl: 0, ends: ENDS }],
  });
  exports.cardSetClock(card.app, picoseconds(rate * MS), startMs | 0);
  testbed.addApp(card.app);
  const record = exports.flowTableInsertTuple(card.table, ...TUPLE);
  exports.flowTableWriteRecord(record, FlowState.synSent, FlowFlag.secondary, startMs | 0);
  return {
    run: (untilMs: number) => exports.engineRun(picoseconds(untilMs * MS)),
    lose: () => exports.cardSetRole(card.app, 0, 0, NO_PEER),
    promote: () => exports.cardSetRole(card.app, 0, 1, NO_PEER),
    count: () => exports.flowTableCount(card.table),
  };
}

describe.each([0, 0x7fff_ff00, 0x9000_0000, 0xffff_ff00])('a clock that shows %i ms', (startMs) => {
  test('lets copies be as old as they are', () => {
    const { run, count } = build(startMs);
    run(3 * IDLE_MS);
    expect(count()).toBe(1);
  });

  test.each(['lose', 'promote'] as const)(
    'gives copies their full time when the part of their keeper ends, and no more: %s',
    (end) => {
      const bed = build(startMs);
      bed.run(2 * IDLE_MS);
      bed[end]();
      bed.run(3 * IDLE_MS - 10);
      expect(bed.count()).toBe(1);
      bed.run(3 * IDLE_MS + 1000);
      expect(bed.count()).toBe(0);
    },
  );
});

test('a clock that is slow by half takes twice as long', () => {
  const bed = build(0, 2);
  bed.promote();
  bed.run(2 * IDLE_MS - 10);
  expect(bed.count()).toBe(1);
  bed.run(2 * IDLE_MS + 1000);
  expect(bed.count()).toBe(0);
});
