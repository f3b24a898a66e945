import { type FigureRun, onePanel } from './figure-10.js';
import { type FigureBand, type FigureData, pointsOf, type Sample } from './figure-data.js';

export interface HeroBand extends FigureRun {
  /** `baby`: names the files. */
  scale: string;
  /** x: offered, y: completed within the trial, both connections per second. */
  samples: Sample[];
  bands: FigureBand[];
  /** DASH's minimum, connections per second. */
  minimumCps: number;
}

/** DASH's picture of performance: connections completed against connections offered, with the bands between the limits. */
export function heroBandFigure({ mark, subtitle, scale, samples, bands, minimumCps }: HeroBand): FigureData {
  const figure = onePanel({
    id: `hero-${scale}`,
    title: `DASH hero test, scale ${scale}: connections by load`,
    subtitle,
    x: { label: 'offered connections per second', unit: 'cps', scale: 'linear' },
    y: { label: 'completed connections per second', unit: 'cps', scale: 'linear' },
    series: [
      { id: 'completed', label: 'completed', mark, group: 0, role: 'main', points: pointsOf(samples) },
    ],
    paperMarks: [],
  });
  const panels = figure.panels.map((panel) => ({
    ...panel,
    bands: bands.map((band) => withinTried(band, samples)),
    requirements: [{ label: 'DASH minimum', x: minimumCps }],
  }));
  return { ...figure, panels };
}

/** Beside the least and the greatest load, nothing was tried. */
function withinTried(band: FigureBand, samples: readonly Sample[]): FigureBand {
  if (samples.length === 0) return band;
  const loads = samples.map(({ x }) => x);
  return { ...band, from: band.from ?? Math.min(...loads), to: band.to ?? Math.max(...loads) };
}
