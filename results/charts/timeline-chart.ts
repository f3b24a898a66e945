import type { ChartConfiguration } from 'chart.js';
import { formatDurationNs } from '../../core/units.js';
import { whole } from '../figure-text.js';
import type { FaultOutcome, FaultTimeline } from '../result.js';
import { axisTitle, baseOptions, FONT, fixedWidth, type LinePoint } from './chart-style.js';
import { Ink, Palette, translucent } from './palette.js';
import { shortNumber, timeLabel } from './ticks.js';

const NS_PER_MS = 1e6;
/** What follows the last loss is shown this long, and at least so much of what follows the event. */
const AFTER_LOSS_NS = 10e6;
const SHOWN_NS_MIN = 20e6;
/** Room above the highest line, so that it is not drawn on the frame. */
const HEADROOM = 1.1;

export interface TimelineOptions {
  /** Packets of the fullest bin of all events of the run: panels beside each other have one scale. */
  packetsMax: number;
  /** Half the width of a page: titles are short. */
  isNarrow: boolean;
  /** When the next event of the run happens, if there is one: what is lost from then on is that one's. */
  nextAtNs?: number | undefined;
}

/** One event: packets offered, delivered and lost around it, in steps as wide as the bins they were counted in; time 0 is the event. */
export function timelineChart(
  fault: FaultOutcome,
  { packetsMax, isNarrow, nextAtNs }: TimelineOptions,
): ChartConfiguration<'line', LinePoint[]> {
  const { timeline } = fault;
  const bins = shownBins(timeline);
  const line = (values: number[]) => steps(values.slice(0, bins), timeline);
  return {
    type: 'line',
    data: {
      datasets: [
        { label: 'offered', data: line(timeline.sentPackets), ...lineStyle(Palette.black, [6, 4]) },
        { label: 'delivered', data: line(timeline.deliveredPackets), ...lineStyle(Palette.blue, []) },
        {
          ...{ label: lossLabel(fault, bins, nextAtNs), data: line(timeline.lostPackets) },
          ...lineStyle(Palette.vermillion, []),
          backgroundColor: translucent(Palette.vermillion),
          fill: 'origin',
        },
      ],
    },
    options: {
      ...baseOptions(titleOf(fault, isNarrow)),
      scales: {
        x: {
          type: 'linear',
          min: timeline.startNs / NS_PER_MS,
          max: (timeline.startNs + bins * timeline.binNs) / NS_PER_MS,
          title: axisTitle('time from the event [ms]'),
          grid: { color: Ink.grid },
          ticks: { color: Ink.text, font: FONT, callback: (value) => shortNumber(Number(value)) },
        },
        y: {
          type: 'linear',
          min: 0,
          suggestedMax: packetsMax * HEADROOM,
          title: axisTitle(isNarrow ? 'packets' : `packets per ${timeLabel(timeline.binNs)}`),
          afterFit: fixedWidth,
          grid: { color: Ink.grid },
          ticks: { color: Ink.text, font: FONT, precision: 0, maxTicksLimit: 5 },
        },
      },
    },
  };
}

/** Of the fullest bin. */
export function packetsMaxOf(faults: readonly FaultOutcome[]): number {
  return faults.reduce(
    (most, { timeline }) => Math.max(most, ...timeline.sentPackets, ...timeline.deliveredPackets),
    0,
  );
}

function titleOf({ kind, place, atNs, outageNs, outageMayGoOn }: FaultOutcome, isNarrow: boolean): string {
  const what = `${kind} ${place} at ${formatDurationNs(atNs)}`;
  return isNarrow
    ? what
    : `${what}: outage of ${formatDurationNs(outageNs)}${outageMayGoOn ? ' or more' : ''}`;
}

/** The figures of the text; what is not drawn is told. */
function lossLabel(
  { atNs, packetsLost, timeline }: FaultOutcome,
  bins: number,
  nextAtNs: number | undefined,
): string {
  const { startNs, binNs, lostPackets } = timeline;
  const { total, inOutage = total } = packetsLost;
  if (nextAtNs !== undefined && nextAtNs - atNs < startNs + bins * binNs)
    return `lost until the next event: ${whole(total)}`;
  const own = lostPackets.slice(Math.max(0, Math.round(-startNs / binNs)), bins);
  const drawn = own.reduce((sum, lost) => sum + lost, 0);
  const others = total - inOutage;
  return [
    `lost: ${whole(inOutage)}${others > 0 || drawn < inOutage ? ' in the outage' : ''}`,
    ...(drawn < inOutage ? [`${whole(drawn)} of them here`] : []),
    ...(others > 0 ? [`${whole(others)} others`] : []),
  ].join(', ');
}

/** All that was recorded, but for a long quiet end. */
function shownBins({ startNs, binNs, lostPackets }: FaultTimeline): number {
  const lossEndNs = startNs + binNs * (lostPackets.findLastIndex((lost) => lost > 0) + 1);
  const endNs = Math.max(SHOWN_NS_MIN, lossEndNs + AFTER_LOSS_NS);
  return Math.min(lostPackets.length, Math.ceil((endNs - startNs) / binNs));
}

/** A point where each bin begins, and one where the last ends. */
function steps(values: readonly number[], { startNs, binNs }: FaultTimeline): LinePoint[] {
  const at = (bin: number) => (startNs + bin * binNs) / NS_PER_MS;
  const points = values.map((y, bin) => ({ x: at(bin), y }));
  const last = values.at(-1);
  return last === undefined ? points : [...points, { x: at(values.length), y: last }];
}

function lineStyle(color: string, dash: number[]) {
  return {
    ...{ borderColor: color, backgroundColor: color, borderDash: dash, borderWidth: 2 },
    ...{ pointRadius: 0, stepped: 'before' as const },
  };
}
