import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleLatency, exampleMeasured, exampleResult } from '../../results/fixture.js';
import { decodeLatency } from '../../results/histogram.js';
import { sealMeasured } from '../../results/measured-hash.js';
import type { Result } from '../../results/result.js';
import type { TrialSpec } from '../sweep/trial-spec.js';
import { type LatencyFlags, latencyPlan, latencyReport, latencyTrials, performLatency } from './latency.js';
import { latencyFigures } from './latency-files.js';
import { latencyStep, resolvedNs } from './latency-step.js';
import { latencyCsv, renderLatency } from './latency-text.js';

const FLAGS: LatencyFlags = {
  ...{ 'packet-size': '64', duration: '200ms', target: 'card://pair', model: 'dsc-200', power: '78W' },
  ...{ quick: false, out: 'unused', fresh: false, 'results-dir': 'unused', quiet: true },
};
const NOTHING_TYPED = new Set<string>();

/** Drops beyond `dropsAboveCps`, is invalid beyond `invalidAboveCps`; SYN to SYN-ACK grows with load and seed. */
function madeUp(
  rateCps: number,
  { seed = 1, count = 20_000, dropsAboveCps = 3.1e6, invalidAboveCps = 9e6 } = {},
): Result {
  const { hash: _hash, ...measured } = exampleMeasured();
  const { packets, latencyNs } = measured;
  const total = rateCps > dropsAboveCps ? 5000 : 0;
  const synToSynAck = exampleLatency({ count, floorNs: 20_000 + seed * 100, scaleNs: rateCps / 1000 });
  const isInvalid = rateCps > invalidAboveCps;
  const base = exampleResult({
    id: `run-${rateCps}-${seed}`,
    ...(isInvalid ? { verdict: 'invalid', invalidReasons: ['7 connections were never started'] } : {}),
  });
  return {
    ...base,
    input: { ...base.input, rateCps },
    measured: sealMeasured({
      ...measured,
      packets: { ...packets, dropped: { ...packets.dropped, total } },
      latencyNs: { ...latencyNs, synToSynAck },
    }),
  };
}

function fakePool(options: Parameters<typeof madeUp>[1] = {}) {
  const asked: TrialSpec[] = [];
  const run = async (spec: TrialSpec) => {
    asked.push(spec);
    return madeUp(Number(spec.flags.rate), { seed: Number(spec.flags.seed), ...options });
  };
  return { asked, run };
}

async function reported(flags: Partial<LatencyFlags>, options: Parameters<typeof madeUp>[1] = {}) {
  const plan = latencyPlan({ ...FLAGS, ...flags }, NOTHING_TYPED);
  const trials = await latencyTrials(fakePool(options), plan);
  return { trials, report: latencyReport(plan, trials) };
}

