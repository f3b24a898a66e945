import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CAPTURE_HEADER_BYTES } from '../core/dataplane/contract.js';
import { type DataPlaneBuild, loadDataPlane } from '../core/dataplane-module.js';
import { SiriusError } from '../core/errors.js';
import { describeFrame, frameProblems } from '../core/packet/frame.js';
import { Random } from '../core/random.js';
import { picoseconds, Testbed, UNBOUNDED_BYTES } from '../core/testbed.js';
import { type BackgroundTraffic, backgroundFrameBytes, checkBackground } from './background.js';
import { loadProfile } from './profile.js';
import { createTcpGenerator } from './tcp-generator.js';
import { tunnelEnds } from './udp-fixture.js';

// Cables of 1000 ns, each wired back to the generator: everything comes through, and is answered.

const LATENCY_NS = 1000;
const REFRESH_NS = 1e6;
const PACKET_COUNT = 16_384;

const TRAFFIC: BackgroundTraffic = {
  ...{ tcpFlowCount: 30, udpFlowCount: 20, refreshNs: REFRESH_NS, innerFrameBytes: 64, learnPps: 1e6 },
  servers: { firstPort: 8000, portCount: 10 },
};

interface BenchOptions {
  traffic?: Partial<BackgroundTraffic>;
  tunables?: string[];
  portCount?: number;
  build?: DataPlaneBuild;
  seed?: number;
}

function buildBench({ traffic = {}, tunables = [], portCount = 2, build = 'debug', seed = 1 }: BenchOptions) {
  const dataPlane = loadDataPlane({ build });
  const { exports } = dataPlane;
  const profile = { ...loadProfile('cps', { tunables }), rateCps: 1000 };
  const background = { ...TRAFFIC, ...traffic };
  const frameBytesMax = Math.max(128, backgroundFrameBytes(background, profile));
  const testbed = new Testbed(dataPlane, { packetCount: PACKET_COUNT, frameBytesMax });
  const captured = exports.captureCreate(PACKET_COUNT, frameBytesMax);
  const ports = Array.from({ length: portCount }, (_, port) => {
    const link = testbed.addLink({
      ...{ name: `cable${port + 1}`, owner: 'generator', latencyNs: LATENCY_NS, rateGbps: 0 },
      ...{ bufferBytes: UNBOUNDED_BYTES, lookaheadNs: 0 },
    });
    exports.linkSetTap(link, port + 1, 0);
    return { toTarget: link, fromTarget: link };
  });
  const generator = createTcpGenerator(
    testbed,
    { ports, tunnelEnds },
    { profile, durationNs: 1e6, random: new Random(seed), background },
  );
  const beside = generator.background;
  if (beside === undefined) throw new Error('no background');
  return {
    ...{ testbed, generator, background: beside },
    runTo: (ns: number) => exports.engineRun(picoseconds(ns)),
    sent: () => {
      const view = new DataView(dataPlane.memory.buffer);
      return Array.from({ length: exports.captureTaken() }, (_, index) => {
        const slot = captured + index * exports.captureSlotSize();
        const bytes = new Uint8Array(
          view.buffer,
          slot + CAPTURE_HEADER_BYTES,
          view.getUint32(slot + 12, true),
        );
        return {
          sentNs: Number(view.getBigInt64(slot, true)) / 1000,
          port: view.getUint32(slot + 8, true),
          ...readPacket(bytes.slice()),
        };
      }).filter(({ server }) => server.includes(':80') && !server.endsWith(':80'));
    },
  };
}

