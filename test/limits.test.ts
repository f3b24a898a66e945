import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildCpsOptions, type CpsFlags } from '../cli/cps-options.js';
import { buildTrialBed } from '../cli/trial-bed.js';
import { loadDataPlane } from '../core/dataplane-module.js';
import { GENERATOR_PORT_COUNT, UNDERLAY_FNIC_COUNT_MAX } from '../targets/underlay.js';
import { DEFAULT_FLAGS, QUIET_HOOKS, runTrial } from './trials.js';

// What a trial says when its load is at, or beyond, what the generator and the memory can hold.

const THINKING = 'tcp.serverTurnaround=100ms';
const LOOPBACK = { target: 'loopback://' } satisfies Partial<CpsFlags>;

describe('servers that think', () => {
  test('hold as many answers as the rate makes them, which are not sent yet', async () => {
    // 120,000 SYN-ACKs wait at the end, more than a trial has packets for.
    const flags = { ...LOOPBACK, rate: '2M', duration: '60ms', tunable: [THINKING] };
    const { measured, verdict } = await runTrial(flags);
    expect(verdict).toBe('valid');
    expect(measured.connections.open).toBe(120_000);
    expect(measured.packets.sent).toBe(120_000);
    expect(measured.packets.inFlight).toBeLessThan(10);
    expect(measured.generator).toMatchObject({ unsent: 0, unsentPackets: 0 });
  });

  test('and when there is no room for more, they are not sent: invalid, but no more was offered', async () => {
    // Clients that ask again after 1, 2, 4 us and so on: every SYN is thought about.
    const tunable = [THINKING, 'tcp.synTimeout=1us', 'tcp.maxRetransmissions=12'];
    const { measured, verdict, invalidReasons } = await runTrial({ ...LOOPBACK, rate: '1M', tunable });
    const { unsent, unsentPackets } = measured.generator;
    expect(unsentPackets).toBeGreaterThan(0);
    expect(unsent).toBe(0);
    expect(measured.offered.cps).toBe(1e6);
    expect(measured.offered.pps).toBeCloseTo((measured.packets.sent * 1e9) / measured.durationNs, 3);
    expect(verdict).toBe('invalid');
    expect(invalidReasons).toContain(
      `the generator had no room for ${unsentPackets.toLocaleString('en-US')} packets`,
    );
  });
});

test('more than the memory holds is refused with what to lower', async () => {
  const tunable = ['tcp.hold=20s', 'tcp.connectionTimeout=25s'];
  const options = buildCpsOptions({ ...DEFAULT_FLAGS, rate: '3M', duration: '30s', tunable });
  await expect(buildTrialBed(loadDataPlane(), options, QUIET_HOOKS)).rejects.toMatchObject({
    code: 'memory',
    exitCode: 2,
    hint: expect.stringContaining('tcp.hold'),
  });
});

test('so is a capture, which leaves no file behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sirius-limits-'));
  const flags = {
    rate: '1M',
    pcap: join(folder, 'x.pcapng'),
    'pcap-packets': '4M',
    tunable: ['innerFrameBytes=1500'],
  };
  await expect(runTrial(flags)).rejects.toMatchObject({ code: 'memory' });
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

test('a profile has at most as many fNICs as the testbed has addresses for', () => {
  const withFnics = (count: number) => {
    const tunable = [`fnics.count=${count}`, 'clients.addresses=10.0.0.0/12'];
    return buildCpsOptions({ ...DEFAULT_FLAGS, rate: '1k', tunable }).profile.fnicCount;
  };
  expect(withFnics(UNDERLAY_FNIC_COUNT_MAX)).toBe(UNDERLAY_FNIC_COUNT_MAX);
  expect(() => withFnics(UNDERLAY_FNIC_COUNT_MAX + 1)).toThrow(
    `expected a number of at most ${UNDERLAY_FNIC_COUNT_MAX}`,
  );
});

describe('line rate', () => {
  test.each(['card://pair', 'card://solo', 'loopback://'])(
    '%s has as many ports as are reckoned with',
    async (target) => {
      const options = buildCpsOptions({ ...DEFAULT_FLAGS, target });
      const bed = await buildTrialBed(loadDataPlane(), options, QUIET_HOOKS);
      expect(bed.target.ports).toHaveLength(GENERATOR_PORT_COUNT);
    },
  );

  test('all ports at once carry what is allowed at most, on schedule', async () => {
    const { measured, verdict } = await runTrial({ ...LOOPBACK, rate: '200%', duration: '2ms' });
    expect(verdict).toBe('valid');
    expect(measured.offered.bps).toBeGreaterThan(199e9);
  });
});

test('late duplicates are delivered packets that nothing expected', async () => {
  // The round trip takes 2 us: a FIN is sent again before its answer is back, and answered when all is over.
  const tunable = ['tcp.finTimeout=1us'];
  const { measured } = await runTrial({ ...LOOPBACK, rate: '10k', duration: '5ms', tunable });
  const { unexpected, delivered } = measured.packets;
  expect(measured.connections.retransmitted.fin).toBeGreaterThan(0);
  expect(unexpected).toBeGreaterThan(0);
  expect(unexpected).toBeLessThan(delivered);
});

test('latencies beyond the histograms make a trial invalid', async () => {
  const tunable = ['tcp.serverTurnaround=105s', 'tcp.synTimeout=150s', 'tcp.connectionTimeout=300s'];
  const { verdict, invalidReasons } = await runTrial({ ...LOOPBACK, rate: '1', duration: '110s', tunable });
  expect(verdict).toBe('invalid');
  expect(invalidReasons).toEqual([
    expect.stringMatching(/^latencyNs\.synToSynAck has values up to 1m45s, above the 1m40s/),
  ]);
});
