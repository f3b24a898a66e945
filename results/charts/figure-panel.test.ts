import { describe, expect, test } from 'vitest';
import type { FigurePanel } from '../figures/figure-data.js';
import { exampleFigure10a, exampleFigure10b, exampleFigures } from '../figures/fixture.js';
import { figureScale, logLabel } from './figure-axis.js';
import { figurePanelChart } from './figure-panel.js';

test.each(exampleFigures().map((figure) => [figure.id, figure] as const))(
  'the chart of %s is the golden one',
  async (id, figure) => {
    const configurations = figure.panels.map(figurePanelChart);
    await expect(`${JSON.stringify(configurations, null, 2)}\n`).toMatchFileSnapshot(`../golden/${id}.json`);
  },
);

describe('points', () => {
  test('a zero on a log axis is drawn hollow on the floor, and so is the foot of its error bar', () => {
    const panel = only(exampleFigure10b().panels);
    const floor = panel.y.zeroDrawnAt ?? 0;
    const points = [
      { x: 1, y: 0, low: 0, high: 1e-4, runs: ['a', 'b'] },
      { x: 2, y: 1e-3, low: 1e-3, high: 1e-3, runs: ['a', 'b'] },
    ];
    const [dataset] = datasetsOf({ ...panel, series: [{ ...only(panel.series), points }] });
    expect(dataset?.data).toEqual([
      { x: 1, y: floor, yMin: floor, yMax: 1e-4 },
      { x: 2, y: 1e-3 },
    ]);
    expect(dataset?.pointWithErrorBarBackgroundColor).toEqual(['#ffffff', '#0072b2']);
  });

  test('groups differ in colour and in shape', () => {
    const panel = only(exampleFigure10a().panels);
    const series = [0, 1, 2, 3, 4, 5].map((group) => ({ ...only(panel.series), group }));
    const datasets = datasetsOf({ ...panel, series });
    expect(new Set(datasets.map(({ borderColor }) => borderColor)).size).toBe(6);
    expect(new Set(datasets.map(({ pointStyle }) => pointStyle)).size).toBe(6);
  });
});

test('a panel without a point has axes and no NaN', () => {
  for (const { panels } of exampleFigures()) {
    for (const panel of panels) {
      const empty = {
        ...panel,
        series: panel.series.map((series) => ({ ...series, points: [] })),
        paperMarks: [],
      };
      const text = JSON.stringify(figurePanelChart(empty));
      expect(text).not.toContain('null');
    }
  }
});

test('series tell their mark where marks differ', () => {
  const panel = only(exampleFigure10a().panels);
  const [first] = panel.series;
  if (first === undefined) throw new Error('a panel has a series');
  const labels = (series: FigurePanel['series']) => {
    const { options } = figurePanelChart({ ...panel, series });
    const generate = options?.plugins?.legend?.labels?.generateLabels;
    return generate?.(undefined as never).map(({ text }) => text);
  };
  expect(labels([first])).toEqual(['78 W']);
  expect(labels([first, { ...first, mark: 'measured' }])).toEqual(['78 W (virtual)', '78 W (measured)']);
});

test.each([
  [1e4, { unit: 'flows' }, '10k'],
  [1e4, { unit: 'ns' }, '10 us'],
  [1e-5, { unit: 'fraction' }, '1e-5'],
  [0.01, { unit: 'fraction' }, '0.01'],
  [1e-8, { unit: 'fraction', zeroDrawnAt: 1e-8 }, '0'],
] as const)('%d on a log axis %o is labelled %s', (value, axis, label) => {
  expect(logLabel(value, { label: 'x', scale: 'log', ...axis })).toBe(label);
});

test.each<[string, number[], object]>([
  ['values far from zero', [2e6, 3e6], { min: 1.95e6, max: 3.05e6 }],
  ['values near zero', [0.01e6, 2.01e6], { min: 0, max: 2.11e6 }],
  ['one value', [1e6], { min: 0.95e6, max: 1.05e6 }],
  ['zero alone', [0], { min: 0, max: 0.05 }],
])('a linear axis is as wide as its values: %s', (_name, values, bounds) => {
  const axis = { label: 'offered', unit: 'cps', scale: 'linear' } as const;
  expect(figureScale(axis, values, { fromZero: false })).toMatchObject(bounds);
});

interface Dataset {
  data: unknown[];
  borderColor: string;
  pointStyle: string;
  pointWithErrorBarBackgroundColor: string[];
}

function datasetsOf(panel: FigurePanel): Dataset[] {
  return figurePanelChart(panel).data.datasets as unknown as Dataset[];
}

function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined) throw new Error('the list holds something');
  return first;
}
