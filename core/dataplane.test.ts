import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CAPTURE_HEADER_BYTES } from './dataplane/contract.js';
import { type DataPlaneBuild, loadDataPlane } from './dataplane-module.js';
import { buildTunnelFrame } from './packet/frame.js';
import { type LinkOptions, picoseconds, Testbed, UNBOUNDED_BYTES } from './testbed.js';

// Links, engine and switch, by injected frames and the captures of tapped links.

const FRAME_BYTES_MAX = 512;
const WIRE_OVERHEAD_BYTES = 24;
const UNDERLAY_PREFIX = 0x6440_0000;
const PS_PER_BYTE = 80; // 100 Gbps
const PICOSECONDS = 1000;
const ROUTED = UNDERLAY_PREFIX + 5;
const UNROUTED = UNDERLAY_PREFIX + 6;
const FOREVER_PS = 1n << 50n;

interface Sent {
  startPs: number;
  tap: number;
  bytes: Uint8Array;
}

class Bench {
  readonly testbed: Testbed;
  private readonly scratch: number;
  private readonly captured: number;

  constructor({
    build = 'debug',
    packetCount = 1024,
  }: { build?: DataPlaneBuild; packetCount?: number } = {}) {
    const dataPlane = loadDataPlane({ build });
    this.testbed = new Testbed(dataPlane, { packetCount, frameBytesMax: FRAME_BYTES_MAX });
    this.scratch = this.exports.arenaAllocate(FRAME_BYTES_MAX);
    this.captured = this.exports.captureCreate(packetCount, FRAME_BYTES_MAX);
  }

  get exports() {
    return this.testbed.exports;
  }

  link(options: Partial<LinkOptions> = {}, tap = 0): number {
    const ideal = { name: 'link', owner: 'generator' as const, latencyNs: 1000, rateGbps: 0, lookaheadNs: 0 };
    const link = this.testbed.addLink({ ...ideal, bufferBytes: UNBOUNDED_BYTES, ...options });
    this.exports.linkSetTap(link, tap, 0);
    return link;
  }

  /** How many packets have reached the sink. */
  sink(input: number): () => number {
    const sink = this.exports.sinkCreate(
      this.testbed.pool,
      this.testbed.addPlace('sink', 'generator'),
      input,
    );
    this.testbed.addApp(sink);
    return () => Number(this.exports.sinkDelivered(sink));
  }

  inject(link: number, bytes: Uint8Array, readyPs: number): boolean {
    new Uint8Array(this.testbed.dataPlane.memory.buffer).set(bytes, this.scratch);
    return Boolean(
      this.exports.linkInject(this.testbed.pool, link, this.scratch, bytes.length, BigInt(readyPs)),
    );
  }

  /** What has passed the tapped links, in the order in which it was sent. */
  sent(): Sent[] {
    const view = new DataView(this.testbed.dataPlane.memory.buffer);
    return Array.from({ length: this.exports.captureTaken() }, (_, index) => {
      const slot = this.captured + index * this.exports.captureSlotSize();
      const bytes = new Uint8Array(view.buffer, slot + CAPTURE_HEADER_BYTES, view.getUint32(slot + 12, true));
      return { startPs: Number(view.getBigInt64(slot, true)), tap: view.getUint32(slot + 8, true), bytes };
    });
  }

  dropsByReason(): Record<string, number> {
    return Object.fromEntries(
      this.testbed.drops().map(({ place, reason, count }) => [`${place} ${reason}`, count]),
    );
  }
}

const frame = (bytes: number) => new Uint8Array(bytes);

function tunnelFrame(destination: number, vlanIds: number[] = []): Uint8Array {
  return buildTunnelFrame({
    outer: { source: UNDERLAY_PREFIX + 1, destination, vlanIds },
    encapsulation: 'vxlan',
    vni: 1,
    inner: {
      source: 1,
      destination: 2,
      transport: { kind: 'udp', sourcePort: 1, destinationPort: 2 },
      frameBytes: 64,
    },
  });
}

