import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SiriusError } from '../../core/errors.js';
import { createStore } from '../../results/store.js';
import { createTrialPool } from '../sweep/trial-pool.js';
import { buildFindCpsOptions, type FindCpsFlags } from './find-cps-options.js';
import { type OracleAnswer, type OracleTrial, oraclePool } from './find-fixture.js';
import { exitCodeOf, type FindSearch, findLimits } from './find-search.js';
import { createFindStatus } from './find-status.js';
import { renderFind } from './find-text.js';

const FLAGS: FindCpsFlags = {
  method: 'mlrsearch',
  loss: '1e-4',
  width: '0.5%',
  'min-rate': '100k',
  'max-rate': '10M',
  duration: '200ms',
  'exceed-ratio': '0',
  seed: '7',
  profile: 'cps',
  target: 'card://pair',
  model: 'dsc-200',
  power: '78W',
  acl: 'none',
  replication: 'on',
};

/** Forwards `limitCps` and loses the rest. */
const limitedTo =
  (limitCps: number) =>
  ({ load }: OracleTrial): OracleAnswer => ({ lossRatio: Math.max(0, 1 - limitCps / load) });

async function find(answer: (trial: OracleTrial) => OracleAnswer, flags: Partial<FindCpsFlags> = {}) {
  const options = buildFindCpsOptions({ ...FLAGS, ...flags }, new Set());
  const { pool, asked } = oraclePool(answer);
  const report = await findLimits(options, { pool, status: createFindStatus() });
  const text = renderFind(report, options, { columns: 80, trials: true, resultsFolder: 'runs' });
  return { report, asked, text, search: report.searches[0] as FindSearch };
}

