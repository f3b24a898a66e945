import { describe, expect, test } from 'vitest';
import { IMPAIRMENT_CHANCE_ONE } from '../core/dataplane/contract.js';
import { loadDataPlane } from '../core/dataplane-module.js';
import { picoseconds, Testbed, UNBOUNDED_BYTES } from '../core/testbed.js';
import { createCard } from './card.js';
import { FlowFlag, FlowState } from './dataplane/flow-layout.js';
import { type CardModel, loadModel, powerState } from './model.js';

// What one card tells another one of flows must arrive, and be right when it does, over whatever lies between the two.

const MS = 1e6;
const IDLE_MS = 200;
const PROTOCOL_TCP = 6;
const PRIMARY = 0;
const STANDBY = 1;

function shortLived(): CardModel {
  const model = loadModel('dsc-200');
  const ageing = { establishedIdleMs: IDLE_MS, halfOpenIdleMs: 100, closedLingerMs: 100, sweepPeriodMs: 20 };
  return { ...model, ageing };
}

/** Two cards joined by a cable that can be harmed on the way there; the first one serves an fNIC, the second one keeps copies. */
function build() {
  const dataPlane = loadDataPlane({ build: 'debug' });
  const { exports } = dataPlane;
  const testbed = new Testbed(dataPlane, { packetCount: 64, frameBytesMax: 128 });
  exports.controlPoolCreate(512, 1514);
  const link = (name: string, lookaheadNs: number) =>
    testbed.addLink({
      ...{ name, owner: 'card', latencyNs: 1000, rateGbps: 0 },
      ...{ bufferBytes: UNBOUNDED_BYTES, lookaheadNs },
    });
  const model = shortLived();
  const ends = { virtualAddress: 1, hostAddress: 2, networkAddress: 3, switchMac: 1n, hostMac: 2n };
  const cards = [PRIMARY, STANDBY].map((index) =>
    createCard(testbed, {
      ...{ name: `card${index}`, model, powerState: powerState(model, 78), modelledTime: true, index },
      addresses: [0, 1].map((card) => ({ address: 100 + card, mac: BigInt(card) })),
      ...{ firstVni: 1, encapsulation: 'vxlan', flowCapacity: 1000, seed: index },
      fnics: [
        { takesTraffic: index === PRIMARY, peer: 1 - index, acl: 0, ends: { ...ends, networkMac: 3n } },
      ],
    }),
  ) as [ReturnType<typeof createCard>, ReturnType<typeof createCard>];
  const [out, harmed, back] = [link('out', 0), link('harmed', 0), link('back', 0)];
  const impairment = exports.impairmentCreate(testbed.pool, testbed.addPlace('between', 'switch'), 7n);
  exports.impairmentAddLane(impairment, out, harmed);
  exports.cardAddPort(cards[PRIMARY].app, back, out);
  exports.cardAddPort(cards[STANDBY].app, harmed, back);
  for (const app of [impairment, cards[0].app, cards[1].app]) testbed.addApp(app);
  let nowMs = 0;
  const tuple = (flow: number) => [0x0a000001, 0xac100001, 1024 + flow, 80, 0, PROTOCOL_TCP] as const;
  const keys = (card: number) => {
    const { table } = cards[card] as (typeof cards)[0];
    return Array.from({ length: 1000 }, (_, flow) => flow).filter(
      (flow) => exports.flowTableLookupTuple(table, ...tuple(flow)) !== 0,
    );
  };
  return {
    exports,
    keys,
    cards,
    run: (forMs: number) => {
      nowMs += forMs;
      exports.engineRun(picoseconds(nowMs * MS));
    },
    /** Writes flows as if they had been seen so long ago. */
    write: (card: number, flows: readonly number[], seenMs = nowMs) => {
      const { table } = cards[card] as (typeof cards)[0];
      const flags = FlowFlag.ackSeen | (card === STANDBY ? FlowFlag.secondary : 0);
      for (const flow of flows) {
        const found = exports.flowTableLookupTuple(table, ...tuple(flow));
        const record = found || exports.flowTableInsertTuple(table, ...tuple(flow));
        exports.flowTableWriteRecord(record, FlowState.synSent, flags, seenMs);
      }
    },
    harm: (loss: number, delay = 0, delayMaxMs = 0) =>
      exports.impairmentSet(
        ...([impairment, loss * IMPAIRMENT_CHANCE_ONE, delay * IMPAIRMENT_CHANCE_ONE] as const),
        ...([0, delay * IMPAIRMENT_CHANCE_ONE, picoseconds(delayMaxMs * MS)] as const),
      ),
    sync: () => {
      exports.cardMarkForSync(cards[PRIMARY].app, 0);
      exports.cardBeginSync(cards[PRIMARY].app, STANDBY);
    },
    isSyncing: () => Boolean(exports.cardIsSyncing(cards[PRIMARY].app, STANDBY)),
  };
}

const range = (from: number, until: number) => Array.from({ length: until - from }, (_, step) => from + step);

