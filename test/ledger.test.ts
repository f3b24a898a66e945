import { describe, expect, test } from 'vitest';
import type { CpsFlags } from '../cli/cps-options.js';
import { checkLedger } from '../results/ledger.js';
import { runTrial } from './trials.js';

// The books balance whatever is offered: sent, delivered and in flight are counted by three different hands.

const TRIALS: Partial<CpsFlags>[] = [
  { rate: '1k' },
  { rate: '300k', seed: '2', profile: 'cps-poisson' },
  { rate: '3M', acl: 'table4' },
  { rate: '3M', seed: '3', power: '68W', profile: 'cps-random' },
  { rate: '6M', power: '52W', duration: '30ms' },
  { rate: '6M', seed: '4', duration: '30ms' },
  { rate: '15M', seed: '5', duration: '10ms' },
  { rate: '6M', replication: 'off', duration: '30ms' },
  { rate: '6M', target: 'card://solo', power: '52W', duration: '30ms' },
  { rate: '3M', target: 'loopback://' },
  { rate: '1M', profile: 'cps-nvgre' },
  { rate: '500k', profile: 'cps-long-lived', duration: '40ms' },
  { rate: '1M', tunable: ['innerFrameBytes=1500'] },
  // Time-outs and retransmissions within the run: nothing waits longer than a few milliseconds.
  {
    rate: '6M',
    duration: '40ms',
    tunable: ['tcp.synTimeout=2ms', 'tcp.finTimeout=2ms', 'tcp.connectionTimeout=10ms'],
  },
];

describe('the ledger balances', () => {
  test.each(TRIALS)('%j', async (flags) => {
    const { measured, verdict, invalidReasons } = await runTrial(flags);
    expect(checkLedger(measured)).toEqual([]);
    expect({ verdict, invalidReasons }).toEqual({ verdict: 'valid', invalidReasons: [] });
    expect(measured.packets.sent).toBeGreaterThan(0);
    expect(measured.series.sentPackets.reduce((sum, count) => sum + count, 0)).toBe(measured.packets.sent);
    expect(measured.series.lostPackets.reduce((sum, count) => sum + count, 0)).toBe(
      measured.packets.dropped.total,
    );
  });
});

describe('open loop', () => {
  test('the offered rate does not bend when the target drops half of it', async () => {
    const { measured } = await runTrial({ rate: '6M', duration: '30ms' });
    expect(measured.offered.cps).toBe(6e6);
    expect(measured.achieved.cps).toBeLessThan(3.2e6);
  });

  test('what the access control lists deny is dropped for that reason, and nothing of it is established', async () => {
    const { measured } = await runTrial({ rate: '100k', acl: 'examples/acl.yaml' });
    const { byReason } = measured.packets.dropped;
    // 10.0.8.0/24 are clients of one fNIC in 16, and the first that it uses.
    expect(byReason).toEqual({ aclDenied: measured.connections.attempted / 16 });
    expect(byReason.aclDenied).toBeGreaterThan(0);
    expect(measured.connections.established).toBeLessThanOrEqual(
      measured.connections.attempted - (byReason.aclDenied ?? 0),
    );
  });
});
