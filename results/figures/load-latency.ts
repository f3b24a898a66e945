import { type FigureRun, onePanel } from './figure-10.js';
import { type FigureAxis, type FigureData, type PaperMark, pointsOf, type Sample } from './figure-data.js';

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
  paperMarks: PaperMark[];
}

/** Values nearer to each other than this say nothing on an axis of powers of ten. */
const LOG_RATIO_MIN = 4;

/** Percentiles of a latency, on a log scale where they differ much, against offered load. Samples: x the load in its base unit, y nanoseconds. */
export function loadLatencyFigure({
  mark,
  subtitle,
  what,
  load,
  percentiles,
  paperMarks,
}: LoadLatency): FigureData {
  const values = percentiles.flatMap(({ samples }) => samples.map(({ y }) => y));
  const scale = Math.max(...values) < LOG_RATIO_MIN * Math.min(...values) ? 'linear' : 'log';
  return onePanel({
    id: 'load-latency',
    title: `Latency by load: ${what}`,
    subtitle,
    x: { ...load, scale: 'linear' },
    y: { label: 'latency', unit: 'ns', scale },
    series: percentiles.map(({ label, samples }, group) => ({
      id: label,
      label,
      mark,
      group,
      role: 'main',
      points: pointsOf(samples),
    })),
    paperMarks,
  });
}
