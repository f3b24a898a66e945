import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DataPlaneBuild } from '../core/dataplane-module.js';
import { readLatencyCounts } from '../core/latency-counts.js';
import { UDP_STAMP_MARK, UdpPhase } from './dataplane/generator-layout.js';
import { buildUdpBench, endsOf, runUdpBench as run, type SentDatagram } from './udp-fixture.js';
import type { UdpReading } from './udp-generator.js';

const SILENT: UdpReading = {
  ...{ sent: 0, sentBytes: 0, sentByServers: 0, unsent: 0 },
  ...{ delivered: 0, deliveredBytes: 0, unexpected: 0 },
};

const fiveTuple = ({ source, sourcePort, destination, destinationPort }: SentDatagram) =>
  `${source}:${sourcePort} ${destination}:${destinationPort}`;

describe('frames', () => {
  const builds: DataPlaneBuild[] = ['debug', 'release'];
  const cases = ['64', '65', '128', '256', '512', '1024', '1500', '1518', 'imix'].flatMap((size) =>
    (['vxlan', 'nvgre'] as const).flatMap((encapsulation) =>
      builds.map((build) => ({ size, encapsulation, build })),
    ),
  );
  test.each(cases)(
    'of $size B in $encapsulation are whole and right ($build)',
    ({ size, encapsulation, build }) => {
      const traffic = { encapsulation, flowCount: 64, bidirectional: true };
      const bench = run({ size, traffic, build, durationNs: 240e3 });
      const sent = bench.sent();
      expect(sent).toHaveLength(240);
      const outerBytes = encapsulation === 'vxlan' ? 50 : 42;
      for (const datagram of sent) {
        expect(datagram).toMatchObject({ problems: [], tunnel: encapsulation });
        expect(datagram.checksum).not.toBe(0);
        expect(datagram.bytes.length).toBe(datagram.innerFrameBytes + outerBytes);
        expect(datagram.payloadBytes).toBe(datagram.innerFrameBytes - 42);
        expect(datagram.bytes.subarray(outerBytes + 42 + 18).every((byte) => byte === 0)).toBe(true);
      }
      const count = (bytes: number) => sent.filter(({ innerFrameBytes }) => innerFrameBytes === bytes).length;
      if (size === 'imix') expect([count(64), count(570), count(1518)]).toEqual([140, 80, 20]);
      else expect(count(Number(size))).toBe(240);
      const bytes = sent.reduce((sum, datagram) => sum + datagram.bytes.length, 0);
      const { sentByServers } = bench.generator.read('counted');
      expect(bench.generator.read('counted')).toEqual({
        ...SILENT,
        ...{ sent: 240, sentBytes: bytes, delivered: 240, deliveredBytes: bytes, sentByServers },
      });
    },
  );

  test('of a mix make every port carry the same', () => {
    const sent = run({ size: 'imix', durationNs: 240e3 }).sent();
    const bytesOf = (port: number) =>
      sent.filter((each) => each.port === port).reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(bytesOf(0)).toBe(bytesOf(1));
  });

  test('carry their intended time, flow, number within the flow and phase', () => {
    const sent = run({ traffic: { flowCount: 50 }, durationNs: 200e3 }).sent();
    for (const [index, { stamp, sentNs }] of sent.entries()) {
      expect(stamp).toMatchObject({ round: Math.floor(index / 50), mark: UDP_STAMP_MARK + UdpPhase.counted });
      expect(Number(stamp.intendedPs) / 1000).toBe(sentNs);
    }
  });
});

