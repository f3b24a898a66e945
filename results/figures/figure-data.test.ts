import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { figure10b } from './figure-10.js';
import { figureCsv } from './figure-csv.js';
import { type FigureData, parseFigure, pointsOf } from './figure-data.js';
import { exampleFigure10a, exampleFigures, examplePower } from './fixture.js';
import { powerFigure } from './power.js';

const NO_FIGURE = { schema: 'sirius-bench.figure/1', id: 'x', title: 'x', subtitle: '', panels: [] };

describe('the schema', () => {
  test.each(exampleFigures().map((figure) => [figure.id, figure] as const))(
    '%s is as published',
    (_, figure) => {
      const read = JSON.parse(JSON.stringify(figure)) as unknown;
      expect(parseFigure(read, 'figure.json')).toEqual(figure);
    },
  );

  test.each<[string, (figure: FigureData) => object, RegExp]>([
    [
      'another schema',
      (figure) => ({ ...figure, schema: 'x' }),
      /figure\.json: schema: expected sirius-bench/,
    ],
    ['no panel', () => NO_FIGURE, /panels: expected a list that is not empty/],
    ['an unknown key', (figure) => ({ ...figure, panel: [] }), /unknown key "panel"/],
    ['an id with a slash', (figure) => ({ ...figure, id: '../x' }), /id: expected text that matches/],
    [
      'a point without runs',
      (figure) => withPoint(figure, { x: 1, y: 1, low: 1, high: 1, runs: [] }),
      /runs: expected a list that is not empty/,
    ],
    [
      'a value that is no number',
      (figure) => withPoint(figure, { x: 1, y: Number.NaN, low: 1, high: 1, runs: ['a'] }),
      /points\[0\]\.y: expected a number, got/,
    ],
  ])('%s is refused', (_, spoil, message) => {
    const spoilt = JSON.parse(JSON.stringify(spoil(exampleFigure10a()))) as unknown;
    expect(() => parseFigure(spoilt, 'figure.json')).toThrow(message);
  });
});

describe('samples as points', () => {
  test.each([
    [[5], 5],
    [[5, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
  ])('the median of %j is %d', (values, median) => {
    const samples = values.map((y, seed) => ({ x: 1, y, runId: `r${seed}` }));
    expect(pointsOf(samples)).toEqual([
      {
        x: 1,
        y: median,
        low: Math.min(...values),
        high: Math.max(...values),
        runs: samples.map((s) => s.runId),
      },
    ]);
  });

  test('come sorted, one per place, with every run in one of them', () => {
    const sample = fc.record({ x: fc.integer({ min: 0, max: 9 }), y: fc.integer(), runId: fc.uuid() });
    fc.assert(
      fc.property(fc.array(sample), (samples) => {
        const points = pointsOf(samples);
        const places = points.map(({ x }) => x);
        expect(places).toEqual([...new Set(places)].sort((one, other) => one - other));
        expect(points.flatMap(({ runs }) => runs).sort()).toEqual(samples.map(({ runId }) => runId).sort());
        for (const { y, low, high } of points) expect(low <= y && y <= high).toBe(true);
      }),
    );
  });
});

describe('figures of the paper', () => {
  test('a power state has one group in whatever order the states come', () => {
    expect(exampleFigure10a().panels[0]?.series.map(({ label, group }) => [label, group])).toEqual([
      ['78 W', 0],
      ['68 W', 1],
      ['52 W', 2],
    ]);
    expect(examplePower().panels[0]?.series[0]?.points.map(({ x }) => x)).toEqual([78, 68, 52]);
  });

  test.each([
    [[0, 0], 1e-8],
    [[0, 3e-5], 1e-8],
    [[4e-7, 0.5], 1e-8],
    [[2e-9, 0], 1e-10],
    [[], 1e-8],
  ])('the fractions %j are drawn above a floor of %d', (fractions, floor) => {
    const samples = fractions.map((y, x) => ({ x: x + 1, y, runId: 'r' }));
    const lines = [{ powerWatts: 78, samples }];
    const zeroDrawnAt = figure10b({ mark: 'virtual', subtitle: '', lines }).panels[0]?.y.zeroDrawnAt ?? 0;
    expect(zeroDrawnAt).toBeCloseTo(floor, 15);
    expect(fractions.every((fraction) => fraction === 0 || fraction > zeroDrawnAt)).toBe(true);
  });

  test('a mark of the paper needs the state that it is about', () => {
    const marks = (figure: FigureData) =>
      figure.panels.flatMap(({ paperMarks }) => paperMarks.map(({ id }) => id));
    expect(marks(examplePower())).toEqual(['card-pps', 'card-transit-64', 'pair-cps', 'pair-cps-52w']);
    const one = [{ y: 1, runId: 'r' }];
    const middle = {
      powerWatts: 68,
      pps: one,
      cps: one,
      cardTransitNs: one,
      synToSynAckNs: one,
      packetsPerJoule: one,
      connectionsPerJoule: one,
    };
    expect(marks(powerFigure({ mark: 'virtual', subtitle: '', states: [middle] }))).toEqual(['card-pps']);
  });
});

describe('the CSV', () => {
  test('has a row per point in base units, then the marks of the paper', () => {
    const lines = figureCsv(exampleFigure10a()).split('\r\n');
    expect(lines[0]).toBe('figure,panel,mark,series,x,x_unit,y,y_unit,y_low,y_high,runs,run_ids');
    expect(lines[1]).toMatch(
      /^figure-10a,main,virtual,78 W,1000,flows,54\d{6}(\.\d+)?,pps,[\d.]+,[\d.]+,5,made-up/,
    );
    expect(lines).toHaveLength(1 + 3 * 9 + 1 + 1);
    expect(lines.at(-2)).toBe('figure-10a,main,paper,paper: over 50 Mpps,,flows,50000000,pps,,,,');
    expect(lines.at(-1)).toBe('');
  });

  test('quotes what would break a row', () => {
    const figure = exampleFigure10a();
    const [panel] = figure.panels;
    const [first] = panel?.series ?? [];
    if (panel === undefined || first === undefined) throw new Error('a figure has a series');
    const series = [
      { ...first, label: 'a "b", c\nd', points: [{ x: 1, y: 0, low: 0, high: 0, runs: ['r'] }] },
    ];
    const csv = figureCsv({ ...figure, panels: [{ ...panel, series, paperMarks: [] }] });
    expect(csv.split('\r\n')[1]).toBe('figure-10a,main,virtual,"a ""b"", c\nd",1,flows,0,pps,0,0,1,r');
  });
});

function withPoint(figure: FigureData, point: object): object {
  const [panel] = figure.panels;
  return { ...figure, panels: [{ ...panel, series: [{ ...panel?.series[0], points: [point] }] }] };
}
