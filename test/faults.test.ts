import { describe, expect, test } from 'vitest';
import { buildFaultsOptions, DEFAULT_FAULTS_FLAGS } from '../cli/faults/faults-options.js';
import { runFaultsTrial } from '../cli/faults/faults-trial.js';
import { checkLedger } from '../results/ledger.js';
import type { FaultOutcome, Measured } from '../results/result.js';
import { play, scenarioWriter } from './play.js';

// Table 6 at small size: nothing breaks, and what is lost is lost where the paper says.

const writeScenario = scenarioWriter();

function only(measured: Measured): FaultOutcome {
  expect(measured.faults).toHaveLength(1);
  return (measured.faults as [FaultOutcome])[0];
}

const TABLE_6 = ['planned-switchover', 'tor1-links-down', 'card1-down'];

describe('a pair that replicates', () => {
  test.each(TABLE_6)('breaks no connection: %s', async (scenario) => {
    const measured = await play(scenario);
    const { packetsLost, flows, recoveryNs, outageNs } = only(measured);
    expect(measured.connections.broken).toEqual({ reset: 0, timeout: 0, total: 0 });
    expect(checkLedger(measured)).toEqual([]);
    expect(packetsLost.total).toBeGreaterThan(100);
    expect(flows.stalled).toBeGreaterThan(100);
    expect(flows.recovered).toBe(flows.stalled);
    // Half of the traffic met the fault: the loss-derived figure is about half of what a packet saw, never more.
    expect(recoveryNs).toBeLessThan(outageNs);
    expect(packetsLost.total).toBe(measured.packets.dropped.total);
  });

  test('footnote 9: SYNs are sent again for two sixths of what is lost, FINs for four', async () => {
    const { connections, packets } = await play('planned-switchover', { rate: '200k', duration: '3s' });
    expect(connections.retransmitted.syn / packets.dropped.total).toBeCloseTo(2 / 6, 1);
    expect(connections.retransmitted.fin / packets.dropped.total).toBeCloseTo(4 / 6, 1);
  });

  test('loses nothing at cards in a planned switchover, and only where the next hop is down else', async () => {
    const [planned, tor, card] = [
      await play('planned-switchover', { rate: '500k', duration: '1s' }),
      await play('tor1-links-down', { rate: '500k', duration: '1s' }),
      await play('card1-down', { rate: '500k', duration: '1s' }),
    ];
    expect(planned.packets.dropped.atCards).toBe(0);
    for (const { packets, faults } of [tor, card]) {
      expect(packets.dropped.atCards).toBeGreaterThan(0);
      const places = (faults as [FaultOutcome])[0].packetsLost.byPlace.filter(({ place }) =>
        place.startsWith('card'),
      );
      expect(new Set(places.map(({ reason }) => reason))).toEqual(new Set(['linkDown']));
    }
  });
});

describe('a pair that does not replicate', () => {
  test.each(['planned-switchover', 'card1-down'])(
    'breaks the connections of the card that went: %s',
    async (scenario) => {
      const measured = await play(scenario, { replication: 'off' });
      // Those under way at that moment, on half of the fNICs.
      const underWay = 20_000 * 0.08;
      expect(only(measured).flows.broken / underWay).toBeGreaterThan(0.4);
      expect(only(measured).flows.broken / underWay).toBeLessThan(0.6);
      expect(checkLedger(measured)).toEqual([]);
    },
  );

  test('recovery is of what the outage cost, not of what broken connections lose long after it', async () => {
    const { packetsLost, recoveryNs, outageNs } = only(await play('card1-down', { replication: 'off' }));
    expect(packetsLost.inOutage).toBeLessThan(packetsLost.total / 2);
    expect(recoveryNs).toBeLessThan(outageNs);
  });

  test('what is lost again after a later event belongs to no outage of that one', async () => {
    const { faults = [] } = await play('card1-down-then-back', { replication: 'off' });
    const [kill, revive] = faults as [FaultOutcome, FaultOutcome];
    expect(kill.flows.broken).toBeGreaterThan(500);
    expect(revive.packetsLost).toMatchObject({ inOutage: 0 });
    expect(revive.packetsLost.total).toBeGreaterThan(500);
    expect(revive).toMatchObject({
      recoveryNs: 0,
      outageNs: 0,
      flows: { stalled: 0, recovered: 0, broken: 0 },
    });
  });

  test('breaks nothing when both cards stay', async () => {
    expect((await play('tor1-links-down', { replication: 'off' })).connections.broken.total).toBe(0);
  });
});

test('connections count for the event after which they lost a packet, however much later they send it again', async () => {
  const { faults = [], connections, packets } = await play('card1-down-then-back');
  const [kill, revive] = faults as [FaultOutcome, FaultOutcome];
  // Time-outs of SYNs take a second, and card1 is back after half of one.
  expect(kill.flows.stalled).toBe(packets.dropped.total);
  expect(kill.flows.recovered).toBe(kill.flows.stalled);
  expect(connections.retransmitted.syn).toBeGreaterThan(100);
  expect(revive.flows).toMatchObject({ stalled: 0, recovered: 0, broken: 0 });
});