describe.each(['mlrsearch', 'bisection'])('%s', (method) => {
  test.each([
    ['1e-4', 3e6],
    ['0', 2_512_345],
    ['1%', 9e6],
  ])('brackets loss %s of a target with a limit', async (loss, limitCps) => {
    const { report, search } = await find(limitedTo(limitCps), { method, loss });
    const [goal] = search.goals;
    const truth = limitCps / (1 - (goal?.lossRatio ?? 0));
    expect(goal).toMatchObject({ goal: loss, status: 'regular', explanation: '' });
    expect(goal?.lowerBound).toBeLessThanOrEqual(truth);
    expect(goal?.upperBound).toBeGreaterThan(truth);
    expect(goal?.relativeWidth).toBeLessThanOrEqual(0.005);
    expect(exitCodeOf(report)).toBe(0);
  });

  test('a rate at which queues grow until the end fails, though nothing is dropped yet', async () => {
    const { search, text } = await find(
      ({ load }) => (load > 3e6 ? { open: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((at) => 2000 * at) } : {}),
      { method },
    );
    expect(search.goals[0]).toMatchObject({ status: 'regular', upperHasGrowingQueues: true });
    expect(search.goals[0]?.lowerBound).toBeGreaterThan(2.98e6);
    expect(search.goals[0]?.upperBound).toBeLessThan(3.02e6);
    expect(text).toContain('at the upper bound queues grow until the trial ends');
    // Their runs show no loss: the list says what the search counted, and of what.
    expect(text).toMatch(/\n +\d+ +10,000,000 +200 ms +\S+%\* +500 us {2}run-\d+\n/);
    expect(text).toMatch(/\n +\d+ +2,\d+,\d+ +200 ms +0 {3}500 us {2}run-\d+\n/);
    expect(text).toMatch(/\n {2}\* by queues that grew until the end: .{1,48}\n/);
  });

  test('without queues that grow no loss is marked', async () => {
    const { text } = await find(limitedTo(3e6), { method });
    expect(text).not.toContain('*');
  });

  test('several goals; a trial that two of them want is kept once', async () => {
    const { search } = await find(limitedTo(3e6), { method, loss: '0,1e-4,10%' });
    expect(search.goals.map(({ goal, status }) => [goal, status])).toEqual([
      ['0', 'regular'],
      ['1e-4', 'regular'],
      ['10%', 'regular'],
    ]);
    const ids = search.trials.map(({ runId }) => runId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('a latency limit counts as a goal missed', async () => {
    const answer = ({ load }: OracleTrial) => ({ p99Ns: load > 2e6 ? 1_000_001 : 1_000_000 });
    const { search } = await find(answer, { method, 'max-latency': ['p99=1ms'] });
    expect(search.goals[0]?.lowerBound).toBeLessThanOrEqual(2e6);
    expect(search.goals[0]?.upperBound).toBeGreaterThan(2e6);
  });

  test.each<[string, OracleAnswer, string, RegExp]>([
    ['never fails', {}, 'no-upper-bound', /holds up to --max-rate: the limit is 10.000 Mcps or/],
    ['always fails', { lossRatio: 0.5 }, 'no-lower-bound', /fails already at --min-rate: .* 100 kcps, most/],
    ['breaks connections', { brokenRatio: 0.5 }, 'no-lower-bound', /fails already at --min-rate/],
  ])('a target that %s: says so, and that is a result', async (_case, answer, status, message) => {
    const { report, search, text } = await find(() => answer, { method });
    expect(search.goals).toMatchObject([{ status, explanation: expect.stringMatching(message) }]);
    expect(exitCodeOf(report)).toBe(0);
    expect(text.replace(/\s+/g, ' ')).toMatch(message);
  });

  test('invalid trials leave the goal open: exit code 4, each tried with another seed', async () => {
    const { report, search, text } = await find(() => ({ invalid: 'late' }), { method });
    expect(search.stopped).toMatchObject({ reason: 'invalid-trials' });
    expect(search.goals).toMatchObject([{ status: 'unfinished' }]);
    expect(search.trials.map(({ seed, invalidReasons }) => [seed, invalidReasons])).toEqual([
      [7, ['late']],
      [8, ['late']],
      [9, ['late']],
    ]);
    expect(exitCodeOf(report)).toBe(4);
    expect(text).toContain('INVALID');
  });
});

describe('a search', () => {
  test('tries every rate with its own seed, and the next one only for a repeat', async () => {
    const { asked } = await find(limitedTo(3e6));
    expect(new Set(asked.map(({ seed }) => seed))).toEqual(new Set([7]));
    const repeated = await find(limitedTo(3e6), { 'duration-sum': '600ms', 'exceed-ratio': '0.5' });
    const keys = repeated.asked.map((trial) => JSON.stringify(trial));
    expect(new Set(keys).size).toBe(keys.length);
    expect(Math.max(...repeated.asked.map(({ seed }) => seed))).toBeGreaterThan(7);
  });

  test('begins with short trials, and no trial is thrown away', async () => {
    const { asked, search } = await find(limitedTo(3e6));
    expect(asked[0]).toMatchObject({ load: 10e6, durationNs: 20e6 });
    expect(asked.at(-1)).toMatchObject({ durationNs: 200e6 });
    expect(search.trials).toHaveLength(asked.length);
  });

  test('one for each power state', async () => {
    const limits: Record<string, number> = { '78W': 3e6, '52W': 2.5e6 };
    const { report } = await find((trial) => limitedTo(limits[trial.power ?? ''] ?? 0)(trial), {
      power: '78W,52W',
    });
    expect(report.searches.map(({ powerWatts }) => powerWatts)).toEqual([78, 52]);
    const [high, low] = report.searches.map(({ goals }) => goals[0]?.lowerBound ?? 0);
    expect(high).toBeGreaterThan(2.98e6);
    expect(low).toBeLessThanOrEqual(2.5e6 / (1 - 1e-4));
  });

  test('is told of an interruption, and the other searches end', async () => {
    const interrupted = new SiriusError({ code: 'interrupted', message: 'ended', hint: 'again' });
    await expect(
      find(
        (trial) => {
          if (trial.power === '52W') throw interrupted;
          return limitedTo(3e6)(trial);
        },
        { power: '78W,52W' },
      ),
    ).rejects.toBe(interrupted);
  });

  test('no line of the report is wider than 80 columns', async () => {
    const { text } = await find(limitedTo(3e6), { loss: '0,1e-4,1%', 'max-latency': ['p99=1ms', 'max=1s'] });
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text).toContain('lower bound');
  });

  test('says where it is: this trial and the interval so far', async () => {
    const options = buildFindCpsOptions(FLAGS, new Set());
    const status = createFindStatus();
    const seen: string[] = [];
    const { pool } = oraclePool((trial) => {
      seen.push(...status.lines(12_000));
      return limitedTo(3e6)(trial);
    });
    await findLimits(options, { pool, status });
    expect(seen[0]).toBe('78 W  trial 1 at 10.000 Mcps for 20.0 ms  1e-4: unknown yet  12 s');
    expect(seen.at(-1)).toMatch(/for 200 ms {2}1e-4: (\d\.\d{3} Mcps to|below) \d\.\d{3} Mcps {2}12 s$/);
  });
});

test('a real search: loopback loses nothing, every trial is stored', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sirius-find-'));
  try {
    const store = createStore(folder);
    const pool = createTrialPool({
      jobs: 1,
      store,
      fresh: true,
      signal: new AbortController().signal,
      onProgress: () => {},
    });
    const options = buildFindCpsOptions(
      { ...FLAGS, target: 'loopback://', 'min-rate': '100k', 'max-rate': '1M', duration: '4ms' },
      new Set(),
    );
    const { searches } = await findLimits(options, { pool, status: createFindStatus() });
    expect(searches[0]?.goals).toMatchObject([{ status: 'no-upper-bound', lowerBound: 1e6 }]);
    expect(searches[0]?.trials.map(({ runId }) => runId).sort()).toEqual(
      store
        .list()
        .map(({ id }) => id)
        .sort(),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
