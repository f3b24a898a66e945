import type { ChartDataset, ChartOptions } from 'chart.js';
import type { Measured, Series } from '../result.js';
import { axisTitle, FONT, type LinePoint } from './chart-style.js';
import { Ink } from './palette.js';
import { shortNumber, timeUnit } from './ticks.js';

export type TimedRun = Pick<Measured, 'durationNs' | 'series'>;

/** Steps, not slopes: a figure holds for its whole interval and nothing is known within it. A point where each interval begins, and one where the last ends. */
export function timeSteps(values: number[], { durationNs, series }: TimedRun): LinePoint[] {
  const { divisor } = timeUnit(durationNs);
  const points = values.map((y, interval) => ({ x: (interval * series.intervalNs) / divisor, y }));
  const last = values.at(-1);
  if (last === undefined) return points;
  return [...points, { x: intervalEndNs(values.length - 1, series, durationNs) / divisor, y: last }];
}

/** The end of the run may cut the last interval short. */
export function intervalEndNs(interval: number, { intervalNs }: Series, durationNs: number): number {
  return Math.min((interval + 1) * intervalNs, durationNs);
}

export type StepDataset = ChartDataset<'line', LinePoint[]>;

/** The run from its start to its end. */
export function timeAxis(durationNs: number): AxisOptions {
  const time = timeUnit(durationNs);
  return {
    type: 'linear',
    min: 0,
    max: durationNs / time.divisor,
    title: axisTitle(`time [${time.name}]`),
    grid: { color: Ink.grid },
    ticks: { color: Ink.text, font: FONT, callback: (value) => shortNumber(Number(value)) },
  };
}

type AxisOptions = NonNullable<NonNullable<ChartOptions<'line'>['scales']>[string]>;
