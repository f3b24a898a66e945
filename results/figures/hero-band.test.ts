import { expect, test } from 'vitest';
import { figurePanelChart } from '../charts/figure-panel.js';
import type { FigurePanel } from './figure-data.js';
import { heroBandFigure } from './hero-band.js';

const panelOf = (loadsCps: number[]): FigurePanel => {
  const { panels } = heroBandFigure({
    ...{ mark: 'virtual', subtitle: 'made up', scale: 'baby', minimumCps: 3e6 },
    samples: loadsCps.map((x) => ({ x, y: x, runId: `hero-${x}` })),
    bands: [{ label: 'zero loss', tone: 'good' }],
  });
  return panels[0] as FigurePanel;
};

const drawn = (panel: FigurePanel) => {
  const plugins = figurePanelChart(panel).options?.plugins as { bands?: { requirements: unknown[] } };
  return plugins.bands?.requirements;
};

test('a band without an end goes from the least load tried to the greatest', () => {
  expect(panelOf([1e6, 2e6]).bands).toMatchObject([{ from: 1e6, to: 2e6 }]);
});

test("DASH's minimum is drawn where the axis shows it", () => {
  expect(drawn(panelOf([1e6, 2e6]))).toEqual([]);
  expect(drawn(panelOf([4e6, 5e6]))).toEqual([]);
  expect(drawn(panelOf([1e6, 4e6]))).toEqual([{ label: 'DASH minimum', x: 3e6 }]);
});
