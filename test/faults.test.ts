import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildFaultsOptions, DEFAULT_FAULTS_FLAGS, type FaultsFlags } from '../cli/faults/faults-options.js';
import { runFaultsTrial } from '../cli/faults/faults-trial.js';
import { checkLedger } from '../results/ledger.js';
import type { FaultOutcome, Measured } from '../results/result.js';

// Table 6 at small size: nothing breaks, and what is lost is lost where the paper says.

async function play(scenario: string, flags: Partial<FaultsFlags> = {}): Promise<Measured> {
  const options = buildFaultsOptions({
    ...DEFAULT_FAULTS_FLAGS,
    ...{ scenario, rate: '20k', duration: '7s', at: '500ms', acl: 'none' },
    ...flags,
  });
  const hooks = { onProgress: () => undefined, signal: new AbortController().signal };
  return (await runFaultsTrial(options, hooks)).result.measured;
}

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

  test('breaks nothing when both cards stay', async () => {
    expect((await play('tor1-links-down', { replication: 'off' })).connections.broken.total).toBe(0);
  });
});

test('a link that flaps breaks nothing, and each event has its losses', async () => {
  const measured = await play('link-flap');
  expect(measured.faults?.map(({ kind }) => kind)).toEqual(['cut', 'join', 'cut', 'join', 'cut', 'join']);
  expect(measured.connections.broken.total).toBe(0);
  const lost = measured.faults?.reduce((sum, { packetsLost }) => sum + packetsLost.total, 0);
  expect(lost).toBe(measured.packets.dropped.total);
});

test('a run that is ended between two events tells what came of the first', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  const scenario = join(folder, 'late-join.yaml');
  const events = 'events:\n  - { at: 0s, cut: [tor1-card1] }\n  - { at: 9s, join: [tor1-card1] }\n';
  writeFileSync(
    scenario,
    `schema: sirius-bench.scenario/1\nname: late-join\ndescription: of a test\n${events}`,
  );
  const interrupt = new AbortController();
  const options = buildFaultsOptions({
    ...DEFAULT_FAULTS_FLAGS,
    ...{ scenario, rate: '300k', duration: '10s', at: '500ms', acl: 'none' },
  });
  const { result } = await runFaultsTrial(options, {
    onProgress: ({ simulatedNs }) => simulatedNs > 501e6 && interrupt.abort(),
    signal: interrupt.signal,
  });
  rmSync(folder, { recursive: true });
  const { faults = [], packets } = result.measured;
  expect(result.interrupted).toBe(true);
  expect(faults.map(({ kind }) => kind)).toEqual(['cut']);
  expect(faults.reduce((sum, { packetsLost }) => sum + packetsLost.total, 0)).toBe(packets.dropped.total);
  for (const { flows, timeline } of faults) {
    expect(Math.min(flows.broken, flows.stalled, flows.recovered)).toBe(0);
    expect(Math.min(...timeline.sentPackets)).toBeGreaterThanOrEqual(0);
  }
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
