import { type FigureRun, floorBelow, onePanel } from './figure-10.js';
import {
  type FigureAxis,
  type FigureData,
  type FigureRequirement,
  type FigureSeries,
  type PaperMark,
  pointsOf,
  type Sample,
} from './figure-data.js';

/** The trials of one search; x the load, y what was lost of it. */
export interface SearchLine {
  label: string;
  samples: Sample[];
}

export interface SearchRun extends FigureRun {
  /** `find-cps`: names the files. */
  id: string;
  title: string;
  load: Pick<FigureAxis, 'label' | 'unit'>;
  lines: SearchLine[];
  /** Loss that is asked for; one of 0 has no line of its own. */
  goals: { label: string; lossRatio: number }[];
  paperMarks: PaperMark[];
}

/** Every trial of a search for a limit: loss (log scale) against load, with the goals as lines across. */
export function searchFigure({
  id,
  title,
  subtitle,
  mark,
  load,
  lines,
  goals,
  paperMarks,
}: SearchRun): FigureData {
  const series = lines.map(
    ({ label, samples }, group): FigureSeries => ({
      ...{ id: label, label, mark, group, role: 'main' },
      points: pointsOf(samples),
    }),
  );
  const requirements = goals
    .filter(({ lossRatio }) => lossRatio > 0)
    .map(({ label, lossRatio }): FigureRequirement => ({ label, y: lossRatio }));
  const figure = onePanel({
    ...{ id, title, subtitle, series, paperMarks: paperMarks.filter(isAmong(lines)) },
    x: { ...load, scale: 'linear' },
    y: { label: 'lost', unit: 'fraction', scale: 'log', zeroDrawnAt: floorBelow(series) },
  });
  return { ...figure, panels: figure.panels.map((panel) => ({ ...panel, requirements })) };
}

/** A number of the paper far from every trial would leave them a corner of the chart. */
function isAmong(lines: readonly SearchLine[]): (mark: PaperMark) => boolean {
  const loads = lines.flatMap(({ samples }) => samples.map(({ x }) => x));
  return ({ x }) => x === undefined || (x >= Math.min(...loads) && x <= Math.max(...loads));
}