test('what a policy denies is lost in no outage, and no connection of it counts for an event', async () => {
  const measured = await play('card1-down', { acl: 'examples/acl.yaml', rate: '30k' });
  const { connections, packets } = measured;
  const { flows, outageNs, packetsLost } = only(measured);
  const denied = packets.dropped.byReason.aclDenied ?? 0;
  expect(denied).toBeGreaterThan(1000);
  expect(connections.broken.total).toBeGreaterThan(1000);
  expect(flows).toMatchObject({ broken: 0, recovered: flows.stalled });
  expect(outageNs).toBeLessThan(50e6);
  expect(packetsLost.inOutage).toBe(packets.dropped.total - denied);
});

test('a link that flaps breaks nothing, and each event has its losses', async () => {
  const measured = await play('link-flap');
  expect(measured.faults?.map(({ kind }) => kind)).toEqual(['cut', 'join', 'cut', 'join', 'cut', 'join']);
  expect(measured.connections.broken.total).toBe(0);
  const lost = measured.faults?.reduce((sum, { packetsLost }) => sum + packetsLost.total, 0);
  expect(lost).toBe(measured.packets.dropped.total);
});

test('a run that is ended between two events tells what came of the first', async () => {
  const scenario = writeScenario('late-join', [
    '{ at: 0s, cut: [tor1-card1] }',
    '{ at: 9s, join: [tor1-card1] }',
  ]);
  const interrupt = new AbortController();
  const options = buildFaultsOptions({
    ...DEFAULT_FAULTS_FLAGS,
    ...{ scenario, rate: '300k', duration: '10s', at: '500ms', acl: 'none' },
  });
  const { result } = await runFaultsTrial(options, {
    onProgress: ({ simulatedNs }) => simulatedNs > 501e6 && interrupt.abort(),
    signal: interrupt.signal,
  });
  const { faults = [], packets } = result.measured;
  expect(result.interrupted).toBe(true);
  expect(faults.map(({ kind }) => kind)).toEqual(['cut']);
  expect(faults.reduce((sum, { packetsLost }) => sum + packetsLost.total, 0)).toBe(packets.dropped.total);
  for (const { flows, timeline } of faults) {
    expect(Math.min(flows.broken, flows.stalled, flows.recovered)).toBe(0);
    expect(Math.min(...timeline.sentPackets)).toBeGreaterThanOrEqual(0);
  }
});

