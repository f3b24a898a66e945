import type { ChartConfiguration, LegendItem } from 'chart.js';
import type {
  FigureAxis,
  FigurePanel,
  FigurePoint,
  FigureRequirement,
  FigureSeries,
} from '../figures/figure-data.js';
import { displayUnit, quantityText } from '../paper/quantity.js';
import { axisTitle, FONT } from './chart-style.js';
import { drawnAt, figureScale } from './figure-axis.js';
import { type BandsOptions, bandsPlugin } from './figure-bands.js';
import { type ChartPaperMark, type PaperMarksOptions, paperMarksPlugin } from './figure-paper-marks.js';
import { groupStyle, lineStyle, whiskerStyle } from './figure-style.js';
import { FONT_FAMILY, Ink } from './palette.js';
import { shortNumber } from './ticks.js';

const COMMON_OPTIONS = {
  responsive: false,
  animation: false,
  font: FONT,
  color: Ink.text,
  layout: { padding: { left: 16, right: 24, top: 4, bottom: 4 } },
};

/** A panel as a Chart.js chart: what it shows is data, so that without its functions it is a golden file. */
export function figurePanelChart(panel: FigurePanel): ChartConfiguration {
  const chart = panel.kind === 'bars' ? barsChart(panel) : linesChart(panel);
  // The error bars' types of a chart are no members of the union that ChartConfiguration is by default.
  const behind = bandsOptions(panel) === undefined ? [] : [bandsPlugin];
  return { ...chart, plugins: [...behind, paperMarksPlugin] } as unknown as ChartConfiguration;
}

function linesChart(panel: FigurePanel) {
  const x = figureScale(panel.x, valuesOf(panel, 'x'), { fromZero: false });
  const bands = bandsOptions(panel, x);
  return {
    type: 'lineWithErrorBars',
    data: { datasets: panel.series.map((series) => lineDataset(series, panel)) },
    options: {
      ...COMMON_OPTIONS,
      scales: {
        x,
        y: figureScale(panel.y, valuesOf(panel, 'y'), { fromZero: true }),
      },
      plugins: {
        ...titleOptions(panel.title),
        legend: legendOptions(panel.series),
        paperMarks: {
          marks: panel.paperMarks.map((mark) => chartMark(mark, panel.y)),
          labelsAt: 'left',
        } satisfies PaperMarksOptions,
        ...(bands === undefined ? {} : { bands }),
      },
    },
  };
}

/** What is required of loads that the axis does not show is left out. */
function bandsOptions(
  { bands, requirements }: FigurePanel,
  { min, max }: { min?: unknown; max?: unknown } = {},
): BandsOptions | undefined {
  if (bands === undefined && requirements === undefined) return undefined;
  const isShown = ({ x }: FigureRequirement) => x === undefined || !(x < Number(min) || x > Number(max));
  return { bands: bands ?? [], requirements: (requirements ?? []).filter(isShown) };
}

function barsChart(panel: FigurePanel) {
  const values = valuesOf(panel, 'y');
  const shown = displayUnit(Math.max(0, ...values), panel.y.unit);
  return {
    type: 'barWithErrorBars',
    data: {
      // The value stands under its bar: a reader should not have to measure.
      labels: (panel.series[0]?.points ?? []).map(({ x, y, label }) => [
        label ?? quantityText(x, panel.x.unit),
        shortNumber(y / shown.divisor),
        ...paperLines(panel, x),
      ]),
      datasets: panel.series.map((series) => barDataset(series)),
    },
    options: {
      ...COMMON_OPTIONS,
      scales: {
        x: {
          type: 'category',
          grid: { display: false },
          title: axisTitle(panel.x.label),
          ticks: { color: Ink.text, font: FONT, maxRotation: 0, autoSkip: false },
        },
        // The panel's title says what it is.
        y: figureScale({ ...panel.y, label: '' }, values, { fromZero: true }),
      },
      plugins: {
        ...titleOptions(panel.title),
        legend: { display: false },
        // States come with the highest bar first.
        paperMarks: {
          marks: panel.paperMarks.map((mark) => barMark(mark, panel)),
          labelsAt: 'right',
        } satisfies PaperMarksOptions,
      },
    },
  };
}

