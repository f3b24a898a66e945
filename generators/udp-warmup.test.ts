import { describe, expect, test } from 'vitest';
import { readLatencyCounts } from '../core/latency-counts.js';
import { UDP_STAMP_MARK, UdpPhase } from './dataplane/generator-layout.js';
import { buildUdpBench, LATENCY_NS, type UdpBench } from './udp-fixture.js';
import { checkUdpLedger, type UdpLedger, udpLedger } from './udp-ledger.js';
import { idleTimeoutMs, type WarmupOptions, type WarmupOutcome, warmUp } from './udp-warmup.js';

const EMPTY: UdpLedger = {
  ...{ sent: 0, delivered: 0, unexpected: 0, inFlight: 0, lossRatio: 0 },
  dropped: { total: 0, atCards: 0, byReason: {} },
};

/** Runs a warm-up to its end and tells how often it let the caller look. */
function learn(bench: UdpBench, options: WarmupOptions): WarmupOutcome & { slices: number } {
  const steps = warmUp(bench.testbed, bench.generator, options);
  for (let slices = 0; ; slices++) {
    const { done, value } = steps.next();
    if (done) return { ...value, slices };
  }
}

describe('a warm-up', () => {
  test.each([
    { flowCount: 1, ratePps: 1e6, slices: 1 },
    { flowCount: 777, ratePps: 1e6, slices: 1 },
    { flowCount: 25_000, ratePps: 3e6, slices: 3 },
  ])(
    'sends the first packet of each of $flowCount flows once, then waits until all is quiet',
    ({ slices, ...options }) => {
      const { flowCount, ratePps } = options;
      const bench = buildUdpBench({
        ...{ traffic: { flowCount, bidirectional: true }, packetCount: 30_000, build: 'release' },
      });
      const outcome = learn(bench, { startNs: 5000, ratePps });
      expect(outcome.ledger).toEqual({ ...EMPTY, sent: flowCount, delivered: flowCount });
      expect(outcome).toMatchObject({ slices, drops: [] });
      const sent = bench.sent();
      expect(new Set(sent.map(({ stamp }) => stamp.flow)).size).toBe(flowCount);
      expect(sent[0]?.sentNs).toBe(5000);
      expect(
        sent.every(({ stamp }) => stamp.round === 0 && stamp.mark === UDP_STAMP_MARK + UdpPhase.warmup),
      ).toBe(true);
      const lastNs = 5000 + ((flowCount - 1) / ratePps) * 1e9;
      expect(Math.abs((sent.at(-1)?.sentNs ?? 0) - lastNs)).toBeLessThan(0.01);
      expect(outcome.endNs).toBeGreaterThanOrEqual(lastNs + LATENCY_NS);
      expect(outcome.endNs).toBeLessThan(lastNs + LATENCY_NS + 200_000);
      bench.runTo(outcome.endNs + 1e6);
      expect(bench.generator.read('warmup').sent).toBe(flowCount);
    },
  );

  test('is followed by a new round, counted apart, whose first packets go both ways', () => {
    const bench = buildUdpBench({ traffic: { flowCount: 100, bidirectional: true } });
    const { endNs, drops } = learn(bench, { startNs: 0, ratePps: 1e6 });
    bench.generator.startCounted({ startNs: endNs, durationNs: 300e3, ratePps: 1e6 });
    bench.runTo(endNs + 400e3);
    expect(bench.generator.read('warmup')).toMatchObject({ sent: 100, delivered: 100, sentByServers: 0 });
    expect(bench.generator.read('counted')).toMatchObject({ sent: 300, delivered: 300, sentByServers: 150 });
    const counted = bench.sent().slice(100);
    expect(counted.map(({ stamp }) => stamp.round)).toEqual(
      [1, 2, 3].flatMap((round) => Array(100).fill(round)),
    );
    expect(counted[0]?.sentNs).toBe(endNs);
    for (const [phase, count] of [['warmup', 100] as const, ['counted', 300] as const]) {
      const latency = readLatencyCounts(bench.testbed.dataPlane, bench.generator.latency[phase]);
      const lag = readLatencyCounts(bench.testbed.dataPlane, bench.generator.scheduleLag[phase]);
      expect([latency.count, latency.min, latency.max, lag.count]).toEqual([count, 1000, 1000, count]);
    }
    const ledger = udpLedger(bench.testbed, bench.generator.read('counted'), drops);
    expect(ledger).toEqual({ ...EMPTY, sent: 300, delivered: 300 });
  });

  test('a counted phase without one begins with the flows that are not learned, all from their clients', () => {
    const bench = buildUdpBench({ traffic: { flowCount: 100, bidirectional: true } });
    bench.generator.startCounted({ startNs: 0, durationNs: 100e3, ratePps: 1e6 });
    bench.runTo(200e3);
    expect(bench.generator.read('counted')).toMatchObject({ sent: 100, sentByServers: 0 });
  });

  test('what is lost in each phase is lost in its own ledger', () => {
    const bench = buildUdpBench({ traffic: { flowCount: 100 } });
    bench.setDown(true);
    bench.runTo(1);
    const { ledger, drops, endNs } = learn(bench, { startNs: 1, ratePps: 1e6 });
    const lost = (total: number) => ({ total, atCards: 0, byReason: { linkDown: total } });
    expect(ledger).toEqual({ ...EMPTY, sent: 100, lossRatio: 1, dropped: lost(100) });
    bench.generator.startCounted({ startNs: endNs, durationNs: 40e3, ratePps: 1e6 });
    bench.runTo(endNs + 9_500);
    bench.setDown(false);
    bench.runTo(endNs + 38_500);
    const counted = udpLedger(bench.testbed, bench.generator.read('counted'), drops);
    expect(counted).toEqual({
      ...{ sent: 39, delivered: 28, unexpected: 0, inFlight: 1, lossRatio: 10 / 39, dropped: lost(10) },
    });
    expect([ledger, counted].flatMap(checkUdpLedger)).toEqual([]);
  });

  test('a packet that comes back late counts for the phase in which it was sent', () => {
    const bench = buildUdpBench({ traffic: { flowCount: 100 } });
    bench.generator.startWarmup({ startNs: 0, ratePps: 1e6 });
    bench.runTo(50_500);
    bench.generator.startCounted({ startNs: 50_500, durationNs: 10e3, ratePps: 1e6 });
    bench.runTo(100e3);
    expect(bench.generator.read('warmup')).toMatchObject({ sent: 51, delivered: 51 });
    expect(bench.generator.read('counted')).toMatchObject({ sent: 10, delivered: 10 });
    expect(
      bench
        .sent()
        .slice(51)
        .every(({ stamp }) => stamp.round === 1),
    ).toBe(true);
  });
});

describe('checkUdpLedger', () => {
  test('names the account that does not balance', () => {
    expect(checkUdpLedger(EMPTY)).toEqual([]);
    expect(checkUdpLedger({ ...EMPTY, sent: 5, delivered: 3, inFlight: 1 })).toEqual([
      'packets.sent is 5, but delivered 3 + dropped.total 0 + inFlight 1 makes 4',
    ]);
  });
});

describe('idleTimeoutMs', () => {
  test.each([
    // 64M flows at 3M/s are learned in 21.3 s.
    { flowCount: 64e6, warmupPps: 3e6, durationNs: 1e9, ms: 24_334 },
    { flowCount: 1000, warmupPps: 1e6, durationNs: 1e8, ms: 2101 },
    { flowCount: 1e6, warmupPps: undefined, durationNs: 1e8, ms: 2100 },
  ])('$flowCount flows: $ms ms', ({ ms, ...options }) => {
    expect(idleTimeoutMs(options)).toBe(ms);
  });
});
