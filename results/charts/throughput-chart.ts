import type { ChartConfiguration, ChartDataset } from 'chart.js';
import type { Measured, Series } from '../result.js';
import { axisTitle, baseOptions, FONT, type LinePoint } from './chart-style.js';
import { Ink, Palette, translucent } from './palette.js';
import { rateUnit, shortNumber, timeLabel, timeUnit } from './ticks.js';

/** Room above the highest line, so that it is not drawn on the frame. */
const HEADROOM = 1.15;
/** The axis of lost packets is at least this high: a single lost packet must not fill the chart. */
const LOST_AXIS_MAX_LEAST = 10;

type TimedRun = Pick<Measured, 'durationNs' | 'series'>;

/**
 * The run over time: offered and achieved connections per second on the left axis, packets lost per interval on the
 * right. Steps, not slopes: a figure holds for its whole interval and nothing is known within it.
 */
export function throughputChart(run: TimedRun): ChartConfiguration<'line', LinePoint[]> {
  const { series, durationNs } = run;
  const offeredCps = ratesCps(series.offeredConnections, run);
  const achievedCps = ratesCps(series.completedConnections, run);
  const highestCps = Math.max(0, ...offeredCps, ...achievedCps);
  const unit = rateUnit(highestCps);
  const time = timeUnit(durationNs);
  const inUnit = (rates: number[]): LinePoint[] =>
    steps(
      rates.map((rateCps) => rateCps / unit.divisor),
      run,
    );
  return {
    type: 'line',
    data: {
      datasets: [
        { label: 'offered', data: inUnit(offeredCps), ...lineStyle(Palette.black, [8, 4]) },
        { label: 'achieved', data: inUnit(achievedCps), ...lineStyle(Palette.blue, []) },
        lostDataset(run),
      ],
    },
    options: {
      ...baseOptions(`Connections per second, and packets lost per ${timeLabel(series.intervalNs)}`),
      scales: {
        x: {
          type: 'linear',
          min: 0,
          max: durationNs / time.divisor,
          title: axisTitle(`time [${time.name}]`),
          grid: { color: Ink.grid },
          ticks: { color: Ink.text, font: FONT, callback: (value) => shortNumber(Number(value)) },
        },
        y: {
          type: 'linear',
          min: 0,
          suggestedMax: (highestCps / unit.divisor) * HEADROOM,
          title: axisTitle(`rate [${unit.name}]`),
          grid: { color: Ink.grid },
          ticks: {
            color: Ink.text,
            font: FONT,
            maxTicksLimit: 7,
            callback: (value) => shortNumber(Number(value)),
          },
        },
        lost: {
          type: 'linear',
          position: 'right',
          min: 0,
          suggestedMax: LOST_AXIS_MAX_LEAST,
          title: axisTitle('lost [packets]'),
          grid: { drawOnChartArea: false },
          ticks: { color: Ink.text, font: FONT, precision: 0, maxTicksLimit: 7 },
        },
      },
    },
  };
}

type StepStyle = Pick<
  ChartDataset<'line', LinePoint[]>,
  'borderColor' | 'backgroundColor' | 'borderDash' | 'borderWidth' | 'pointRadius' | 'stepped' | 'order'
>;

function lineStyle(color: string, dash: number[]): StepStyle {
  return {
    borderColor: color,
    backgroundColor: color,
    borderDash: dash,
    borderWidth: 2.5,
    pointRadius: 0,
    stepped: 'before',
    order: 1,
  };
}

function lostDataset(run: TimedRun): ChartDataset<'line', LinePoint[]> {
  const { lostPackets } = run.series;
  const lost = lostPackets.reduce((before, count) => before + count, 0);
  return {
    label: `lost packets (${lost.toLocaleString('en-US')} in all)`,
    data: steps(lostPackets, run),
    borderColor: Palette.orange,
    backgroundColor: translucent(Palette.orange),
    borderDash: [],
    borderWidth: 1,
    pointRadius: 0,
    stepped: 'before',
    fill: 'origin',
    yAxisID: 'lost',
    order: 2,
  };
}

/** Mean over each interval; the end of the run may cut the last one short. */
function ratesCps(counts: number[], { durationNs, series }: TimedRun): number[] {
  return counts.map((count, interval) => {
    const lengthNs = endNs(interval, series, durationNs) - interval * series.intervalNs;
    return lengthNs > 0 ? (count * 1e9) / lengthNs : 0;
  });
}

/** A point where each interval begins, and one where the last ends. */
function steps(values: number[], { durationNs, series }: TimedRun): LinePoint[] {
  const { divisor } = timeUnit(durationNs);
  const points = values.map((y, interval) => ({ x: (interval * series.intervalNs) / divisor, y }));
  const last = values.at(-1);
  if (last === undefined) return points;
  return [...points, { x: endNs(values.length - 1, series, durationNs) / divisor, y: last }];
}

function endNs(interval: number, { intervalNs }: Series, durationNs: number): number {
  return Math.min((interval + 1) * intervalNs, durationNs);
}
