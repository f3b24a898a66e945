import { describe, expect, test } from 'vitest';
import {
  CAPTURE_HEADER_BYTES,
  IMPAIRMENT_CHANCE_ONE,
  IMPAIRMENT_COUNTER_COUNT,
  ImpairmentCounter,
} from './dataplane/contract.js';
import { type DataPlaneBuild, loadDataPlane } from './dataplane-module.js';
import { checksumIsGood } from './packet/checksum.js';
import { buildTunnelFrame } from './packet/frame.js';
import { picoseconds, Testbed, UNBOUNDED_BYTES } from './testbed.js';

// A cable with an impairment in its middle: what goes in comes out, once, twice or not at all, and the books balance.

const FRAME_COUNT = 2000;
const INTERVAL_NS = 1000;

interface Harm {
  loss?: number;
  duplication?: number;
  corruption?: number;
  delay?: number;
  delayMaxNs?: number;
}

interface Arrived {
  /** Number of the frame, in its inner source port. */
  number: number;
  atNs: number;
  headersAreGood: boolean;
}

function play(harm: Harm, { seed = 1n, build = 'debug' as DataPlaneBuild } = {}) {
  const dataPlane = loadDataPlane({ build });
  const { exports } = dataPlane;
  const testbed = new Testbed(dataPlane, { packetCount: 4096, frameBytesMax: 128 });
  const link = (name: string, lookaheadNs: number) =>
    testbed.addLink({
      ...{ name, owner: 'switch', latencyNs: 500, rateGbps: 0 },
      ...{ bufferBytes: UNBOUNDED_BYTES, lookaheadNs },
    });
  const [before, behind] = [link('before', 0), link('behind', 0)];
  const app = exports.impairmentCreate(testbed.pool, testbed.addPlace('impairment', 'switch'), seed);
  exports.impairmentAddLane(app, before, behind);
  const sink = exports.sinkCreate(testbed.pool, testbed.addPlace('sink', 'generator'), behind);
  const records = exports.sinkRecord(sink, 2 * FRAME_COUNT, 128);
  for (const one of [app, sink]) testbed.addApp(one);
  const chance = (share = 0) => Math.round(share * IMPAIRMENT_CHANCE_ONE);
  const { loss, duplication, corruption, delay, delayMaxNs = 0 } = harm;
  exports.impairmentSet(
    ...([app, chance(loss), chance(duplication), chance(corruption), chance(delay)] as const),
    picoseconds(delayMaxNs),
  );
  const scratch = exports.arenaAllocate(128);
  for (let number = 0; number < FRAME_COUNT; number++) {
    const frame = frameOf(number);
    new Uint8Array(dataPlane.memory.buffer, scratch, 128).set(frame);
    exports.linkInject(testbed.pool, before, scratch, frame.length, picoseconds(number * INTERVAL_NS));
  }
  exports.engineRun(picoseconds((FRAME_COUNT + 10) * INTERVAL_NS + delayMaxNs));
  const slotBytes = exports.sinkSlotSize(sink);
  const arrived = Array.from({ length: exports.sinkTakeRecorded(sink) }, (_, index) =>
    parse(new DataView(dataPlane.memory.buffer, records + index * slotBytes, slotBytes)),
  );
  const counters = testbed.counters(exports.impairmentCounters(app), IMPAIRMENT_COUNTER_COUNT);
  const count = (counter: ImpairmentCounter) => Number(counters[counter]);
  return { arrived, count, drops: testbed.drops(), inFlight: testbed.inFlight() };
}

function frameOf(number: number): Uint8Array {
  return buildTunnelFrame({
    outer: { source: 1, destination: 2 },
    encapsulation: 'vxlan',
    vni: 7,
    inner: {
      ...{ source: 3, destination: 4, frameBytes: 64 },
      transport: { kind: 'udp', sourcePort: number, destinationPort: 80 },
    },
  });
}

function parse(slot: DataView): Arrived {
  const at = (offset: number) =>
    new Uint8Array(slot.buffer, slot.byteOffset + CAPTURE_HEADER_BYTES + offset, 20);
  return {
    number: slot.getUint16(CAPTURE_HEADER_BYTES + 84),
    atNs: Number(slot.getBigInt64(0, true)) / 1000,
    headersAreGood: checksumIsGood(at(14)) && checksumIsGood(at(64)),
  };
}

describe('an impairment', () => {
  test('that does no harm gives what it gets, in order, after both latencies', () => {
    const { arrived } = play({});
    expect(arrived).toEqual(
      Array.from({ length: FRAME_COUNT }, (_, number) => ({
        ...{ number, atNs: number * INTERVAL_NS + 1000, headersAreGood: true },
      })),
    );
  });

  test('loses as many as it is told to, counted under its place', () => {
    const { arrived, count, drops } = play({ loss: 0.1 });
    const lost = count(ImpairmentCounter.lost);
    expect(lost / FRAME_COUNT).toBeCloseTo(0.1, 1);
    expect(arrived).toHaveLength(FRAME_COUNT - lost);
    expect(drops).toEqual([{ place: 'impairment', owner: 'switch', reason: 'impairment', count: lost }]);
  });

  test('makes two of one, equal but for the time', () => {
    const { arrived, count } = play({ duplication: 0.2 });
    const doubled = count(ImpairmentCounter.duplicated);
    expect(doubled / FRAME_COUNT).toBeCloseTo(0.2, 1);
    expect(arrived).toHaveLength(FRAME_COUNT + doubled);
    expect(new Set(arrived.map(({ number }) => number)).size).toBe(FRAME_COUNT);
  });

  test('spoils an IP header of each that it spoils', () => {
    const { arrived, count } = play({ corruption: 0.3 });
    const spoilt = arrived.filter(({ headersAreGood }) => !headersAreGood);
    expect(spoilt).toHaveLength(count(ImpairmentCounter.corrupted));
    expect(spoilt.length / FRAME_COUNT).toBeCloseTo(0.3, 1);
  });

  test('lets others overtake those that it holds back, none for too long', () => {
    const { arrived, count } = play({ delay: 0.5, delayMaxNs: 5000 });
    expect(count(ImpairmentCounter.delayed) / FRAME_COUNT).toBeCloseTo(0.5, 1);
    expect(arrived).toHaveLength(FRAME_COUNT);
    const numbers = arrived.map(({ number }) => number);
    expect(numbers).not.toEqual([...numbers].sort((a, b) => a - b));
    for (const { number, atNs } of arrived) {
      expect(atNs - number * INTERVAL_NS).toBeGreaterThanOrEqual(1000);
      expect(atNs - number * INTERVAL_NS).toBeLessThanOrEqual(6000);
    }
  });

  const ALL: Harm = { loss: 0.1, duplication: 0.2, corruption: 0.1, delay: 0.3, delayMaxNs: 20_000 };

  test('leaves the books in balance, whatever it does', () => {
    const { arrived, count, drops, inFlight } = play(ALL);
    const dropped = drops.reduce((sum, drop) => sum + drop.count, 0);
    expect(arrived.length + dropped).toBe(FRAME_COUNT + count(ImpairmentCounter.duplicated));
    expect(inFlight).toBe(0);
  });

  test('does the same with the same seed, in either build, and something else with another', () => {
    const { arrived } = play(ALL);
    expect(play(ALL, { build: 'release' }).arrived).toEqual(arrived);
    expect(play(ALL, { seed: 2n }).arrived).not.toEqual(arrived);
  });
});