function markedFrame(mark: number): Uint8Array {
  const bytes = tunnelFrame(ROUTED);
  bytes[bytes.length - 1] = mark;
  return bytes;
}

describe('link', () => {
  test('a packet arrives whole after its bytes on the wire and the latency, not a picosecond before', () => {
    const bench = new Bench();
    const link = bench.link({ rateGbps: 100, latencyNs: 500 });
    const delivered = bench.sink(link);
    bench.inject(link, frame(114), 2000);
    const arrivalPs = 2000n + BigInt((114 + WIRE_OVERHEAD_BYTES) * PS_PER_BYTE) + 500_000n;
    bench.exports.engineRun(arrivalPs);
    expect([delivered(), bench.testbed.inFlight()]).toEqual([0, 1]);
    bench.exports.engineRun(arrivalPs + 1n);
    expect([delivered(), bench.testbed.inFlight()]).toEqual([1, 0]);
  });

  test('sends one packet after another, and drops what would wait longer than its buffer holds', () => {
    const packet = fc.record({
      gapPs: fc.nat(20_000),
      bytes: fc.integer({ min: 64, max: FRAME_BYTES_MAX }),
    });
    fc.assert(
      fc.property(
        fc.array(packet, { maxLength: 60 }),
        fc.integer({ min: 100, max: 2000 }),
        (packets, bufferBytes) => {
          const bench = new Bench();
          const link = bench.link({ rateGbps: 100, bufferBytes }, 1);
          const delivered = bench.sink(link);
          const startsPs: number[] = [];
          let readyPs = 0;
          let busyUntilPs = 0;
          for (const { gapPs, bytes } of packets) {
            readyPs += gapPs;
            const startPs = Math.max(readyPs, busyUntilPs);
            const fits = startPs - readyPs <= bufferBytes * PS_PER_BYTE;
            expect(bench.inject(link, frame(bytes), readyPs)).toBe(fits);
            if (!fits) continue;
            startsPs.push(startPs);
            busyUntilPs = startPs + (bytes + WIRE_OVERHEAD_BYTES) * PS_PER_BYTE;
          }
          bench.exports.engineRun(FOREVER_PS);
          expect(bench.sent().map((sent) => sent.startPs)).toEqual(startsPs);
          expect(delivered()).toBe(startsPs.length);
          const lost = packets.length - startsPs.length;
          expect(bench.dropsByReason()).toEqual(lost === 0 ? {} : { 'link linkBuffer': lost });
          expect(bench.testbed.inFlight()).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a packet may wait for exactly as long as the buffer takes to empty', () => {
    const bench = new Bench();
    const link = bench.link({ rateGbps: 100, bufferBytes: 64 + WIRE_OVERHEAD_BYTES });
    bench.sink(link);
    expect([0, 0, 0, 1].map((readyPs) => bench.inject(link, frame(64), readyPs))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('that is cut drops what is sent and loses what is under way, until it is joined again', () => {
    const bench = new Bench();
    const link = bench.link();
    const delivered = bench.sink(link);
    expect(bench.inject(link, frame(64), 0)).toBe(true);
    bench.exports.linkSetDown(link, 1);
    expect(bench.inject(link, frame(64), 10)).toBe(false);
    bench.exports.linkSetDown(link, 0);
    expect(bench.inject(link, frame(64), 20)).toBe(true);
    bench.exports.engineRun(FOREVER_PS);
    expect(delivered()).toBe(1);
    expect(bench.testbed.drops()).toEqual([
      { place: 'link', owner: 'generator', reason: 'linkDown', count: 2 },
    ]);
  });

  test('refuses a packet when the pool has none left, and takes the next when one is back', () => {
    const bench = new Bench({ packetCount: 2 });
    const link = bench.link();
    bench.sink(link);
    expect([0, 1, 2].map(() => bench.inject(link, frame(64), 0))).toEqual([true, true, false]);
    bench.exports.engineRun(FOREVER_PS);
    expect(bench.testbed.inFlight()).toBe(0);
    expect(bench.inject(link, frame(64), Number(FOREVER_PS))).toBe(true);
  });
});

describe('engine', () => {
  test('with nothing to do it arrives at once', () => {
    const bench = new Bench();
    bench.link();
    bench.exports.engineRun(FOREVER_PS);
    expect(bench.exports.engineNowPs()).toBe(FOREVER_PS);
  });

  interface Run {
    build: DataPlaneBuild;
    slicesNs: readonly number[];
    isReversed: boolean;
  }

  /** Frames into a switch, every other one by way of a queue with random service: when each left the switch, and which it was. */
  function merge(readyNs: readonly number[], { build, slicesNs, isReversed }: Run): number[][] {
    const bench = new Bench({ build });
    const [queued, input, direct, output] = [bench.link(), bench.link(), bench.link(), bench.link({}, 1)];
    const addPlace = (name: string) => bench.testbed.addPlace(name, 'switch');
    const station = bench.exports.stationCreate(addPlace('station'), queued, input, picoseconds(300), 1, 5n);
    const node = bench.exports.switchCreate(bench.testbed.pool, addPlace('tor'), UNDERLAY_PREFIX, 0n);
    bench.exports.switchAddPort(node, input, output);
    bench.exports.switchAddPort(node, direct, output);
    bench.exports.switchSetRoute(node, ROUTED, 0);
    for (const app of isReversed ? [node, station] : [station, node]) bench.testbed.addApp(app);
    bench.sink(output);
    for (const [index, ns] of readyNs.entries())
      bench.inject(index % 2 === 0 ? queued : direct, markedFrame(index), ns * PICOSECONDS);
    let untilNs = 0;
    for (const ns of slicesNs) {
      untilNs += ns;
      bench.exports.engineRun(picoseconds(untilNs));
    }
    bench.exports.engineRun(FOREVER_PS);
    return bench.sent().map(({ startPs, bytes }) => [startPs, bytes.at(-1) ?? 0]);
  }

  test('the outcome depends neither on slices, nor on the order of apps, nor on the build', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(20_000), { minLength: 1, maxLength: 50 }),
        fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 30 }),
        (readyNs, slicesNs) => {
          const ordered = [...readyNs].sort((a, b) => a - b);
          const whole = merge(ordered, { build: 'release', slicesNs: [], isReversed: false });
          expect(whole).toHaveLength(ordered.length);
          expect(merge(ordered, { build: 'debug', slicesNs, isReversed: true })).toEqual(whole);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('switch', () => {
  const FORWARDING_NS = 600;

  /** Two inputs; the routed address leaves by the second port, whose output has tap 2. */
  function buildSwitch() {
    const bench = new Bench();
    const inputs = [bench.link({ name: 'in1' }), bench.link({ name: 'in2' })] as const;
    const outputs = [bench.link({ name: 'out1' }, 1), bench.link({ name: 'out2' }, 2)] as const;
    const place = bench.testbed.addPlace('tor', 'switch');
    const node = bench.exports.switchCreate(
      bench.testbed.pool,
      place,
      UNDERLAY_PREFIX,
      picoseconds(FORWARDING_NS),
    );
    for (const port of [0, 1] as const) bench.exports.switchAddPort(node, inputs[port], outputs[port]);
    bench.exports.switchSetRoute(node, ROUTED, 1);
    bench.testbed.addApp(node);
    const delivered = outputs.map((output) => bench.sink(output));
    return { bench, inputs, delivered: () => delivered.map((count) => count()) };
  }

  test('takes packets in order of arrival, at one instant those of the lower port first, wherever a run is cut', () => {
    const PORTS = [0, 1, 2, 3] as const;
    const packet = fc.record({ port: fc.constantFrom(...PORTS), gapNs: fc.nat(2) });
    const slices = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 80 }), slices, (packets, slicesNs) => {
        const bench = new Bench();
        const place = bench.testbed.addPlace('tor', 'switch');
        const node = bench.exports.switchCreate(bench.testbed.pool, place, UNDERLAY_PREFIX, 0n);
        const inputs = PORTS.map(() => bench.link());
        const output = bench.link({}, 1);
        for (const input of inputs) bench.exports.switchAddPort(node, input, output);
        bench.exports.switchSetRoute(node, ROUTED, 0);
        bench.testbed.addApp(node);
        bench.sink(output);
        let readyNs = 0;
        const arrivals = packets.map(({ port, gapNs }, index) => {
          readyNs += gapNs;
          bench.inject(inputs[port] as number, markedFrame(index), readyNs * PICOSECONDS);
          return { readyNs, port, index };
        });
        let untilNs = 1000;
        for (const ns of slicesNs) {
          untilNs += ns;
          bench.exports.engineRun(picoseconds(untilNs));
        }
        bench.exports.engineRun(FOREVER_PS);
        arrivals.sort((a, b) => a.readyNs - b.readyNs || a.port - b.port || a.index - b.index);
        expect(bench.sent().map(({ bytes }) => bytes.at(-1))).toEqual(arrivals.map(({ index }) => index));
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    { name: 'an address with a route', bytes: tunnelFrame(ROUTED) },
    { name: 'one tag before it', bytes: tunnelFrame(ROUTED, [7]) },
    { name: 'two tags before it', bytes: tunnelFrame(ROUTED, [7, 8]) },
  ])('forwards $name unchanged, after its forwarding time', ({ bytes }) => {
    const { bench, inputs, delivered } = buildSwitch();
    bench.inject(inputs[0], bytes, 0);
    bench.exports.engineRun(FOREVER_PS);
    expect(delivered()).toEqual([0, 1]);
    const [sent] = bench.sent();
    expect(sent).toMatchObject({ tap: 2, startPs: (1000 + FORWARDING_NS) * PICOSECONDS });
    expect(sent?.bytes).toEqual(bytes);
  });

  const altered = (at: number, value: number) => {
    const bytes = tunnelFrame(ROUTED);
    bytes[at] = value;
    return bytes;
  };

  test.each([
    { name: 'an address without a route', bytes: tunnelFrame(UNROUTED), reason: 'noRoute' },
    { name: 'an address outside the underlay', bytes: tunnelFrame(0x0a00_0005), reason: 'noRoute' },
    {
      name: 'a frame that ends in its IP header',
      bytes: tunnelFrame(ROUTED).slice(0, 33),
      reason: 'malformed',
    },
    {
      name: 'an IP packet longer than its frame',
      bytes: tunnelFrame(ROUTED).slice(0, 100),
      reason: 'malformed',
    },
    { name: 'an empty frame', bytes: frame(0), reason: 'malformed' },
    { name: 'a changed time to live', bytes: altered(22, 1), reason: 'checksum' },
    { name: 'a fragment', bytes: altered(20, 0x20), reason: 'unsupported' },
    { name: 'another Ethernet type', bytes: altered(13, 0x06), reason: 'unsupported' },
  ])('drops $name as $reason', ({ bytes, reason }) => {
    const { bench, inputs, delivered } = buildSwitch();
    bench.inject(inputs[0], bytes, 0);
    bench.exports.engineRun(FOREVER_PS);
    expect(delivered()).toEqual([0, 0]);
    expect(bench.dropsByReason()).toEqual({ [`tor ${reason}`]: 1 });
    expect(bench.testbed.inFlight()).toBe(0);
  });

  test('merges its inputs in order of arrival, the lower port first when two arrive at once', () => {
    const { bench, inputs } = buildSwitch();
    bench.inject(inputs[1], markedFrame(1), 100);
    bench.inject(inputs[1], markedFrame(3), 200);
    bench.inject(inputs[0], markedFrame(2), 200);
    bench.inject(inputs[0], markedFrame(4), 300);
    bench.exports.engineRun(FOREVER_PS);
    expect(bench.sent().map(({ bytes }) => bytes.at(-1))).toEqual([1, 2, 3, 4]);
  });
});