function readPacket(bytes: Uint8Array) {
  const frame = describeFrame(bytes);
  const problems = frameProblems(frame);
  const outer =
    frame.kind === 'ethernet' && frame.payload.kind === 'ipv4' ? frame.payload.payload : undefined;
  const tunnel = outer?.kind === 'udp' ? outer.payload : outer;
  if (tunnel?.kind !== 'vxlan' && tunnel?.kind !== 'nvgre') throw new Error('no tunnel');
  const { inner } = tunnel;
  if (inner.kind !== 'ethernet' || inner.payload.kind !== 'ipv4') throw new Error('no inner IPv4');
  const { source, destination, payload } = inner.payload;
  if (payload.kind !== 'tcp' && payload.kind !== 'udp') throw new Error('neither TCP nor UDP');
  const ends = [`${source}:${payload.sourcePort}`, `${destination}:${payload.destinationPort}`] as const;
  const isServers = payload.sourcePort >= 8000 && payload.sourcePort < 8010;
  const [client, server] = isServers ? [ends[1], ends[0]] : ends;
  return {
    ...{ problems, isServers, client, server, protocol: payload.kind, bytes: inner.frameBytes },
    flow: `${payload.kind} ${tunnel.kind === 'vxlan' ? tunnel.vni : tunnel.vsid} ${client} ${server}`,
    flags: payload.kind === 'tcp' ? payload.flags : 0,
  };
}

type Sent = ReturnType<ReturnType<typeof buildBench>['sent']>[number];

function byFlow(packets: readonly Sent[]): Map<string, Sent[]> {
  const flows = new Map<string, Sent[]>();
  for (const packet of packets) flows.set(packet.flow, [...(flows.get(packet.flow) ?? []), packet]);
  return flows;
}