/** The paper's number of one bar, under the bar's own: beside its diamond it would lie on the neighbours. Without one, as much room. */
function paperLines({ paperMarks }: FigurePanel, x: number): string[] {
  const marks = paperMarks.filter((mark) => mark.x === x && mark.y !== undefined);
  if (marks.length === 0) return ['', ''];
  return marks.flatMap(({ label }) => label.split(': '));
}

function titleOptions(text: string) {
  return {
    title: {
      display: text !== '',
      text,
      align: 'start',
      color: Ink.text,
      font: { family: FONT_FAMILY, size: 14, weight: 'bold' },
      padding: { top: 2, bottom: 6 },
    },
  };
}

function lineDataset(series: FigureSeries, { y }: FigurePanel) {
  const isZero = ({ y: value }: FigurePoint) => y.scale === 'log' && value === 0;
  return {
    label: series.label,
    data: series.points.map((point) => ({
      x: point.x,
      y: drawnAt(point.y, y),
      ...range(point, y),
    })),
    ...lineStyle(series, series.points.map(isZero)),
    // A point on the frame is drawn in full.
    clip: 12,
  };
}

function barDataset(series: FigureSeries) {
  return {
    label: series.label,
    data: series.points.map((point) => ({ y: point.y, ...range(point) })),
    backgroundColor: series.points.map((_, place) => groupStyle(place).color),
    maxBarThickness: 64,
    ...whiskerStyle(Ink.text),
  };
}

/** Runs that agree have no error bar, rather than one without a length. */
function range({ low, high }: FigurePoint, axis?: FigureAxis): { yMin?: number; yMax?: number } {
  if (low === high) return {};
  if (axis === undefined) return { yMin: low, yMax: high };
  return { yMin: drawnAt(low, axis), yMax: drawnAt(high, axis) };
}

function chartMark({ label, x, y }: FigurePanel['paperMarks'][number], axis: FigureAxis): ChartPaperMark {
  return {
    label,
    ...(x === undefined ? {} : { x }),
    ...(y === undefined ? {} : { y: drawnAt(y, axis) }),
  };
}

/** On bars the x of a mark is the place of its bar. */
function barMark(
  { label, x, y }: FigurePanel['paperMarks'][number],
  { series }: FigurePanel,
): ChartPaperMark {
  const place = series[0]?.points.findIndex((point) => point.x === x) ?? -1;
  return {
    label: place < 0 ? label : '',
    ...(place < 0 ? {} : { x: place }),
    ...(y === undefined ? {} : { y }),
  };
}

/** Everything that an axis has to show. */
function valuesOf({ series, paperMarks }: FigurePanel, axis: 'x' | 'y'): number[] {
  const points = series.flatMap((one) => one.points);
  const marks = paperMarks.flatMap((mark) => mark[axis] ?? []);
  return axis === 'x'
    ? [...points.map(({ x }) => x), ...marks]
    : [...points.flatMap(({ low, y, high }) => [low, y, high]), ...marks];
}

/** Shape and colour of each series; where they differ in mark, each tells its own. The paper's marks have labels beside them. */
function legendOptions(series: FigureSeries[]) {
  const mixed = new Set(series.map(({ mark }) => mark)).size > 1;
  return {
    display: true,
    position: 'top',
    align: 'start',
    labels: {
      color: Ink.text,
      usePointStyle: true,
      boxHeight: 8,
      padding: 14,
      font: FONT,
      generateLabels: () => series.map((one, place) => legendItem(one, place, mixed)),
    },
  };
}

function legendItem({ label, mark, group, role }: FigureSeries, place: number, mixed: boolean): LegendItem {
  const { color, shape } = groupStyle(group);
  return {
    text: mixed ? `${label} (${mark})` : label,
    datasetIndex: place,
    fontColor: Ink.text,
    strokeStyle: color,
    fillStyle: role === 'aside' ? Ink.paper : color,
    lineWidth: 2,
    pointStyle: shape,
  };
}
