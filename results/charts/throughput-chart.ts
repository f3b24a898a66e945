import type { ChartConfiguration } from 'chart.js';
import { axisTitle, baseOptions, FONT, fixedWidth, type LinePoint } from './chart-style.js';
import { Ink, Palette } from './palette.js';
import { rateUnit, shortNumber, timeLabel } from './ticks.js';
import { intervalEndNs, type StepDataset, type TimedRun, timeAxis, timeSteps } from './time-steps.js';

/** Room above the highest line, so that it is not drawn on the frame. */
const HEADROOM = 1.15;

/** The run over time: offered and achieved connections per second, or packets where there are no connections. */
export function throughputChart(run: TimedRun): ChartConfiguration<'line', LinePoint[]> {
  const { series, durationNs } = run;
  const { deliveredPackets } = series;
  const what = deliveredPackets === undefined ? 'Connections' : 'Packets';
  const offered = ratesOf(
    deliveredPackets === undefined ? series.offeredConnections : series.sentPackets,
    run,
  );
  const achieved = ratesOf(deliveredPackets ?? series.completedConnections, run);
  const highest = Math.max(0, ...offered, ...achieved);
  const unit = rateUnit(highest, deliveredPackets === undefined ? 'cps' : 'pps');
  const inUnit = (rates: number[]): LinePoint[] =>
    timeSteps(
      rates.map((rate) => rate / unit.divisor),
      run,
    );
  return {
    type: 'line',
    data: {
      datasets: [
        { label: 'offered', data: inUnit(offered), ...lineStyle(Palette.black, [8, 4]) },
        { label: 'achieved', data: inUnit(achieved), ...lineStyle(Palette.blue, []) },
      ],
    },
    options: {
      ...baseOptions(`${what} per second, mean of each ${timeLabel(series.intervalNs)}`),
      scales: {
        x: timeAxis(durationNs),
        y: {
          type: 'linear',
          min: 0,
          suggestedMax: (highest / unit.divisor) * HEADROOM,
          title: axisTitle(`rate [${unit.name}]`),
          afterFit: fixedWidth,
          grid: { color: Ink.grid },
          ticks: {
            color: Ink.text,
            font: FONT,
            maxTicksLimit: 7,
            callback: (value) => shortNumber(Number(value)),
          },
        },
      },
    },
  };
}

type StepStyle = Pick<
  StepDataset,
  'borderColor' | 'backgroundColor' | 'borderDash' | 'borderWidth' | 'pointRadius' | 'stepped'
>;

function lineStyle(color: string, dash: number[]): StepStyle {
  return {
    borderColor: color,
    backgroundColor: color,
    borderDash: dash,
    borderWidth: 2.5,
    pointRadius: 0,
    stepped: 'before',
  };
}

/** Mean over each interval. */
function ratesOf(counts: number[], { durationNs, series }: TimedRun): number[] {
  return counts.map((count, interval) => {
    const lengthNs = intervalEndNs(interval, series, durationNs) - interval * series.intervalNs;
    return lengthNs > 0 ? (count * 1e9) / lengthNs : 0;
  });
}