describe('background flows', () => {
  const benches = fc.record({
    tcpFlowCount: fc.integer({ min: 0, max: 60 }),
    udpFlowCount: fc.integer({ min: 1, max: 60 }),
    learnPps: fc.constantFrom(20e3, 50e3, 1e6),
    portCount: fc.constantFrom(1, 2, 3),
    innerFrameBytes: fc.constantFrom(64, 65, 300, 1500),
    encapsulation: fc.constantFrom('vxlan', 'nvgre'),
    seed: fc.integer({ min: 0, max: 1000 }),
  });

  test('are learned once, then get a packet from either end once per interval, half of it apart', () => {
    fc.assert(
      fc.property(benches, ({ portCount, encapsulation, seed, ...traffic }) => {
        const bench = buildBench({ traffic, portCount, seed, tunables: [`encapsulation=${encapsulation}`] });
        const flowCount = traffic.tcpFlowCount + traffic.udpFlowCount;
        const endNs = bench.background.learnedNs + 3 * REFRESH_NS;
        bench.background.stop(endNs);
        bench.runTo(endNs + 10 * LATENCY_NS);
        const sent = bench.sent();
        const flows = byFlow(sent);
        expect(flows.size).toBe(flowCount);
        for (const packets of flows.values()) expectRegular(packets, REFRESH_NS / flowCount);
        const reading = bench.background.read();
        expect(reading).toMatchObject({ learning: flowCount, learned: flowCount, unsent: 0, unexpected: 0 });
        expect(reading).toMatchObject({ sent: sent.length, delivered: sent.length });
        expect(reading.refreshed).toBe(reading.refreshes);
        expect(bench.testbed.inFlight()).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  /** Intervals are exact but for the rounding of their rate; the ends take turns within one visit of half an interval. */
  function expectRegular(packets: Sent[], visitNs: number): void {
    const [first] = packets;
    expect(first?.isServers).toBe(false);
    expect(new Set(packets.map(({ port }) => port)).size).toBe(1);
    for (const { problems } of packets) expect(problems).toEqual([]);
    const handshake = first?.protocol === 'tcp' ? 3 : 1;
    const refreshes = packets.slice(handshake);
    expect(refreshes.length).toBeGreaterThanOrEqual(5);
    let before = { isServers: false, sentNs: first?.sentNs ?? 0 };
    for (const packet of refreshes) {
      expect(packet.isServers).toBe(!before.isServers);
      expect(Math.abs(packet.sentNs - before.sentNs - REFRESH_NS / 2)).toBeLessThan(visitNs + 1);
      before = packet;
    }
    for (const isServers of [false, true]) {
      const times = refreshes.filter((packet) => packet.isServers === isServers).map(({ sentNs }) => sentNs);
      for (const [index, sentNs] of times.slice(1).entries())
        expect(Math.abs(sentNs - (times[index] ?? 0) - REFRESH_NS)).toBeLessThan(1);
    }
  }

  test('are learned by every fNIC at all times, so that both cards of a pair have work', () => {
    const fnicCount = 4;
    const bench = buildBench({
      traffic: { tcpFlowCount: 40, udpFlowCount: 40, learnPps: 40e3 },
      tunables: [`fnics.count=${fnicCount}`],
    });
    expect(bench.background.learnedNs).toBe(2 * REFRESH_NS);
    bench.runTo(2 * REFRESH_NS);
    const perFnic = new Map<string, number>();
    for (const [flow, [first]] of byFlow(bench.sent())) {
      const fnic = flow.split(' ')[1] ?? '';
      if ((first?.sentNs ?? 0) < REFRESH_NS) perFnic.set(fnic, (perFnic.get(fnic) ?? 0) + 1);
    }
    expect([...perFnic.values()]).toEqual(Array(fnicCount).fill(10));
  });

  test('start with SYN, SYN-ACK, ACK where they are TCP', () => {
    const bench = buildBench({ traffic: { tcpFlowCount: 40, udpFlowCount: 0 } });
    bench.runTo(2 * REFRESH_NS);
    for (const packets of byFlow(bench.sent()).values()) {
      expect(packets.slice(0, 4).map(({ flags }) => flags)).toEqual([0x02, 0x12, 0x10, 0x18]);
    }
  });

  test('are the same bytes whatever the build, and where the run is cut into slices', () => {
    const run = (build: DataPlaneBuild, sliceNs: number) => {
      const bench = buildBench({ build });
      for (let ns = sliceNs; ns < 12e6; ns += sliceNs) bench.runTo(ns);
      bench.runTo(12e6);
      return { sent: bench.sent(), reading: bench.background.read(), connections: bench.generator.read() };
    };
    const whole = run('release', 12e6);
    expect(whole.connections.attempted).toBeGreaterThan(0);
    expect(run('debug', 3e6)).toEqual(whole);
    expect(run('release', 777)).toEqual(whole);
  });

  test('leave the connections as they are, which start when all are learned', () => {
    const bench = buildBench({ traffic: { learnPps: 30e3 } });
    expect(bench.background.learnedNs).toBe(2 * REFRESH_NS);
    expect(bench.generator.startNs).toBeGreaterThan(bench.background.learnedNs);
    bench.runTo(bench.generator.startNs);
    expect(bench.generator.read().attempted).toBe(0);
    bench.runTo(bench.generator.startNs + 2e6);
    expect(bench.generator.read()).toMatchObject({ attempted: 1, completed: 1, unexpected: 0 });
  });
});

describe('checkBackground', () => {
  const problem = (traffic: Partial<BackgroundTraffic>, tunables: string[] = []): SiriusError | undefined => {
    try {
      checkBackground({ ...TRAFFIC, ...traffic }, loadProfile('cps', { tunables }));
      return undefined;
    } catch (error) {
      if (error instanceof SiriusError) return error;
      throw error;
    }
  };

  test.each([
    ["DASH's flows", { tcpFlowCount: 15e6, udpFlowCount: 15e6 }],
    ['no TCP', { tcpFlowCount: 0 }],
    ['ports right beside those of the connections', { servers: { firstPort: 81, portCount: 1 } }],
  ])('takes %s', (_case, traffic) => {
    expect(problem(traffic)).toBeUndefined();
  });

  test.each([
    ['too many flows', { tcpFlowCount: 40e6, udpFlowCount: 40e6 }, [], 'flow-count', '80,000,000'],
    ['ports of connections', { servers: { firstPort: 70, portCount: 11 } }, [], 'port-overlap', '70-80'],
    [
      'too few endpoints',
      { tcpFlowCount: 4000, servers: { firstPort: 8000, portCount: 1 } },
      [
        'fnics.count=1',
        'clients.addresses=10.0.0.1',
        'clients.ports=1-10',
        'servers.addresses=172.16.0.0/24',
      ],
      'address-capacity',
      '4,022',
    ],
  ])('refuses %s', (_case, traffic, tunables, code, got) => {
    const error = problem(traffic, tunables);
    expect(error).toMatchObject({ code, exitCode: 2 });
    expect(error?.message).toContain(got);
  });
});
