import type { FigureData } from '../../results/figures/figure-data.js';
import { loadModel } from '../../sirius-card/model.js';
import { renderColumns } from '../columns.js';
import { prepareFolder } from '../results-folder.js';
import { runSweep, type SweepFlags, type SweepOptions } from '../sweep/sweep.js';
import { writeFigure } from './figure-files.js';
import { type FigureExperiment, findFigure } from './figures.js';
import { parseSeedCount } from './seed-count.js';

export interface FigureFlags extends SweepFlags {
  model: string;
  seeds?: string;
  quick: boolean;
  out: string;
}

export interface FigureReport {
  figure: FigureData;
  /** What was written. */
  files: string[];
}

/** The whole of `sirius-bench figure NAME`: runs the experiment, writes picture, vector picture, table and data. */
export async function performFigure(
  name: string,
  flags: FigureFlags,
  options: SweepOptions,
): Promise<{ report: FigureReport; text: string }> {
  const experiment = findFigure(name);
  const model = loadModel(flags.model);
  const seedCount = parseSeedCount(flags);
  prepareFolder(flags.out, '--out');
  const figure = await runSweep(flags, options, (pool) =>
    experiment.run(pool, { model, modelName: flags.model, seedCount, isQuick: flags.quick }),
  );
  const files = await writeFigure(figure, flags.out);
  return { report: { figure, files }, text: renderFigure(figure, experiment, files) };
}

/** Medians as a table, a row per x and a column per line. */
export function renderFigure(
  { title, subtitle, panels }: FigureData,
  { formatX, formatY }: Pick<FigureExperiment, 'formatX' | 'formatY'>,
  files: readonly string[],
): string {
  const tables = panels.map(({ x, series }) => {
    const places = [...new Set(series.flatMap(({ points }) => points.map((point) => point.x)))].sort(
      (a, b) => a - b,
    );
    const rows = places.map((place) => [
      formatX(place),
      ...series.map(({ points }) => {
        const point = points.find((one) => one.x === place);
        return point === undefined ? '-' : formatY(point.y);
      }),
    ]);
    const heads = [x.label, ...series.map(({ label }) => label)];
    return renderColumns([heads, ...rows], { columns: Number.POSITIVE_INFINITY });
  });
  return `${title} (virtual; ${subtitle})\n\n${tables.join('\n\n')}\n\n${files.join('\n')}\n`;
}
