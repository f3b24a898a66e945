import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseFigure } from '../../results/figures/figure-data.js';
import { exampleResult } from '../../results/fixture.js';
import { reportRows } from '../../results/report/report-row.js';
import Table from '../commands/table.js';
import { prepareTrial, type TrialSpec } from '../sweep/trial-spec.js';
import { performTable, type TableFlags, table6FigureOf } from './table.js';
import { runTable6, type Table6, type Table6Row, table6Of } from './table-6.js';
import { table6Answers } from './table-6-answers.js';
import { faultRun as run } from './table-6-fixture.js';
import { renderTable6, table6Csv } from './table-6-text.js';

const folder = mkdtempSync(join(tmpdir(), 'sirius-table-6-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FLAGS: TableFlags = {
  ...{ rate: '3M', seed: '1', quick: false, model: 'dsc-200', replication: 'on' },
  ...{ fresh: false, 'results-dir': join(folder, 'runs'), quiet: true },
};
const SIDE = {
  given: new Set<string>(),
  json: true,
  stderr: { isTerminal: false, columns: 80, color: false },
  stream: process.stderr,
};
const SETTINGS = { rateCps: 3e6, durationNs: 60e9, seeds: [1, 2, 3], model: 'dsc-200', replication: true };

const THREE = [
  [
    run('a1', { lost: 34_000, atCards: 0 }),
    run('a2', { lost: 33_000, atCards: 0 }),
    run('a3', { lost: 36_000, atCards: 0 }),
  ],
  [run('b1', { lost: 102_000, atCards: 238 })],
  [run('c1', { lost: 85_000, atCards: 271 })],
];

function rowOf(table: Table6, scenario: number, quantity: string): Table6Row {
  const row = table.scenarios[scenario]?.rows.find((one) => one.quantity === quantity);
  if (row === undefined) throw new Error(`no row ${quantity}`);
  return row;
}

describe('the table', () => {
  const table = table6Of(THREE, SETTINGS);

  test('has medians and ranges over runs, beside the number that the paper states for that scenario', () => {
    expect(rowOf(table, 0, 'lost')).toMatchObject({
      ...{ paper: 0.0000316, ours: 34_000 / 1.08e9, low: 33_000 / 1.08e9, high: 36_000 / 1.08e9 },
    });
    expect(rowOf(table, 1, 'recovery')).toMatchObject({ paper: 5.75e6, ours: (102_000 / 18e6) * 1e9 });
    expect(rowOf(table, 2, 'lost-at-cards')).toMatchObject({ paper: 2.01e-7, ours: 271 / 1.08e9 });
    expect(rowOf(table, 2, 'lost-next-hop-down').ours).toBe(271 / 1.08e9);
  });

  test("footnote 9's shares stand beside those of (a), of which they are two and four sixths", () => {
    expect(rowOf(table, 0, 'syn-again').deviation?.ratio).toBeCloseTo(34_000 / 3 / 180e6 / 0.000062 - 1, 3);
    expect(rowOf(table, 0, 'fin-again').deviation?.ratio).toBeCloseTo(
      (34_000 * 2) / 3 / 180e6 / 0.000126 - 1,
      3,
    );
    expect(rowOf(table, 2, 'syn-again').paper).toBeUndefined();
  });

  test('of shorter runs has shares of what is sent in 60 s', () => {
    const short = table6Of(THREE, { ...SETTINGS, durationNs: 6e9 });
    expect(rowOf(short, 0, 'lost').ours).toBeCloseTo(34_000 / 1.08e10, 12);
    expect(rowOf(short, 0, 'recovery').ours).toBe(rowOf(table, 0, 'recovery').ours);
    expect(rowOf(short, 0, 'lost').deviation).toBeDefined();
    expect(renderTable6(short)).toMatch(/^packets lost \* +0\.00316% +0\.0003148%/m);
    expect(renderTable6(short)).toContain('DERIVED for 60 s');
    expect(renderTable6(table)).not.toContain('DERIVED');
  });

  test('of runs of another rate compares only what does not hang on that', () => {
    const short = table6Of(THREE, { ...SETTINGS, rateCps: 1e6 });
    expect(rowOf(short, 0, 'lost').deviation).toBeUndefined();
    expect(rowOf(short, 0, 'recovery').deviation).toBeDefined();
    expect(rowOf(short, 0, 'flows-broken').deviation).toBeDefined();
    expect(renderTable6(short)).toContain('recovery and broken flows');
    expect(table6FigureOf(short).panels.map(({ paperMarks }) => paperMarks.length)).toEqual([0, 0, 3]);
  });

  test('of short runs of another rate has shares of 60 s all the same, says so, and why there is no difference', () => {
    const quick = table6Of(THREE, { ...SETTINGS, rateCps: 1e6, durationNs: 6e9 });
    expect(rowOf(quick, 0, 'lost')).toMatchObject({ ours: 34_000 / 1.08e10, isScaled: true });
    expect(rowOf(quick, 0, 'recovery').isScaled).toBe(false);
    const text = renderTable6(quick);
    expect(text).toMatch(/^packets lost \* .* -$/m);
    expect(text).toMatch(/runs of 6\.00 s lost/);
    expect(text).toMatch(/these runs' 1\.00 Mcps/);
  });

  test.each([
    [6e9, 1.04, true],
    [6e9, 1.06, false],
    [60e9, 1.06, false],
  ])(
    'of runs of %d ns that lose %f times what outages cost is scaled: %s',
    (durationNs, excess, isScaled) => {
      const inOutage = Math.round(102_000 / excess);
      const lossy = table6Of([THREE[0] ?? [], [run('b1', { lost: 102_000, atCards: 238, inOutage })], []], {
        ...SETTINGS,
        durationNs,
      });
      const isCompared = isScaled || durationNs === 60e9;
      for (const scenario of [0, 1]) {
        expect(rowOf(lossy, scenario, 'lost').isScaled).toBe(isScaled);
        expect(rowOf(lossy, scenario, 'lost').deviation !== undefined).toBe(isCompared);
        expect(rowOf(lossy, scenario, 'recovery').deviation).toBeDefined();
      }
      const text = renderTable6(lossy);
      expect(text.includes('nothing is lost but around the event')).toBe(isScaled);
      expect(text.includes('lost outside of outages, or')).toBe(!isCompared);
    },
  );

  test.each([6e9, 60e9])(
    'of runs of %d ns that still lose packets at their end cannot tell that outage, and says so',
    (durationNs) => {
      const [, tor] = THREE;
      const card = run('c1', { lost: 85_000, atCards: 271, outageNs: 1.5e9, outageMayGoOn: true });
      const open = table6Of([THREE[0] ?? [], tor ?? [], [card]], { ...SETTINGS, durationNs });
      expect(open.scenarios.map(({ outageMayGoOn }) => outageMayGoOn)).toEqual([false, false, true]);
      expect(open.isScaled).toBe(false);
      expect(rowOf(open, 2, 'recovery').deviation).toBeUndefined();
      expect(rowOf(open, 1, 'recovery').deviation).toBeDefined();
      expect(rowOf(open, 2, 'lost').deviation !== undefined).toBe(durationNs === 60e9);
      expect(open.scenarios[2]?.bars).toMatchObject([
        { isMet: false, got: expect.stringMatching(/^1500\.0 ms and more/) },
      ]);
      const text = renderTable6(open);
      expect(text).toContain('Packets were lost still when a run of (c) ended');
      expect(text).not.toContain('nothing is lost but around the event');
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
      expect(renderTable6(table6Of(THREE, SETTINGS))).not.toContain('lost still');
      const recovery = table6FigureOf(open).panels[2];
      expect(recovery?.series[0]?.points.map(({ label }) => label)).toEqual(['(a)', '(b)', '(c): at least']);
      expect(recovery?.paperMarks.map(({ x }) => x)).toEqual([1, 2]);
    },
  );

  test('names what DASH asks besides, with the command that measures it', () => {
    expect(renderTable6(table)).toContain('not measured here: npm run bench -- --only bulk-sync');
  });

  test('says nothing of broken flows when runs end before connections give up', () => {
    const tooShort = table6Of(THREE, { ...SETTINGS, durationNs: 5e9 });
    expect(rowOf(tooShort, 0, 'flows-broken').deviation).toBeUndefined();
    expect(renderTable6(tooShort)).toContain('give up 5 s later');
    expect(renderTable6(table)).not.toContain('give up 5 s later');
  });

  test('without replication is set against the half that the paper says would break, and nothing else', () => {
    const naive = [
      [run('a', { lost: 1, atCards: 1, broken: 120_000 })],
      [],
      [run('c', { lost: 1, atCards: 1, broken: 60_000 })],
    ];
    const table = table6Of(naive, { ...SETTINGS, replication: false });
    expect(rowOf(table, 0, 'broken-share')).toMatchObject({ paper: 0.5, ours: 0.5 });
    expect(rowOf(table, 2, 'broken-share')).toMatchObject({ paper: 0.5, ours: 0.25 });
    expect(rowOf(table, 0, 'recovery').paper).toBeUndefined();
    expect(renderTable6(table)).toMatch(/\(b\) .*: no valid run/);
    expect(renderTable6(table)).toContain('WITHOUT replication');
    expect(table6FigureOf(table).panels.flatMap(({ paperMarks }) => paperMarks)).toEqual([]);
  });

  test.each([
    ['met', run('a', { lost: 9, atCards: 0 }), 'nothing lost', true],
    ['not met when a card lost a packet', run('a', { lost: 9, atCards: 1 }), '1 lost', false],
  ])("DASH's bar of a switchover is %s", (_, result, __, isMet) => {
    expect(table6Of([[result], [], []], SETTINGS).scenarios[0]?.bars[0]?.isMet).toBe(isMet);
  });

  test.each([
    [1.9e9, true],
    [2e9, false],
  ])("DASH's bar of a failover that lasts %d ns: %s", (outageNs, isMet) => {
    const runs = [[], [], [run('c', { lost: 9, atCards: 0, outageNs }), run('d', { lost: 9, atCards: 0 })]];
    expect(table6Of(runs, SETTINGS).scenarios[2]?.bars[0]?.isMet).toBe(isMet);
  });

  test('fits 80 columns', async () => {
    const seeds = [238, 214, 251].map((atCards, seed) => run(`b${seed}`, { lost: 102_000 + seed, atCards }));
    const wide = renderTable6(table6Of([[], seeds, []], { ...SETTINGS, durationNs: 54e9 }));
    expect(Math.max(...wide.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    const text = renderTable6(table);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    await expect(text).toMatchFileSnapshot('../../test/golden/table-6.txt');
  });

  test('as CSV has a row per quantity and scenario', () => {
    const lines = table6Csv(table).split('\r\n');
    expect(lines).toHaveLength(1 + 3 * 8 + 1);
    expect(lines[2]).toMatch(/^6,dsc-200,on,3000000,60000000000,planned-switchover,lost,fraction,0.0000316,/);
    expect(new Set(lines.slice(0, -1).map((line) => line.split(',').length)).size).toBe(1);
  });

  test('as a figure is data of the published schema, with the paper as diamonds where it is not zero', () => {
    const figure = table6FigureOf(table);
    expect(parseFigure(JSON.parse(JSON.stringify(figure)), 'table-6')).toEqual(figure);
    expect(figure.panels.map(({ paperMarks }) => paperMarks.length)).toEqual([3, 2, 3]);
    expect(figure.panels[0]?.series[0]?.points.map(({ label }) => label)).toEqual(['(a)', '(b)', '(c)']);
  });
});

describe('its answers to the numbers of the paper', () => {
  test('are numbers that the paper states, each with how it came about', () => {
    const rows = reportRows(table6Answers(table6Of(THREE, SETTINGS)), { built: [] });
    const answered = rows.filter(({ ours }) => ours !== undefined);
    expect(answered.map(({ number, kind }) => `${number.id} ${kind}`)).toContain(
      'fault-tor-down-recovery fitted',
    );
    // Four of each scenario, and footnote 9.
    expect(answered).toHaveLength(3 * 4 + 2);
  });

  test('of runs of another rate are those that do not hang on it', () => {
    const answers = table6Answers(table6Of(THREE, { ...SETTINGS, rateCps: 1e6 }));
    expect(answers.map(({ id }) => id)).toEqual(
      ['switchover', 'tor-down', 'card-down'].flatMap((key) => [
        `fault-${key}-flow-breaks`,
        `fault-${key}-recovery`,
      ]),
    );
  });

  test('without replication are the shares that break', () => {
    const naive = [[run('a', { lost: 1, atCards: 1, broken: 120_000 })], [], []];
    expect(table6Answers(table6Of(naive, { ...SETTINGS, replication: false }))).toMatchObject([
      { id: 'naive-switchover-resets', ours: 0.5, kind: 'emergent', runIds: ['a'] },
    ]);
  });
});

describe('its runs', () => {
  async function asked(flags: Partial<TableFlags>): Promise<string[]> {
    const specs: TrialSpec[] = [];
    const pool = {
      run: async (spec: TrialSpec) => {
        prepareTrial(spec);
        specs.push(spec);
        return exampleResult({ verdict: 'invalid', invalidReasons: ['of a test'] });
      },
    };
    await runTable6(pool, { ...FLAGS, ...flags });
    return specs.map(
      ({ flags: { seed, duration, ...rest } }) =>
        `${'scenario' in rest ? rest.scenario : ''} ${duration} ${seed}`,
    );
  }

  test('are three of 60 s of each scenario, or what the flags say', async () => {
    expect(await asked({})).toHaveLength(9);
    expect((await asked({})).slice(0, 4)).toEqual([
      'planned-switchover 60s 1',
      'planned-switchover 60s 2',
      'planned-switchover 60s 3',
      'tor1-links-down 60s 1',
    ]);
    expect(await asked({ quick: true })).toEqual([
      'planned-switchover 6s 1',
      'tor1-links-down 6s 1',
      'card1-down 6s 1',
    ]);
    expect(await asked({ quick: true, duration: '8s', repeat: '2', seed: '5' })).toContain('card1-down 8s 6');
  });
});

describe('the command', () => {
  test('runs and writes', async () => {
    const out = join(folder, 'out');
    const flags = { ...FLAGS, rate: '20k', duration: '600ms', repeat: '1', out, jobs: '1' };
    const { text, exitCode } = await performTable('table-6', flags, SIDE);
    expect(exitCode).toBe(0);
    expect(readdirSync(out).sort()).toEqual([
      ...[
        'table-6-figure.csv',
        'table-6-figure.json',
        'table-6-figure.png',
        'table-6-figure.svg',
        'table-6.csv',
      ],
    ]);
    expect(text).toContain(join(out, 'table-6.csv'));
  }, 60_000);

  test.each(['4', 'Table 4', 'table-4', ' 4 '])('"%s" is Table 4', async (name) => {
    const { report } = await performTable(name, FLAGS, SIDE);
    expect(report.table).toBe('4');
  });

  test.each(Object.keys(Table.flags).filter((flag) => flag !== 'seed' && flag !== 'out'))(
    'table 4 refuses --%s, which is of table 6',
    async (flag) => {
      const given = new Set(['seed', 'out', 'quiet', 'json', flag]);
      await expect(performTable('4', FLAGS, { ...SIDE, given })).rejects.toThrow(
        `--${flag}: expected table 6 beside it`,
      );
    },
  );

  test('table 4 takes its own flags', async () => {
    const given = new Set(['seed', 'quiet', 'json']);
    expect((await performTable('4', FLAGS, { ...SIDE, given })).exitCode).toBe(0);
  });

  test('--quick that has nothing left to shorten is refused', async () => {
    const flags = { ...FLAGS, quick: true, duration: '6s', repeat: '1' };
    const given = new Set(['quick', 'duration', 'repeat']);
    await expect(performTable('6', flags, { ...SIDE, given })).rejects.toThrow(
      '--quick: expected a default that it shortens, of --duration or --repeat, got both of them',
    );
  });

  test.each<[string | undefined, Partial<TableFlags>, RegExp]>([
    ['5', {}, /NAME: expected a table of the paper that there is here \(4, 6\), got "5"/],
    ['', {}, /NAME: expected .* got ""/],
    [undefined, {}, /NAME: expected .* \(4, 6\), got none/],
    ['6', { seed: 'x' }, /--seed: expected a whole number/],
    ['6', { duration: '5' }, /--duration: expected a duration/],
    ['6', { duration: '0s' }, /--duration/],
    ['6', { repeat: '0' }, /--repeat: expected a whole number above zero/],
    ['6', { repeat: '5G' }, /--repeat: expected a number of runs from 1 to 1000, got "5G"/],
    ['6', { rate: 'fast' }, /--rate: expected a rate/],
    ['6', { model: 'none-such' }, /none-such/],
  ])('table "%s" with %j is refused before anything runs', async (name, flags, message) => {
    const runs = join(folder, 'not-made');
    await expect(performTable(name, { ...FLAGS, ...flags, 'results-dir': runs }, SIDE)).rejects.toThrow(
      message,
    );
    expect(existsSync(runs) ? readdirSync(runs) : []).toEqual([]);
  });
});
