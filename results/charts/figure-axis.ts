import type { ChartOptions } from 'chart.js';
import type { FigureAxis } from '../figures/figure-data.js';
import { displayUnit, quantityText } from '../paper/quantity.js';
import { axisTitle, FONT } from './chart-style.js';
import { Ink } from './palette.js';
import { logBounds, logTicks, shortNumber } from './ticks.js';

/** Room past the greatest value, so that no point and no label lies on the frame. */
const HEADROOM = 1.12;
/** The same to the left and the right, as a share of what is shown. */
const SIDE_ROOM = 0.05;
const EMPTY_LOG_BOUNDS = { min: 1, max: 10 };
/** Units that stand beside each number of a log axis; counted things stand in the axis title alone. */
const UNIT_AT_TICKS = /^(ns|[cpb]ps|B)$/;

type Scale = NonNullable<NonNullable<ChartOptions<'line'>['scales']>[string]>;

/** An axis that shows all of `values`, points, error bars and marks of the paper; from zero on when `fromZero`. */
export function figureScale(axis: FigureAxis, values: number[], { fromZero }: { fromZero: boolean }): Scale {
  return axis.scale === 'log' ? logScale(axis, values) : linearScale(axis, values, fromZero);
}

/** Where a value is drawn: zero has no place of its own on a log axis. */
export function drawnAt(value: number, { scale, zeroDrawnAt }: FigureAxis): number {
  return scale === 'log' && zeroDrawnAt !== undefined ? Math.max(value, zeroDrawnAt) : value;
}

/** Under a log axis: `1 us`, `10k`, `1e-4`, and `0` where zero is drawn. */
export function logLabel(value: number, { unit, zeroDrawnAt }: FigureAxis): string {
  if (value === zeroDrawnAt) return '0';
  if (unit === 'fraction') return value < 1e-3 ? value.toExponential(0) : String(value);
  return quantityText(value, UNIT_AT_TICKS.test(unit) ? unit : '');
}

function linearScale({ label, unit }: FigureAxis, values: number[], fromZero: boolean): Scale {
  const max = Math.max(0, ...values);
  const shown = displayUnit(max, unit);
  return {
    type: 'linear',
    ...(fromZero ? { min: 0, suggestedMax: max * HEADROOM } : boundsAround(values)),
    title: axisTitle(`${label} [${shown.name}]`.trim()),
    grid: { color: Ink.grid },
    ticks: {
      color: Ink.text,
      font: FONT,
      maxTicksLimit: 9,
      // Bounds that lie close around the values are no round numbers.
      ...(fromZero ? {} : { includeBounds: false }),
      callback: (value) => shortNumber(Number(value) / shown.divisor),
    },
  };
}

/** As wide as the values, and a little room on both sides. */
function boundsAround(values: number[]): { min?: number; max?: number } {
  if (values.length === 0) return {};
  const least = Math.min(...values);
  const greatest = Math.max(...values);
  const room = SIDE_ROOM * (greatest - least || greatest || 1);
  return { min: Math.max(0, least - room), max: greatest + room };
}

function logScale(axis: FigureAxis, values: number[]): Scale {
  const positive = values.filter((value) => value > 0);
  const around =
    positive.length === 0 ? EMPTY_LOG_BOUNDS : logBounds(Math.min(...positive), Math.max(...positive));
  const floor = axis.zeroDrawnAt;
  const bounds = {
    min: floor ?? around.min,
    // All of it is 1: the same axis for every run, and room for labels above what is dropped at most.
    max: axis.unit === 'fraction' ? Math.max(1, around.max) : Math.max(around.max, (floor ?? 0) * 10),
  };
  const ticks = logTicks(bounds.min, bounds.max);
  return {
    type: 'logarithmic',
    ...bounds,
    title: axisTitle(logTitle(axis)),
    grid: { color: Ink.grid },
    afterBuildTicks: (built) => {
      built.ticks = ticks.map((value) => ({ value }));
    },
    ticks: {
      color: Ink.text,
      font: FONT,
      autoSkip: false,
      callback: (value) => logLabel(Number(value), axis),
    },
  };
}

function logTitle({ label, zeroDrawnAt }: FigureAxis): string {
  const floor = zeroDrawnAt === undefined ? '' : `; 0: hollow, at ${zeroDrawnAt.toExponential(0)}`;
  return `${label}, log scale${floor}`;
}
