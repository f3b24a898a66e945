import { type FigureRun, onePanel } from './figure-10.js';
import { type FigureAxis, type FigureData, pointsOf, type Sample } from './figure-data.js';

export interface PercentileLine {
  /** `p50`, `p99.9`, `max`. */
  label: string;
  samples: Sample[];
}

export interface LoadLatency extends FigureRun {
  /** Of what: `SYN to SYN-ACK, 78 W`. */
  what: string;
  load: Pick<FigureAxis, 'label' | 'unit'>;
  percentiles: PercentileLine[];
}

/** Percentiles of a latency (log scale) against offered load. Samples: x the load in its base unit, y nanoseconds. */
export function loadLatencyFigure({ mark, subtitle, what, load, percentiles }: LoadLatency): FigureData {
  return onePanel({
    id: 'load-latency',
    title: `Latency by load: ${what}`,
    subtitle,
    x: { ...load, scale: 'linear' },
    y: { label: 'latency', unit: 'ns', scale: 'log' },
    series: percentiles.map(({ label, samples }, group) => ({
      id: label,
      label,
      mark,
      group,
      role: 'main',
      points: pointsOf(samples),
    })),
    paperMarks: [],
  });
}
