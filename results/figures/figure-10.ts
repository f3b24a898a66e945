import {
  FIGURE_SCHEMA,
  type FigureAxis,
  type FigureData,
  type FigureMark,
  type FigureSeries,
  pointsOf,
  type Sample,
} from './figure-data.js';
import { paperAcross, paperUpward } from './paper-mark.js';

/** What was run, and under which clock. */
export interface FigureRun {
  mark: FigureMark;
  subtitle: string;
}

export interface PowerLine {
  powerWatts: number;
  samples: Sample[];
}

/** The highest power state first, so that a state has one colour in every figure. */
export function byPower<T extends { powerWatts: number }>(states: readonly T[]): T[] {
  return [...states].sort((one, other) => other.powerWatts - one.powerWatts);
}

/** Figure 10a: packets per second against concurrent flows, a line per power state. Samples: x flows, y packets per second. */
export function figure10a({ mark, subtitle, lines }: FigureRun & { lines: PowerLine[] }): FigureData {
  return onePanel({
    id: 'figure-10a',
    title: 'Packets per second by concurrent flows',
    subtitle,
    x: { label: 'concurrent flows', unit: 'flows', scale: 'log' },
    y: { label: 'packets per second', unit: 'pps', scale: 'linear' },
    series: powerSeries(lines, mark),
    paperMarks: [paperAcross('card-pps')],
  });
}

/**
 * Figure 10b: fraction of packets dropped (log scale) against offered connections per second, a line per power state.
 * Samples: x connections per second, y fraction. Zero is drawn on a floor below the smallest fraction.
 */
export function figure10b({ mark, subtitle, lines }: FigureRun & { lines: PowerLine[] }): FigureData {
  const series = powerSeries(lines, mark);
  return onePanel({
    id: 'figure-10b',
    title: 'Packets dropped by offered connections per second',
    subtitle,
    x: { label: 'offered connections per second', unit: 'cps', scale: 'linear' },
    y: {
      label: 'packets dropped in the long run',
      unit: 'fraction',
      scale: 'log',
      zeroDrawnAt: floorBelow(series),
    },
    series,
    paperMarks: [paperUpward('pair-cps', 'a card pair'), paperUpward('pair-cps-52w', 'lowest power state')],
  });
}

export interface LatencyLine {
  powerWatts: number;
  synToSynAck: Sample[];
  pingPong: Sample[];
}

/**
 * Figure 10c: median latency from SYN to SYN-ACK, and of the ping-pong between the cards, against connections per
 * second. Samples: x connections per second, y nanoseconds (the p50 of a run).
 */
export function figure10c({ mark, subtitle, lines }: FigureRun & { lines: LatencyLine[] }): FigureData {
  return onePanel({
    id: 'figure-10c',
    title: 'Latency by offered connections per second',
    subtitle,
    x: { label: 'offered connections per second', unit: 'cps', scale: 'linear' },
    y: { label: 'latency, p50', unit: 'ns', scale: 'log' },
    series: byPower(lines).flatMap(({ powerWatts, synToSynAck, pingPong }, group): FigureSeries[] => [
      {
        id: `syn-to-syn-ack-${powerWatts}`,
        label: `SYN to SYN-ACK, ${powerWatts} W`,
        mark,
        group,
        role: 'main',
        points: pointsOf(synToSynAck),
      },
      {
        id: `ping-pong-${powerWatts}`,
        label: `ping-pong, ${powerWatts} W`,
        mark,
        group,
        role: 'aside',
        points: pointsOf(pingPong),
      },
    ]),
    paperMarks: [paperAcross('ping-pong', 'ping-pong')],
  });
}

export interface SinglePanel {
  id: string;
  title: string;
  subtitle: string;
  x: FigureAxis;
  y: FigureAxis;
  series: FigureSeries[];
  paperMarks: FigureData['panels'][number]['paperMarks'];
}

/** A figure of lines on one pair of axes. */
export function onePanel({ id, title, subtitle, ...panel }: SinglePanel): FigureData {
  return {
    schema: FIGURE_SCHEMA,
    id,
    title,
    subtitle,
    panels: [{ id: 'main', title: '', kind: 'lines', ...panel }],
  };
}

function powerSeries(lines: PowerLine[], mark: FigureMark): FigureSeries[] {
  return byPower(lines).map(({ powerWatts, samples }, group) => ({
    id: `${powerWatts}`,
    label: `${powerWatts} W`,
    mark,
    group,
    role: 'main',
    points: pointsOf(samples),
  }));
}

/** Where nothing at all was dropped, the axis still begins below what 100M packets could show. */
const LEAST_FRACTION_SHOWN = 1e-6;

/** A decade below the least fraction above zero. */
export function floorBelow(series: FigureSeries[]): number {
  const fractions = series
    .flatMap(({ points }) => points.flatMap(({ y, low }) => [y, low]))
    .filter((fraction) => fraction > 0);
  const least = Math.min(LEAST_FRACTION_SHOWN, ...fractions);
  return 10 ** (Math.ceil(Math.log10(least)) - 2);
}
