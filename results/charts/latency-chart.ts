import type { ChartConfiguration, ChartDataset } from 'chart.js';
import { decodeLatency } from '../histogram.js';
import type { Latencies, LatencyName, LatencySummary } from '../result.js';
import { axisTitle, baseOptions, FONT, fixedWidth, type LinePoint } from './chart-style.js';
import { Ink, Palette } from './palette.js';
import { logBounds, logTicks, percentileAt, timeLabel } from './ticks.js';

/** The line ends at the maximum, one place past the last percentile drawn. */
const LAST_NINES = 4;
const MAX_AT = LAST_NINES + 1;
const POINTS_PER_NINE = 10;
/** The panel is tall enough for 1, 2 and 5 of as many decades; an overloaded target's latencies span four. */
const FINE_DECADES_MAX = 5.1;
const EMPTY_BOUNDS_NS = { min: 1e3, max: 1e6 };
/** The least latency that a logarithmic axis shows. */
const SHOWN_NS_MIN = 1;

interface LatencyLine {
  name: LatencyName;
  label: string;
  color: string;
  dash: number[];
}

const LINES: LatencyLine[] = [
  { name: 'synToSynAck', label: 'SYN to SYN-ACK', color: Palette.blue, dash: [] },
  { name: 'pingPong', label: 'ping-pong', color: Palette.vermillion, dash: [8, 4] },
  { name: 'cardTransit', label: 'card transit', color: Palette.green, dash: [2, 3] },
  { name: 'portToPort', label: 'one way', color: Palette.blue, dash: [] },
];

/** Latency by percentile: nines to the right, nanoseconds upward, both logarithmic; a line per histogram that holds anything. */
export function latencyChart(latencies: Latencies): ChartConfiguration<'line', LinePoint[]> {
  const lines = LINES.flatMap((line) => {
    const summary = latencies[line.name];
    return summary !== undefined && summary.count > 0 ? [{ line, summary }] : [];
  });
  const shown = lines.map(({ summary }) => summary);
  const bounds =
    shown.length === 0
      ? EMPTY_BOUNDS_NS
      : logBounds(
          Math.max(SHOWN_NS_MIN, Math.min(...shown.map(({ min }) => min))),
          Math.max(SHOWN_NS_MIN, ...shown.map(({ max }) => max)),
        );
  const base = baseOptions(
    shown.length === 0 ? 'Latency by percentile (none recorded)' : 'Latency by percentile',
  );
  return {
    type: 'line',
    data: {
      datasets: lines.map(({ line, summary }) => latencyDataset(line, summary)),
    },
    options: {
      ...base,
      scales: {
        x: {
          type: 'linear',
          min: 0,
          max: MAX_AT,
          title: axisTitle('percentile [%]'),
          grid: { color: Ink.grid },
          ticks: {
            stepSize: 1,
            color: Ink.text,
            font: FONT,
            callback: (value) => percentileLabel(Number(value)),
          },
        },
        y: {
          type: 'logarithmic',
          ...bounds,
          title: axisTitle('latency, log scale'),
          afterFit: fixedWidth,
          grid: { color: Ink.grid },
          afterBuildTicks: (axis) => {
            const ticks = logTicks(bounds.min, bounds.max, { fineDecadesMax: FINE_DECADES_MAX });
            axis.ticks = ticks.map((value) => ({ value }));
          },
          ticks: {
            autoSkip: false,
            color: Ink.text,
            font: FONT,
            callback: (value) => timeLabel(Number(value)),
          },
        },
      },
    },
  };
}

/** `0`, `90`, `99`, `99.9`, `99.99`, `max` under the places of the axis. */
export function percentileLabel(place: number): string {
  return place === MAX_AT ? 'max' : shortPercent(percentileAt(place));
}

function shortPercent(percent: number): string {
  return String(Number(percent.toFixed(LAST_NINES)));
}

function latencyDataset(
  { label, color, dash }: LatencyLine,
  summary: LatencySummary,
): ChartDataset<'line', LinePoint[]> {
  const points = percentileLine(summary);
  return {
    label: `${label} (p50 ${timeLabel(summary.p50)}, p99 ${timeLabel(summary.p99)})`,
    data: points,
    borderColor: color,
    backgroundColor: color,
    borderDash: dash,
    borderWidth: 2.5,
    // Only the maximum is a single observation, so only it is drawn as a point; it lies on the frame.
    pointRadius: points.map(({ x }) => (x === MAX_AT ? 5 : 0)),
    clip: false,
  };
}

function percentileLine(summary: LatencySummary): LinePoint[] {
  const histogram = decodeLatency(summary);
  const points: LinePoint[] = [];
  for (let step = 0; step <= LAST_NINES * POINTS_PER_NINE; step++) {
    const nines = step / POINTS_PER_NINE;
    const valueNs = histogram.getValueAtPercentile(percentileAt(nines));
    const within = Math.min(Math.max(valueNs, summary.min), summary.max);
    points.push({ x: nines, y: Math.max(SHOWN_NS_MIN, within) });
  }
  points.push({ x: MAX_AT, y: Math.max(SHOWN_NS_MIN, summary.max) });
  return points;
}