describe('bulk synchronisation', () => {
  test('copies what there is', () => {
    const bed = build();
    bed.write(PRIMARY, range(0, 300));
    bed.sync();
    bed.run(20);
    expect(bed.keys(STANDBY)).toEqual(range(0, 300));
    expect(bed.isSyncing()).toBe(false);
  });

  test('goes on for as long as the other table has no room', () => {
    const bed = build();
    bed.write(PRIMARY, range(0, 300));
    bed.exports.flowTableSetCapacity(bed.cards[STANDBY].table, 100);
    bed.sync();
    bed.run(50);
    expect(bed.keys(STANDBY)).toHaveLength(100);
    expect(bed.isSyncing()).toBe(true);
    bed.exports.flowTableSetCapacity(bed.cards[STANDBY].table, 1000);
    bed.run(50);
    expect(bed.keys(STANDBY)).toEqual(range(0, 300));
    expect(bed.isSyncing()).toBe(false);
  });

  test.each([0, 0.3, 0.7])(
    'copies no flow that is over meanwhile, with %d of the batches lost and others overtaken',
    (loss) => {
      const bed = build();
      bed.write(PRIMARY, range(0, 500));
      bed.run(100);
      bed.harm(loss, 0.5, 20);
      // Flows end all the time, while batches that speak of them are under way.
      for (let flow = 0; flow < 500; flow += 10) {
        if (flow % 100 === 0) bed.sync();
        bed.write(PRIMARY, range(flow, flow + 5));
        bed.run(5);
      }
      bed.run(50);
      bed.harm(0);
      bed.sync();
      bed.run(50);
      expect(bed.isSyncing()).toBe(false);
      expect(bed.keys(STANDBY)).toEqual(bed.keys(PRIMARY));
      bed.run(2 * IDLE_MS);
      expect([bed.keys(PRIMARY), bed.keys(STANDBY)]).toEqual([[], []]);
    },
  );
});

describe('the word that a flow is over', () => {
  test('reaches the copy', () => {
    const bed = build();
    for (const card of [PRIMARY, STANDBY]) bed.write(card, range(0, 10));
    bed.run(IDLE_MS - 10);
    expect(bed.keys(STANDBY)).toHaveLength(10);
    bed.run(60);
    expect(bed.keys(STANDBY)).toEqual([]);
  });

  test('is not meant for a flow that has come anew before it arrives', () => {
    const bed = build();
    for (const card of [PRIMARY, STANDBY]) bed.write(card, range(0, 10));
    bed.harm(1);
    bed.run(IDLE_MS + 60);
    expect(bed.keys(PRIMARY)).toEqual([]);
    for (const card of [PRIMARY, STANDBY]) bed.write(card, [3, 4]);
    bed.run(IDLE_MS - 50);
    bed.harm(0);
    bed.run(20);
    expect([bed.keys(PRIMARY), bed.keys(STANDBY)]).toEqual([
      [3, 4],
      [3, 4],
    ]);
  });

  test('is given of a flow whose FINs may not have reached the copy', () => {
    const bed = build();
    bed.write(STANDBY, [0]);
    const { table } = bed.cards[PRIMARY];
    const record = bed.exports.flowTableInsertTuple(table, 0x0a000001, 0xac100001, 1024, 80, 0, PROTOCOL_TCP);
    bed.exports.flowTableWriteRecord(record, FlowState.finBothInitiatorFirst, FlowFlag.poison, 0);
    bed.run(3 * IDLE_MS);
    expect([bed.keys(PRIMARY), bed.keys(STANDBY)]).toEqual([[], []]);
  });

  test('reaches a copy that has seen more of its flow than the primary that took over', () => {
    const bed = build();
    bed.write(PRIMARY, [0]);
    bed.write(STANDBY, [0]);
    bed.run(150);
    // The RST was seen by the card that serves, and then the two change their parts.
    bed.write(PRIMARY, [0]);
    bed.exports.cardSetRole(bed.cards[STANDBY].app, 0, 1, PRIMARY);
    bed.exports.cardSetRole(bed.cards[PRIMARY].app, 0, 0, STANDBY);
    bed.run(IDLE_MS + 60);
    expect([bed.keys(PRIMARY), bed.keys(STANDBY)]).toEqual([[], []]);
  });

  test('is heard by a card that has begun to serve the flow meanwhile, unless it has seen it', () => {
    const bed = build();
    for (const card of [PRIMARY, STANDBY]) bed.write(card, [0, 1]);
    bed.harm(1);
    bed.run(IDLE_MS + 60);
    expect([bed.keys(PRIMARY), bed.keys(STANDBY)]).toEqual([[], [0, 1]]);
    bed.exports.cardSetRole(bed.cards[STANDBY].app, 0, 1, PRIMARY);
    bed.exports.cardSetRole(bed.cards[PRIMARY].app, 0, 0, STANDBY);
    bed.write(STANDBY, [1]);
    bed.harm(0);
    bed.run(20);
    expect(bed.keys(STANDBY)).toEqual([1]);
  });
});
