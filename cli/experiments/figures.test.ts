import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseFigure } from '../../results/figures/figure-data.js';
import { exampleFigure10b } from '../../results/figures/fixture.js';
import { exampleResult, lossySeries } from '../../results/fixture.js';
import { loadModel } from '../../sirius-card/model.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import { prepareTrial } from '../sweep/trial-spec.js';
import { performFigure, renderFigure } from './figure.js';
import { FIGURES, findFigure } from './figures.js';

const model = loadModel('dsc-200');
const folder = mkdtempSync(join(tmpdir(), 'sirius-figure-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Loses what is offered beyond 3M, and answers each trial with figures of its own. */
const pool: TrialPool = {
  run: async (spec) => {
    prepareTrial(spec);
    const result = exampleResult();
    const { rate = '', seed = '0' } = spec.flags;
    const cps = rate === 'max' ? 0 : Number.parseFloat(rate) * 1e6;
    const lossRatio = cps > 3e6 ? (cps - 3e6) / cps + Number(seed) * 1e-4 : 0;
    const { measured } = result;
    return {
      ...result,
      measured: {
        ...measured,
        offered: { ...measured.offered, cps },
        packets: { ...measured.packets, lossRatio },
        ...lossySeries(lossRatio),
      },
    };
  },
};

describe('a figure', () => {
  test.each(FIGURES.map(({ name }) => name))(
    '%s is data of the published schema, with a line per power state',
    async (name) => {
      for (const isQuick of [true, false]) {
        const figure = await findFigure(name).run(pool, {
          model,
          modelName: 'dsc-200',
          seedCount: 2,
          isQuick,
        });
        expect(parseFigure(JSON.parse(JSON.stringify(figure)), name)).toEqual(figure);
        expect(figure.id).toBe(`figure-${name}`);
        expect(figure.panels[0]?.series.every(({ mark }) => mark === 'virtual')).toBe(true);
      }
    },
  );

  test('shows medians over seeds, and their range as error bars', async () => {
    const figure = await findFigure('10b').run(pool, {
      model,
      modelName: 'dsc-200',
      seedCount: 3,
      isQuick: true,
    });
    const [line] = figure.panels[0]?.series ?? [];
    const last = line?.points.at(-1);
    expect(last?.x).toBe(4e6);
    expect(last?.low).toBeCloseTo(0.2501, 10);
    expect(last?.y).toBeCloseTo(0.2502, 10);
    expect(last?.high).toBeCloseTo(0.2503, 10);
  });

  test.each([
    ['10b', '10b'],
    ['figure-10C', '10c'],
    [' 10a ', '10a'],
  ])('%s names %s', (given, name) => {
    expect(findFigure(given).name).toBe(name);
  });

  test.each(['10d', '12', 'banana', ''])('%o is no figure: the error lists those there are', (given) => {
    expect(() => findFigure(given)).toThrow(/NAME: expected a figure \(10a, 10b, 10c\), got/);
  });
});

test('the table has a row per x and a column per line', () => {
  const [, experiment] = FIGURES as [unknown, (typeof FIGURES)[number]];
  const text = renderFigure(exampleFigure10b(), experiment, ['paper/figure-10b.png']);
  expect(text).toContain('78 W');
  expect(text.trimEnd().split('\n').at(-1)).toBe('paper/figure-10b.png');
});

test('files are written whole, and nothing else', async () => {
  const out = join(folder, 'out');
  const flags = { model: 'dsc-200', seeds: '1', quick: true, out, jobs: '2', fresh: false, quiet: true };
  const terminal = { isTerminal: false, columns: 80, color: false };
  const { report } = await performFigure(
    '10c',
    { ...flags, 'results-dir': join(folder, 'runs') },
    { json: true, stderr: terminal, stream: process.stderr },
  );
  const names = ['figure-10c.csv', 'figure-10c.json', 'figure-10c.png', 'figure-10c.svg'];
  expect(readdirSync(out).sort()).toEqual(names);
  expect(report.files.map((file) => file.slice(out.length + 1)).sort()).toEqual(names);
  expect(JSON.parse(readFileSync(join(out, 'figure-10c.json'), 'utf8'))).toEqual(report.figure);
  // Super-linear towards the knee: at 3M at least twice what it is at 300k.
  const [line] = report.figure.panels[0]?.series ?? [];
  const at = (x: number) => line?.points.find((point) => point.x === x)?.y ?? Number.NaN;
  expect(at(3e6)).toBeGreaterThan(2 * at(3e5));
}, 60_000);

test.each(['0', '101', 'three'])('--seeds %s is refused', async (seeds) => {
  const flags = {
    model: 'dsc-200',
    seeds,
    quick: true,
    out: folder,
    fresh: false,
    quiet: true,
    'results-dir': folder,
  };
  const terminal = { isTerminal: false, columns: 80, color: false };
  await expect(
    performFigure('10b', flags, { json: true, stderr: terminal, stream: process.stderr }),
  ).rejects.toThrow(/--seeds/);
});