describe('the plan', () => {
  test('has every load with every seed for each packet size', async () => {
    const pool = fakePool();
    const flags = { ...FLAGS, rates: '1000000,2000000', seeds: '2', 'packet-size': '1500,64', power: '52W' };
    const trials = await latencyTrials(pool, latencyPlan(flags, NOTHING_TYPED));
    expect(pool.asked).toHaveLength(8);
    expect(pool.asked[0]).toEqual({
      command: 'cps',
      flags: {
        ...{ rate: '1000000', duration: '200ms', target: 'card://pair', model: 'dsc-200', power: '52W' },
        ...{ seed: '1', tunable: ['innerFrameBytes=1500'] },
      },
    });
    expect(trials.map(({ packetBytes, results }) => [packetBytes, results[0]?.input.rateCps])).toEqual([
      [64, 1e6],
      [64, 2e6],
      [1500, 1e6],
      [1500, 2e6],
    ]);
  });

  test('sorts the loads, and says what the ladder leads up to', async () => {
    const { report } = await reported({ rates: '3000000,1000000', seeds: '1' });
    expect(report.steps.map(({ offeredCps }) => offeredCps)).toEqual([1e6, 3e6]);
    expect(report.subtitle).toBe(
      'card://pair, model dsc-200 at 78 W; loads of --rates; 1 seed of 200 ms a load',
    );
    expect(latencyPlan({ ...FLAGS, 'packet-size': '64,1500' }, NOTHING_TYPED).subtitle).toBe(
      'card://pair, model dsc-200 at 78 W; loads up to the knee that the model leads to expect (3.08 Mcps at 64 B, 2.65 Mcps at 1500 B), and at most 5% over; 3 seeds of 200 ms a load',
    );
  });

  test('--quick is shorter unless a duration was typed', () => {
    const quick = { ...FLAGS, quick: true };
    expect(latencyPlan(quick, NOTHING_TYPED).loads[0]?.specs).toMatchObject([
      { flags: { duration: '400ms' } },
    ]);
    expect(latencyPlan(quick, new Set(['duration'])).loads[0]?.specs).toMatchObject([
      { flags: { duration: '200ms' } },
    ]);
  });

  test.each<[Partial<LatencyFlags>, string[], RegExp]>([
    [{ rates: 'banana' }, [], /^--rates: expected a rate/],
    [{ rates: '1M,100M' }, [], /^--rates: expected at most 30,193,236 cps/],
    [{ ladder: '1M:100M:3' }, [], /^--ladder: expected at most 30,193,236 cps/],
    [{ ladder: '1M:2M:3', rates: '1M' }, [], /^--ladder: expected no --rates/],
    [{ 'packet-size': '63' }, [], /^--packet-size: expected inner frames of 64 to 1500 B, got 63/],
    [{ 'packet-size': '64,big' }, [], /^--packet-size: expected/],
    [{ power: '60W' }, [], /^--power: expected a power state of model dsc-200 \(78W, 68W, 52W\), got 60W/],
    [{ target: 'loopback://' }, ['power'], /^--power: expected a --target with cards/],
    [{ target: 'warp://drive' }, [], /^--target: expected one of/],
    [{ model: 'dsc-300' }, [], /^--model: expected a card model \(dsc-200\)/],
    [{ duration: '5' }, [], /^--duration: expected/],
    [{ seeds: '0' }, [], /^--seeds: expected/],
  ])('%o is refused', (flags, given, message) => {
    expect(() => latencyPlan({ ...FLAGS, ...flags }, new Set(given))).toThrow(message);
  });
});

describe('a step', () => {
  const trials = [1, 2, 3].map((seed) => madeUp(2e6, { seed }));
  const summaries = trials.map(({ measured }) => measured.latencyNs.synToSynAck);

  test('takes medians over seeds, and the least and the greatest of all', () => {
    const { synToSynAck } = latencyStep(trials, 64).latencies;
    expect(synToSynAck).toEqual({
      count: 20_000,
      minNs: summaries[0]?.min,
      meanNs: summaries[1]?.mean,
      p50Ns: summaries[1]?.p50,
      p90Ns: summaries[1]?.p90,
      p99Ns: summaries[1]?.p99,
      p999Ns: summaries[1]?.p999,
      p9999Ns: summaries[1]?.p9999,
      maxNs: summaries[2]?.max,
      jitterNs: (summaries[1]?.p999 ?? 0) - (summaries[1]?.min ?? 0),
    });
  });

  test('has as jitter what the histogram itself gives as 99.9th percentile of the delay variation', () => {
    const [summary] = summaries;
    if (summary === undefined) return expect.fail('there is one');
    const fromBuckets = decodeLatency(summary).getValueAtPercentile(99.9) - summary.min;
    const jitterNs = latencyStep(trials.slice(0, 1), 64).latencies.synToSynAck?.jitterNs ?? 0;
    expect(Math.abs(jitterNs / fromBuckets - 1)).toBeLessThan(1e-3);
  });

  test.each([
    [20_000, { p50: true, p99: true, p999: true, p9999: true }],
    [9999, { p50: true, p99: true, p999: true, p9999: false }],
    [999, { p50: true, p99: true, p999: false, p9999: false }],
    [50, { p50: true, p99: false, p999: false, p9999: false }],
    [1, { p50: false, p99: false, p999: false, p9999: false }],
  ])('of %d values tells the percentiles that one lies beyond', (count, told) => {
    const summary = exampleLatency({ count, floorNs: 100, scaleNs: 10 });
    for (const [name, isTold] of Object.entries(told))
      expect(resolvedNs(summary, name as 'p50') !== null, name).toBe(isTold);
  });

  test('has no figures when a trial is invalid, nor of a latency that a trial lacks', () => {
    const invalid = latencyStep([trials[0] as Result, madeUp(10e6)], 64);
    expect(invalid).toMatchObject({ verdict: 'invalid', latencies: {} });
    expect(invalid.invalidReasons).toEqual(['7 connections were never started']);
    const { synToSynAck, ...others } = latencyStep([madeUp(1e6, { count: 0 })], 64).latencies;
    expect(synToSynAck).toBeUndefined();
    expect(Object.keys(others)).toEqual(['cardTransit', 'pingPong']);
  });
});

