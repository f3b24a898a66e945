import type { ChartConfiguration } from 'chart.js';
import { whole } from '../figure-text.js';
import type { Measured } from '../result.js';
import { axisTitle, baseOptions, FONT, fixedWidth, type LinePoint } from './chart-style.js';
import { Ink, Palette, translucent } from './palette.js';
import { timeLabel } from './ticks.js';
import { type TimedRun, timeAxis, timeSteps } from './time-steps.js';

/** The axis is at least this high: a single lost packet must not fill the chart. */
const AXIS_MAX_LEAST = 10;

type LossyRun = TimedRun & Pick<Measured, 'packets'>;

/** Packets lost in each interval of the run, or `undefined` for a run that lost none: an empty panel tells nothing. */
export function lossChart(run: LossyRun): ChartConfiguration<'line', LinePoint[]> | undefined {
  const { series, durationNs, packets } = run;
  if (packets.dropped.total === 0) return undefined;
  return {
    type: 'line',
    data: {
      datasets: [
        {
          label: legend(packets),
          data: timeSteps(series.lostPackets, run),
          borderColor: Palette.orange,
          backgroundColor: translucent(Palette.orange),
          borderDash: [],
          borderWidth: 2,
          pointRadius: 0,
          stepped: 'before',
          fill: 'origin',
        },
      ],
    },
    options: {
      ...baseOptions(`Packets lost per ${timeLabel(series.intervalNs)}`),
      scales: {
        x: timeAxis(durationNs),
        y: {
          type: 'linear',
          min: 0,
          suggestedMax: AXIS_MAX_LEAST,
          title: axisTitle('lost [packets]'),
          afterFit: fixedWidth,
          grid: { color: Ink.grid },
          ticks: { color: Ink.text, font: FONT, precision: 0, maxTicksLimit: 5 },
        },
      },
    },
  };
}

/** Beyond these, a legend is no legend. */
const REASONS_NAMED_MAX = 3;

/** `20,775 lost: armNewFlowQueue 20,763, linkBuffer 12` */
function legend({ dropped }: Measured['packets']): string {
  const reasons = Object.entries(dropped.byReason)
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one);
  const named = reasons.slice(0, REASONS_NAMED_MAX).map(([reason, count]) => `${reason} ${whole(count)}`);
  const more = reasons.length > REASONS_NAMED_MAX ? ', ...' : '';
  return `${whole(dropped.total)} lost: ${named.join(', ')}${more}`;
}