describe('flows', () => {
  const range = (firstAddress: number, addressCount: number) =>
    fc.record({
      firstAddress: fc.constant(firstAddress),
      addressCount: fc.integer({ min: 1, max: addressCount }),
      firstPort: fc.constantFrom(1, 1024, 65_500),
      portCount: fc.integer({ min: 1, max: 5 }),
      order: fc.constant('sequential' as const),
    });

  test('have five-tuples of their own, within the ranges, by the formula, as many as there are', () => {
    fc.assert(
      fc.property(
        fc.record({ perFnic: range(0x0a00_0000, 5), servers: range(0xac10_0000, 7) }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(100),
        ({ perFnic, servers }, fnicCount, portCount, seed) => {
          const clients = { ...perFnic, addressCount: perFnic.addressCount * fnicCount };
          const pairsPerFnic =
            perFnic.addressCount * perFnic.portCount * servers.addressCount * servers.portCount;
          const flowCount = Math.max(1, Math.floor(pairsPerFnic / portCount) * portCount * fnicCount);
          fc.pre(pairsPerFnic >= portCount);
          const traffic = { clients, servers, fnicCount, flowCount };
          const bench = run({
            ...{ traffic, portCount, seed, isSilent: true, build: 'release' },
            ...{ durationNs: flowCount * 1000, packetCount: 5000 },
          });
          const sent = bench.sent();
          expect(sent).toHaveLength(flowCount);
          expect(new Set(sent.map(fiveTuple)).size).toBe(flowCount);
          for (const { stamp, ...datagram } of sent) {
            const ends = endsOf(stamp.flow, bench.traffic, portCount);
            expect(datagram).toMatchObject({
              ...{ port: ends.port, vni: bench.traffic.firstVni + ends.fnic },
              ...{ source: ends.client, sourcePort: ends.clientPort },
              ...{ destination: ends.server, destinationPort: ends.serverPort },
            });
            expect(ends.clientPort - clients.firstPort).toBeLessThan(clients.portCount);
            expect(ends.serverPort - servers.firstPort).toBeLessThan(servers.portCount);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('are by the formula up to the last of 64M, and spread over all fNICs', () => {
    const flowCount = 64_000_000;
    const bench = run({ traffic: { flowCount }, durationNs: 3e6, isSilent: true, build: 'release' });
    const sent = bench.sent();
    expect(Math.max(...sent.map(({ stamp }) => stamp.flow))).toBeGreaterThan(0.99 * flowCount);
    for (const { stamp, source, sourcePort, destination, destinationPort } of sent) {
      const ends = endsOf(stamp.flow, bench.traffic, 2);
      expect([source, sourcePort, destination, destinationPort]).toEqual([
        ...[ends.client, ends.clientPort, ends.server, ends.serverPort],
      ]);
    }
    const perFnic = Array.from(
      { length: 16 },
      (_, fnic) => sent.filter(({ vni }) => vni === 10_000 + fnic).length,
    );
    for (const count of perFnic) expect(Math.abs(count / (3000 / 16) - 1)).toBeLessThan(0.35);
  });
});

describe('direction', () => {
  test('is from client to server when traffic is not bidirectional', () => {
    const bench = run({ traffic: { flowCount: 10 } });
    expect(bench.sent().every(({ source }) => source < 0xac10_0000)).toBe(true);
    expect(bench.generator.read('counted').sentByServers).toBe(0);
  });

  test.each([1, 2, 7, 64, 100])(
    'alternates within each of %i flows from the second packet on',
    (flowCount) => {
      const bench = run({ traffic: { flowCount, bidirectional: true }, durationNs: 1e6 });
      const sent = bench.sent();
      const rounds = Math.floor(1000 / flowCount);
      for (let flow = 0; flow < flowCount; flow++) {
        const isServers = sent
          .filter(({ stamp }) => stamp.flow === flow)
          .map(({ source, destination, outerSource }) => {
            expect(source >= 0xac10_0000).toBe(destination < 0xac10_0000);
            expect(outerSource >= 4000).toBe(source >= 0xac10_0000);
            return source >= 0xac10_0000;
          });
        expect(isServers.length).toBeGreaterThanOrEqual(rounds);
        expect(isServers[0]).toBe(false);
        for (let index = 2; index < isServers.length; index++)
          expect(isServers[index]).toBe(!isServers[index - 1]);
      }
      const { sentByServers } = bench.generator.read('counted');
      expect(sentByServers).toBe(sent.filter(({ source }) => source >= 0xac10_0000).length);
      expect(bench.generator.read('counted')).toMatchObject({ delivered: 1000, unexpected: 0 });
    },
  );

  test('is half and half in every round but the first', () => {
    const { sentByServers } = run({
      traffic: { flowCount: 64, bidirectional: true },
      durationNs: 64e3 * 11,
    }).generator.read('counted');
    expect(sentByServers).toBe((64 * 10) / 2);
  });
});

describe('rate', () => {
  test.each([3, 7, 999_999, 12_345_678.901, 181_159_420.289])(
    'the nth of %d constant packets per second is due at n / rate',
    (ratePps) => {
      const bench = run({ ratePps, durationNs: (900 / ratePps) * 1e9, isSilent: true });
      const sent = bench.sent();
      expect(Math.abs(sent.length - 900)).toBeLessThanOrEqual(1);
      for (const [n, { stamp }] of sent.entries())
        expect(Math.abs(Number(stamp.intendedPs) - (n / ratePps) * 1e12)).toBeLessThanOrEqual(2);
    },
  );

  test('of poisson arrivals is the same on average, its gaps are exponential', () => {
    const bench = run({
      traffic: { arrivals: 'poisson' },
      durationNs: 4e6,
      isSilent: true,
      packetCount: 8192,
    });
    const times = bench.sent().map(({ sentNs }) => sentNs);
    expect(Math.abs(times.length / 4000 - 1)).toBeLessThan(0.06);
    const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
    // Of exponential gaps, 1 - 1/e are shorter than their mean.
    const shorter = gaps.filter((gap) => gap < 1000).length / gaps.length;
    expect(Math.abs(shorter - (1 - Math.exp(-1)))).toBeLessThan(0.03);
  });

  test.each(['constant', 'poisson'] as const)(
    '%s packets are the same whether any arrives or not',
    (arrivals) => {
      const [up, down] = [{}, {}].map(() => buildUdpBench({ traffic: { arrivals }, packetCount: 4096 })) as [
        ReturnType<typeof buildUdpBench>,
        ReturnType<typeof buildUdpBench>,
      ];
      down.setDown(true);
      for (const bench of [up, down]) {
        bench.generator.startCounted({ startNs: 0, durationNs: 1e6, ratePps: 1e6 });
        for (const untilNs of [0.3e6, 0.5e6, 2e6]) bench.runTo(untilNs);
      }
      expect(down.generator.read('counted').sent).toBe(up.generator.read('counted').sent);
      expect(down.generator.read('counted')).toMatchObject({ delivered: 0, unsent: 0 });
      expect(up.generator.read('counted').delivered).toBe(up.generator.read('counted').sent);
    },
  );

  test('at line rate no port falls behind; above it, packets wait and their latency counts from when they were due', () => {
    // 138 B on the wire take 1104 ns at 1 Gbps.
    const at = run({ rateGbps: 1, ratePps: 2e9 / 1104, durationNs: 1e6 });
    const lagNs = (bench: typeof at) =>
      readLatencyCounts(bench.testbed.dataPlane, bench.generator.scheduleLag.counted);
    const latencyNs = (bench: typeof at) =>
      readLatencyCounts(bench.testbed.dataPlane, bench.generator.latency.counted);
    expect(lagNs(at)).toMatchObject({ count: 1812, max: 0 });
    expect(latencyNs(at)).toMatchObject({ min: 2104, max: 2104 });
    const above = run({ rateGbps: 1, ratePps: 4e9 / 1104, durationNs: 1e6 });
    expect(lagNs(above).max).toBeGreaterThan(990_000);
    expect(latencyNs(above).max).toBeGreaterThan(400_000);
    expect(above.generator.read('counted').sent).toBe(3624);
  });

  test('under the wall clock what was due between two steps is sent late, and its lag recorded', () => {
    const bench = buildUdpBench();
    bench.generator.startCounted({ startNs: 0, durationNs: 1e6, ratePps: 1e6 });
    for (let ns = 50_000; ns <= 1.1e6; ns += 50_000) bench.stepWallTo(ns);
    expect(bench.generator.read('counted')).toMatchObject({ sent: 1000, delivered: 1000, unsent: 0 });
    const lag = readLatencyCounts(bench.testbed.dataPlane, bench.generator.scheduleLag.counted);
    // Packets due at 1 .. 50 us leave at 50 us and so on: twenty times 1 + 2 .. + 49 us, and 50 us of the very first.
    expect(lag).toMatchObject({ count: 1000, min: 0, max: 50_000, sum: 24_550_000 });
  });

  test('what finds no free packet is counted as unsent', () => {
    const { sent, unsent } = run({ ratePps: 10e6, durationNs: 8000, packetCount: 4 }).generator.read(
      'counted',
    );
    expect({ total: sent + unsent, isShort: unsent > 0 }).toEqual({ total: 80, isShort: true });
  });

  test('what a late run forgoes is counted as unsent', () => {
    const bench = buildUdpBench();
    bench.generator.startCounted({ startNs: 0, durationNs: 1e6, ratePps: 1e6 });
    bench.generator.setHorizon(400_000_000n);
    bench.runTo(600e3);
    expect(bench.generator.read('counted')).toMatchObject({ sent: 400, unsent: 0 });
    bench.generator.forgo(600_000_000n);
    expect(bench.generator.read('counted')).toMatchObject({ sent: 400, unsent: 200 });
  });
});