describe('what is told', () => {
  test('marks the loads at which the target drops, in 80 columns', async () => {
    const { report } = await reported({ rates: '1000000,3200000', seeds: '2' });
    const text = renderLatency(report, ['a.csv']);
    expect(text).toMatch(/^ {2}1\.00 Mcps .* 0$/m);
    expect(text).toMatch(/^! 3\.20 Mcps .*%$|^! 3\.20 Mcps .*e-\d$/m);
    expect(text).toContain('!: the target drops packets at this load');
    expect(text).toContain('SYN to SYN-ACK [us] (virtual)');
    expect(text).toContain('medians over seeds');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('says why a load has no figures', async () => {
    const { report, trials } = await reported({ rates: '1000000,10000000', seeds: '1' });
    const text = renderLatency(report, []);
    expect(text).toMatch(/10\.0 Mcps .*invalid$/m);
    expect(text).toContain('invalid: 7 connections were never started');
    expect(latencyCsv(report)).toMatch(/,10000000,.*,invalid,,,,,,,,,,,run-/);
    for (const { panels } of latencyFigures(report, trials))
      expect(panels[0]?.series[0]?.points.map(({ x }) => x)).toEqual([1e6]);
  });

  test('is one row per load and latency as CSV, as many cells in each', async () => {
    const { report } = await reported({ rates: '1000000,2000000', seeds: '1' });
    const rows = latencyCsv(report).trimEnd().split('\r\n');
    expect(rows).toHaveLength(1 + 2 * 3);
    expect(new Set(rows.map((row) => row.split(',').length)).size).toBe(1);
  });

  test('has a figure of each latency and packet size, and the loads that drop', async () => {
    const { report, trials } = await reported({
      rates: '1000000,3200000',
      'packet-size': '64,65',
      seeds: '3',
    });
    const figures = latencyFigures(report, trials);
    expect(figures.map(({ id }) => id)).toEqual(
      [64, 65].flatMap((bytes) =>
        ['card-transit', 'syn-to-syn-ack', 'ping-pong'].map((name) => `latency-${name}-${bytes}`),
      ),
    );
    expect(figures[1]?.title).toBe('Latency by load: SYN to SYN-ACK, 78 W, 64 B');
    expect(figures[1]?.subtitle).toContain('packets dropped at 3.20 Mcps');
    const [p50] = figures[1]?.panels[0]?.series ?? [];
    expect(p50?.points.map(({ runs }) => runs.length)).toEqual([3, 3]);
    expect(p50?.points[0]?.high).toBeGreaterThan(p50?.points[0]?.low ?? 0);
  });
});

describe('a real run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sirius-latency-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let outcome: Awaited<ReturnType<typeof performLatency>>;
  beforeAll(async () => {
    outcome = await performLatency(
      {
        ...{ ...FLAGS, rates: '200k,1M', seeds: '1', duration: '5ms', jobs: '1' },
        ...{ out: join(folder, 'out'), 'results-dir': join(folder, 'runs') },
      },
      {
        given: NOTHING_TYPED,
        json: true,
        stderr: { isTerminal: false, columns: 80, color: false },
        stream: process.stderr,
      },
    );
  }, 60_000);

  test('tells the card transit of the paper and files that are there', () => {
    const { report, exitCode } = outcome;
    expect(exitCode).toBe(0);
    const transits = report.steps.map(({ latencies }) => latencies.cardTransit?.p50Ns ?? 0);
    for (const transitNs of transits) expect(Math.abs(transitNs / 2360 - 1)).toBeLessThan(0.02);
    const names = report.files.map((file) => file.slice(file.lastIndexOf('/') + 1));
    expect(names).toContain('latency-ping-pong-64.png');
    expect(names).toContain('latency-ping-pong-64.svg');
    const json = report.files.find((file) => file.endsWith('latency.json')) ?? '';
    expect(JSON.parse(readFileSync(json, 'utf8')).steps).toEqual(report.steps);
  });
});
