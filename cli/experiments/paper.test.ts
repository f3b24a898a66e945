import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ExitCode, SiriusError } from '../../core/errors.js';
import { PAPER_NUMBERS } from '../../results/paper/reference.js';
import type { Result } from '../../results/result.js';
import { loadModel } from '../../sirius-card/model.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import { prepareTrial, type TrialSpec } from '../sweep/trial-spec.js';
import { BUILT, finishPaper, type PaperSettings } from './paper.js';
import { paperAnswers } from './paper-answers.js';
import { type FakeOptions, fakePool, LIMIT_CPS, WIRE_BITS } from './paper-fixture.js';
import { type PaperFindings, runPaper } from './paper-trials.js';

const model = loadModel('dsc-200');
const folder = mkdtempSync(join(tmpdir(), 'sirius-paper-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function findings(options: FakeOptions = {}, { isQuick = false } = {}): Promise<PaperFindings> {
  return runPaper(fakePool(options).pool, { model, modelName: 'dsc-200', seedCount: 1, isQuick });
}

/** As the real pool keeps them: trials that ended are found again by their inputs, others are refused once it was told to end. */
function keepingPool(stored: Map<string, Result>, { endsAfter = Number.POSITIVE_INFINITY } = {}) {
  const { pool } = fakePool();
  const own = new Map<string, Promise<Result>>();
  let ran = 0;
  const perform = async (spec: TrialSpec, inputHash: string) => {
    if (ran >= endsAfter) {
      const message = 'ended before all trials were done';
      throw new SiriusError({ code: 'interrupted', message, hint: '', exitCode: ExitCode.interrupted });
    }
    ran++;
    const result = await pool.run(spec);
    stored.set(inputHash, result);
    return result;
  };
  const run: TrialPool['run'] = async (spec) => {
    const { inputHash } = prepareTrial(spec);
    const kept = stored.get(inputHash) ?? own.get(inputHash) ?? perform(spec, inputHash);
    own.set(inputHash, Promise.resolve(kept));
    return kept;
  };
  return { pool: { run }, ran: () => ran };
}

const whole = await findings();

/** The size of the paper's runs of faults, which `table 6` has, and the paper's report does not. */
const FULL_SIZE = ['fnics', 'trials', 'duration', 'connections', 'packets'].map((of) => `fault-${of}`);
/** What hangs on the rate of these runs. */
const SHARES = [
  ...['fault-cps', 'fault-syn-retransmitted', 'fault-fin-retransmitted'],
  ...['switchover', 'tor-down', 'card-down'].flatMap((of) => [
    `fault-${of}-dropped`,
    `fault-${of}-dropped-at-cards`,
  ]),
];

describe('the trials', () => {
  test('figures, searches and single trials go through one pool, and an input runs once', async () => {
    const { pool, asked } = fakePool({ isStrict: true });
    const found = await runPaper(pool, { model, modelName: 'dsc-200', seedCount: 2, isQuick: true });
    expect(found.figures.map(({ id }) => id)).toEqual(['figure-10a', 'figure-10b', 'figure-10c', 'find-cps']);
    expect(found.sections.flatMap(({ figures }) => figures.map(({ id }) => id))).toEqual([
      'power',
      'latency-card-transit-64',
      'latency-syn-to-syn-ack-64',
      'latency-ping-pong-64',
      'hero-baby',
      'table-6',
    ]);
    expect(found.search.searches.map(({ powerWatts }) => powerWatts)).toEqual([78, 68, 52]);
    const ofFigure = new Set(
      found.figures[0]?.panels
        .flatMap(({ series }) => series.flatMap(({ points }) => points))
        .flatMap(({ runs }) => runs),
    );
    expect(ofFigure).toContain(found.lineRate.id);
    expect(asked.size).toBeGreaterThan(50);
    expect(found.invalid).toEqual([]);
  });
});

describe('the answers', () => {
  test.each([
    ['card-power', 78, 'input'],
    ['port-rate', 100e9, 'input'],
    ['hardware-cores-dsc-200', 16, 'input'],
    ['card-flows', 64e6, 'input'],
    ['acl-fnic-source-addresses', 5102, 'input'],
    ['packet-bytes', 118, 'input'],
    ['interframe-gap', 12, 'input'],
    ['offered-pps', 100e9 / WIRE_BITS, 'input'],
    ['connection-packets', 6, 'input'],
    ['card-transit-64', 2361, 'input'],
    ['card-transit-1500', 3139, 'input'],
    ['power-saved', 1 / 3, 'input'],
    ['card-pps', 55e6, 'fitted'],
    ['card-pps-bps', 55e6 * WIRE_BITS, 'fitted'],
    ['pps-lost-to-power', 0.25, 'fitted'],
    ['flows-highest', 64e6, 'fitted'],
    ['state-changes', 2, 'emergent'],
    ['ping-pong', 13_240, 'emergent'],
  ])('%s is %d, %s', (id, value, kind) => {
    const answer = paperAnswers(whole, model).find((one) => one.id === id);
    expect(answer?.ours).toBeCloseTo(value, 6);
    expect(answer?.kind).toBe(kind);
  });

  test('the highest rates are lower bounds of the searches, with the runs that showed them', async () => {
    const answers = paperAnswers(whole, model);
    for (const [id, power] of [
      ['pair-cps', '78W'],
      ['pair-cps-52w', '52W'],
    ] as const) {
      const { ours = 0, kind, runIds = [] } = answers.find((one) => one.id === id) ?? {};
      const limit = LIMIT_CPS[power] ?? 0;
      expect(ours / limit).toBeGreaterThan(0.99);
      expect(ours / limit).toBeLessThan(1.001);
      expect(kind).toBe('fitted');
      expect(runIds.length).toBeGreaterThan(0);
    }
  });

  test.each<[string, FakeOptions, boolean, string[]]>([
    [
      'a first look stops short of 64M flows, and of the rate of Table 6',
      {},
      true,
      ['flows-highest', ...SHARES],
    ],
    [
      'a limit beyond the range of the search is none',
      { pairLimit: () => 1e9 },
      false,
      ['pair-cps', 'card-cps', 'pair-cps-52w'],
    ],
    ['a limit below it is none', { pairLimit: () => 1e5 }, false, ['pair-cps', 'card-cps', 'pair-cps-52w']],
    [
      'an invalid trial says nothing',
      {
        isInvalid: ({ flags }) =>
          'tunable' in flags && flags.tunable?.includes('innerFrameBytes=1500') === true,
      },
      false,
      ['card-transit-1500'],
    ],
  ])('%s', async (_, options, isQuick, missing) => {
    const all = paperAnswers(whole, model).map(({ id }) => id);
    const ids = paperAnswers(await findings(options, { isQuick }), model).map(({ id }) => id);
    expect(all.filter((id) => !ids.includes(id)).sort()).toEqual([...missing].sort());
  });

  test('a decrease that is not modest ends the flows earlier', async () => {
    const answers = paperAnswers(await findings({ fullTableShare: 0.7 }), model);
    expect(answers.find(({ id }) => id === 'flows-highest')?.ours).toBe(16e6);
  });

  test('each number has one answer, and every experiment that is built answers all its numbers', async () => {
    const ids = paperAnswers(whole, model).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const expected = PAPER_NUMBERS.filter(
      ({ id, experiment }) => BUILT.includes(experiment) && !FULL_SIZE.includes(id),
    ).map(({ id }) => id);
    expect([...ids].sort()).toEqual([...expected].sort());
  });
});

describe('the report', () => {
  const settings = (out: string): PaperSettings => ({ model, seedCount: 1, quick: true, out });

  test('is written with figures and table, each file whole', async () => {
    const out = mkdtempSync(join(folder, 'whole-'));
    const { outcome, text, exitCode } = await finishPaper(whole, settings(out));
    expect(exitCode).toBe(0);
    expect(readdirSync(out).sort()).toEqual(outcome.files.map((path) => path.slice(out.length + 1)).sort());
    expect(outcome.files.slice(0, 2)).toEqual([join(out, 'report.md'), join(out, 'report.html')]);
    expect(outcome.rows).toHaveLength(PAPER_NUMBERS.length);
    const markdown = readFileSync(join(out, 'report.md'), 'utf8');
    for (const name of [
      'figure-10a.png',
      'figure-10b.csv',
      'figure-10c.svg',
      'find-cps.json',
      'hero-baby.png',
    ])
      expect(markdown).toContain(name);
    expect(markdown).toMatch(
      /highest rate of connections at loss 1e-4: 3\.0\d\d Mcps at 78 W, .* at 68 W, 2\.5\d\d Mcps at 52 W/,
    );
    expect(readFileSync(join(out, 'report.html'), 'utf8').match(/data:image\/png/g)).toHaveLength(10);
    expect(text).toMatch(/^ping-pong +under 40 us +13\.24 us +holds \(-66\.9%\) +emergent$/m);
    expect(text).toContain('Table 4: 15 of 15 counts equal (input)');
    expect(text).toMatch(/^DASH's hero test, scale baby: zero loss up to 3\.\d+ Mcps/m);
    expect(
      Math.max(
        ...text
          .split('\n')
          .slice(0, 30)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(80);
  });

  test('an interrupted one goes on from the trials that ended, and is the one that was not disturbed', async () => {
    const options = { model, modelName: 'dsc-200', seedCount: 1, isQuick: true };
    const stored = new Map<string, Result>();
    const first = keepingPool(stored, { endsAfter: 30 });
    await expect(runPaper(first.pool, options)).rejects.toMatchObject({ code: 'interrupted' });
    const kept = stored.size;
    expect(kept).toBe(30);
    const second = keepingPool(stored);
    const resumed = await runPaper(second.pool, options);
    expect(second.ran()).toBe(stored.size - kept);
    expect(resumed).toEqual(await runPaper(keepingPool(new Map()).pool, options));
  });

  test('tells invalid trials and limits that were not found', async () => {
    const out = mkdtempSync(join(folder, 'invalid-'));
    const found = await findings({
      isInvalid: ({ flags }) =>
        'tunable' in flags && flags.tunable?.includes('innerFrameBytes=1500') === true,
      pairLimit: () => 1e9,
    });
    const { outcome, text, exitCode } = await finishPaper(found, settings(out));
    expect(exitCode).toBe(4);
    expect(outcome.invalidRunIds).toEqual([found.largeFrames.id]);
    expect(text).toContain(`INVALID ${found.largeFrames.id}: made up`);
    expect(text.replaceAll('\n', ' ')).toContain('holds up to --max-rate');
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('made up');
  });
});