describe('how long an outage lasts', () => {
  /** The same from the timeline: from the first to the last bin with a loss, to within a bin at either end. */
  function outageOfTimeline({ timeline }: FaultOutcome): { leastNs: number; mostNs: number } {
    const { binNs, startNs, lostPackets } = timeline;
    const bins = lostPackets.flatMap((lost, bin) => (lost > 0 && startNs + bin * binNs >= 0 ? [bin] : []));
    const span = (bins.at(-1) ?? 0) - (bins[0] ?? 0);
    return { leastNs: (span - 1) * binNs, mostNs: (span + 1) * binNs };
  }

  test.each(TABLE_6)('agrees with the timeline: %s', async (scenario) => {
    const fault = only(await play(scenario, { rate: '200k', duration: '600ms' }));
    const { leastNs, mostNs } = outageOfTimeline(fault);
    expect(fault.outageNs).toBeGreaterThan(leastNs);
    expect(fault.outageNs).toBeLessThan(mostNs);
  });

  test('has no loss before the event in its timeline, and all of it after', async () => {
    const fault = only(await play('card1-down', { rate: '200k', duration: '600ms' }));
    const { timeline, packetsLost } = fault;
    const before = -timeline.startNs / timeline.binNs;
    const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
    expect(sum(timeline.lostPackets.slice(0, before))).toBe(0);
    expect(sum(timeline.lostPackets.slice(before))).toBe(packetsLost.total);
    expect(packetsLost.inOutage).toBe(packetsLost.total);
  });

  const ALL = '[tor1-card1, tor1-card2, tor2-card1, tor2-card2]';

  test('of any length: both cards gone for 300 ms', async () => {
    const scenario = writeScenario('both-down', [`{ at: 0s, cut: ${ALL} }`]);
    const { outageNs, outageMayGoOn } = only(await play(scenario, { duration: '800ms' }));
    // To the end of the run, but for the time between two packets.
    expect(outageNs / 1e6).toBeGreaterThan(299);
    expect(outageNs / 1e6).toBeLessThanOrEqual(300);
    expect(outageMayGoOn).toBe(true);
  });

  test('ends with the event that ends it', async () => {
    const scenario = writeScenario('both-back', [`{ at: 0s, cut: ${ALL} }`, `{ at: 120ms, join: ${ALL} }`]);
    const { faults = [] } = await play(scenario, { duration: '800ms' });
    const [cut, join] = faults as [FaultOutcome, FaultOutcome];
    expect(cut.outageNs / 1e6).toBeGreaterThan(119);
    expect(cut.outageNs / 1e6).toBeLessThanOrEqual(120);
    // Both cards stood aside, and take fNICs again when the controller tells them to, 50 ms after it hears of them; then routes are written.
    expect(join.outageNs).toBeGreaterThan(50e6);
    expect(join.outageNs).toBeLessThan(80e6);
    // Both are over: the one by the other, and that long before the end of the run.
    expect(faults.map(({ outageMayGoOn }) => outageMayGoOn)).toEqual([undefined, undefined]);
  });

  test('without the echo of time-outs, which is lost all the same', async () => {
    // Down again when the FINs that the first outage cost come again.
    const events = ['{ at: 0s, cut: [tor1-card1] }', '{ at: 2ms, join: [tor1-card1] }'];
    const scenario = writeScenario('short', events);
    const { faults = [] } = await play(scenario, { duration: '800ms' });
    for (const { outageNs } of faults) expect(outageNs).toBeLessThan(10e6);
  });

  test('is that of each event when they follow one another', async () => {
    const { faults = [] } = await play('link-flap', { rate: '200k', duration: '600ms' });
    for (const [index, fault] of faults.entries()) {
      const untilNs = (faults[index + 1]?.atNs ?? Number.POSITIVE_INFINITY) - fault.atNs;
      expect(fault.outageNs).toBeLessThanOrEqual(untilNs);
      expect(fault.outageNs > 0).toBe(fault.packetsLost.total > 1);
    }
  });

  test('of a run that ends meanwhile is what was seen of it', async () => {
    const measured = await play('card1-down', { rate: '200k', duration: '502ms' });
    const { outageNs, outageMayGoOn, timeline } = only(measured);
    expect(outageMayGoOn).toBe(true);
    expect(outageNs / 1e6).toBeGreaterThan(1.9);
    expect(outageNs / 1e6).toBeLessThanOrEqual(2);
    expect(timeline.startNs + timeline.binNs * timeline.lostPackets.length).toBe(2e6);
  });

  test('is none where nothing is lost', async () => {
    const scenario = writeScenario('late', ['{ at: 0s, mute: [tor1] }']);
    expect(only(await play(scenario, { duration: '600ms' })).outageNs).toBe(0);
  });
});

describe('what the endpoints saw', () => {
  test('of a pair that replicates: waits, and packets sent again', async () => {
    const { endpoints, faults = [], connections } = await play('card1-down', { duration: '3s' });
    const stalls = endpoints?.stallNs;
    expect(endpoints).toMatchObject({ duplicatedPackets: 0, reorderedPackets: 0, broken: [] });
    expect(endpoints?.repeatedPackets).toBeGreaterThanOrEqual(
      connections.retransmitted.syn + connections.retransmitted.fin,
    );
    // A FIN comes again after 200 ms, a SYN after 1 s, each up to a tick of its host late.
    expect(stalls?.min).toBeGreaterThan(200e6);
    expect(stalls?.max).toBeLessThan(1.2e9);
    expect(stalls?.count).toBeGreaterThanOrEqual(faults[0]?.flows.recovered ?? 0);
  });

  test('of a pair that does not: which connections broke', async () => {
    const { endpoints, connections } = await play('card1-down', { replication: 'off' });
    const { broken = [], brokenByFnic = [] } = endpoints ?? {};
    expect(brokenByFnic.reduce((sum, count) => sum + count, 0)).toBe(connections.broken.total);
    expect(broken).toHaveLength(Math.min(1000, connections.broken.total));
    // Those of card1, which has every other fNIC, that were under way when it went.
    expect(brokenByFnic.map((count) => count > 0)).toEqual(brokenByFnic.map((_, fnic) => fnic % 2 === 0));
    for (const { fnic, startedNs, atNs, cause, client } of broken) {
      expect(fnic % 2).toBe(0);
      expect(Math.abs(startedNs - 500e6)).toBeLessThan(130e6);
      expect(atNs).toBeGreaterThan(startedNs);
      expect(cause).toBe('timeout');
      expect(client).toMatch(/^10\.0\.\d+\.\d+:\d+$/);
    }
    expect(broken.map(({ atNs }) => atNs)).toEqual(broken.map(({ atNs }) => atNs).sort((a, b) => a - b));
  });
});

test('the same seed gives the same bytes, another one another phase of probes', async () => {
  const flags = { duration: '600ms' };
  const [first, again, other] = [
    await play('card1-down', flags),
    await play('card1-down', flags),
    await play('card1-down', { ...flags, seed: '2' }),
  ];
  expect(again.hash).toBe(first.hash);
  expect(other.faults?.[0]?.packetsLost.total).not.toBe(first.faults?.[0]?.packetsLost.total);
});
