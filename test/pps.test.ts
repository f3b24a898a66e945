import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { buildPpsOptions, DEFAULT_PPS_FLAGS, type PpsFlags } from '../cli/pps-options.js';
import { runPpsTrial } from '../cli/pps-trial.js';
import { packagePath } from '../core/package-path.js';
import { parseResult } from '../results/result.js';

// Packets per second through cards: what the pipelines pass, what the memory takes of it, and what is honest about it.

const folder = mkdtempSync(join(tmpdir(), 'sirius-pps-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(flags: Partial<PpsFlags>, signal = new AbortController().signal) {
  const options = buildPpsOptions({
    ...DEFAULT_PPS_FLAGS,
    duration: '2ms',
    flows: '1k',
    acl: 'none',
    ...flags,
  });
  const { result } = await runPpsTrial(options, { onProgress: () => {}, signal });
  return parseResult(JSON.parse(JSON.stringify(result)), 'result');
}

/** The model as it ships but for a flow table of few records, which is as full at a few flows as the card's at millions. */
function modelOf(flowRecords: number): string {
  const text = readFileSync(packagePath('sirius-card/models/dsc-200.yaml'), 'utf8');
  const file = join(folder, `records-${flowRecords}.yaml`);
  const changed = text
    .replace(/(flowRecords: \{ value: )\d+/, `$1${flowRecords}`)
    .replace(/(cacheBytes:\s*\{ value: )\d+/, '$14096');
  expect(changed).not.toBe(text);
  writeFileSync(file, changed);
  return file;
}

describe('line rate of the smallest packets into one card', () => {
  test.each([
    ['78W', 55.0e6],
    ['68W', 55.0e6 * 0.9],
    ['52W', 55.0e6 * 0.75],
  ])('at %s passes what the pipelines pass', async (power, expectedPps) => {
    const { measured, verdict } = await run({ power });
    expect(verdict).toBe('valid');
    expect(Math.abs(measured.achieved.pps / expectedPps - 1)).toBeLessThan(0.02);
    expect(Object.keys(measured.packets.dropped.byReason)).toEqual(['mpuQueue']);
    expect(measured.warmup).toMatchObject({ flows: 1000, learned: 1000, dropped: { total: 0 } });
    expect(measured.generator.scheduleLagNs.max).toBeLessThanOrEqual(1);
  });

  test('falls as the flow table fills, since more records had to move to their second bucket', async () => {
    const model = modelOf(40_000);
    const pps = async (flows: string) => (await run({ model, flows, duration: '5ms' })).measured.achieved.pps;
    const [quarter, half, full] = [await pps('10k'), await pps('20k'), await pps('40k')];
    expect(Math.abs(quarter / half - 1)).toBeLessThan(0.01);
    expect(full / quarter).toBeGreaterThan(0.85);
    expect(full / quarter).toBeLessThan(0.97);
  });

  test('falls no further than the memory allows where the pipelines are slow anyway', async () => {
    const model = modelOf(40_000);
    const pps = async (flows: string) =>
      (await run({ model, flows, power: '52W', duration: '5ms' })).measured.achieved.pps;
    expect(Math.abs((await pps('40k')) / (await pps('10k')) - 1)).toBeLessThan(0.01);
  });

  test('a few flows stay in the cache: memory does not matter however full the table is', async () => {
    const { measured } = await run({ model: modelOf(1000), flows: '8' });
    expect(measured.achieved.pps).toBeGreaterThan(55.0e6 * 0.99);
  });
});

test('what is below the limit comes through whole, one way latency and all', async () => {
  const { measured } = await run({
    rate: '20mpps',
    'packet-size': 'imix',
    bidirectional: true,
    target: 'card://pair',
  });
  expect(measured.packets.dropped.total).toBe(0);
  expect(measured.packets.sent).toBe(measured.packets.delivered + measured.packets.inFlight);
  expect(measured.latencyNs.portToPort?.count).toBe(measured.packets.delivered);
  expect(measured.latencyNs.cardTransit.min).toBe(2360);
  expect(measured.connections.attempted).toBe(0);
  expect(measured.series.deliveredPackets?.reduce((sum, count) => sum + count, 0)).toBe(
    measured.packets.delivered,
  );
});

test('the same seed gives the same bytes, another seed other ones', async () => {
  const flags = { arrivals: 'poisson', rate: '40mpps' };
  const [one, again, other] = [await run(flags), await run(flags), await run({ ...flags, seed: '2' })];
  expect(again.measured).toEqual(one.measured);
  expect(again.inputHash).toBe(one.inputHash);
  expect(other.measured.hash).not.toBe(one.measured.hash);
});

test('without a warm-up the flows are learned while they are counted', async () => {
  const { measured } = await run({ warmup: false, rate: '1mpps', flows: '500' });
  expect(measured.warmup).toBeUndefined();
  expect(measured.flowTable.atEnd).toBe(500);
  expect(measured.latencyNs.portToPort?.max).toBeGreaterThan(measured.latencyNs.portToPort?.min as number);
});

test('a run that is ended while it learns has measured nothing, and says that it was interrupted', async () => {
  // Set-up looks once for each of the 16 fNICs.
  let looks = 0;
  const signal = {
    get aborted() {
      return ++looks > 16;
    },
  } as AbortSignal;
  const { interrupted, measured } = await run({}, signal);
  expect(interrupted).toBe(true);
  expect(measured.packets.sent).toBe(0);
});

test("what was under way when a warm-up was ended is the warm-up's, and the books balance", async () => {
  // As above, and some slices more.
  let looks = 0;
  const signal = {
    get aborted() {
      return ++looks > 19;
    },
  } as AbortSignal;
  const { measured, invalidReasons } = await run({ flows: '200k' }, signal);
  expect(measured.packets).toMatchObject({ sent: 0, delivered: 0, inFlight: 0, dropped: { total: 0 } });
  expect(measured.warmup?.learned).toBeGreaterThan(0);
  expect(measured.warmup?.learned).toBeLessThan(200_000);
  expect(invalidReasons).toEqual([expect.stringMatching(/flows were not learned before the measurement/)]);
});

test('a run that is ended while it is set up ends at once', async () => {
  await expect(run({}, AbortSignal.abort())).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
});
