import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { packagePath } from '../../core/package-path.js';
import { createStore } from '../../results/store.js';
import { createTrialPool } from '../sweep/trial-pool.js';
import { buildFindConcurrencyOptions, type FindConcurrencyFlags } from './find-concurrency-options.js';
import { findLimits } from './find-search.js';
import { createFindStatus } from './find-status.js';
import { renderFind } from './find-text.js';

const folder = mkdtempSync(join(tmpdir(), 'sirius-concurrency-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RECORDS = 20_000;
const small = join(folder, 'small.yaml');
const whole = readFileSync(packagePath('sirius-card/models/dsc-200.yaml'), 'utf8');
writeFileSync(small, whole.replace(/flowRecords: \{ value: 64000000/, `flowRecords: { value: ${RECORDS}`));

const DEFAULTS: FindConcurrencyFlags = {
  ...{ method: 'mlrsearch', loss: '0', width: '2%', duration: '4s', 'exceed-ratio': '0', seed: '1' },
  ...{ profile: 'cps', target: 'card://solo', model: small, power: '78W', acl: 'none' },
};

function build(flags: Partial<FindConcurrencyFlags>) {
  return buildFindConcurrencyOptions({ ...DEFAULTS, ...flags }, new Set(Object.keys(flags)));
}

async function find(flags: Partial<FindConcurrencyFlags>) {
  const options = build(flags);
  const pool = createTrialPool({
    jobs: 1,
    store: createStore(join(folder, 'runs')),
    fresh: true,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  const report = await findLimits(options, { pool, status: createFindStatus() });
  const text = renderFind(report, options, { columns: 80, trials: true, resultsFolder: 'runs' });
  return { report, text, goals: report.searches[0]?.goals ?? [] };
}

describe('what a card with a small flow table holds', () => {
  test.each(['card://solo', 'card://pair'])('%s: its records, and refusal is the reason', async (target) => {
    const { goals, text } = await find({ target });
    expect(goals).toMatchObject([{ status: 'regular', upperDropReason: 'flowTableFull' }]);
    // The table may refuse a little before it holds its capacity; it never holds more.
    expect(goals[0]?.lowerBound).toBeLessThanOrEqual(RECORDS);
    expect(goals[0]?.lowerBound).toBeGreaterThan(RECORDS * 0.9);
    expect(text).toContain('most concurrent flows');
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('within its records it holds all, and the search says no more than that', async () => {
    const { goals } = await find({ 'max-flows': '5k', 'min-flows': '1k' });
    expect(goals).toMatchObject([
      {
        status: 'no-upper-bound',
        explanation: 'holds up to --max-flows: the limit is 5,000 flows or above',
      },
    ]);
  });

  test('fewest flows that are too many: fails at --min-flows', async () => {
    const { goals } = await find({ 'min-flows': '22k', 'max-flows': '25k' });
    expect(goals).toMatchObject([{ status: 'no-lower-bound' }]);
    expect(goals[0]?.explanation).toMatch(/fails already at --min-flows: .* dropped for flowTableFull/);
  });
});

describe('the options of a search for concurrent flows', () => {
  test('a quarter more than the records, one packet to each flow in the duration', () => {
    const [subject] = build({}).subjects;
    expect(subject).toMatchObject({ powerWatts: 78, minLoad: 1000, maxLoad: 25_000 });
    expect(subject?.specOf({ load: 10_000, durationNs: 4e9, seed: 1 })).toMatchObject({
      command: 'pps',
      flags: { flows: '10000', rate: '2500' },
      mayOverfill: true,
    });
  });

  test('at most 64M unless told', () => {
    expect(build({ model: 'dsc-200' }).subjects[0]?.maxLoad).toBe(64_000_000);
  });

  test.each<[Partial<FindConcurrencyFlags>, RegExp]>([
    [{ 'max-flows': '100M' }, /^--max-flows: expected 1 to 67,108,864 flows/],
    [{ 'max-flows': '1' }, /^--min-flows: expected less than --max-flows/],
    [{ 'min-flows': '5k', 'max-flows': '5k' }, /^--min-flows: expected less than --max-flows, 5,000 flows/],
    [{ 'min-flows': 'few' }, /^--min-flows: expected a whole number/],
    [{ duration: '1us' }, /^--duration: expected long enough .* 25,000 flows at line rate, got 1us/],
    [{ target: 'loopback://', power: '52W' }, /^--power: expected a --target with cards/],
  ])('refuses %j', (flags, message) => {
    expect(() => build(flags)).toThrow(message);
  });
});
