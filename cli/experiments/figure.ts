import type { FigureData } from '../../results/figures/figure-data.js';
import { loadModel } from '../../sirius-card/model.js';
import { renderColumns } from '../columns.js';
import { prepareFolder } from '../results-folder.js';
import { runSweep, type SweepFlags, type SweepOptions } from '../sweep/sweep.js';
import { writeFigure } from './figure-files.js';
import { type FigureExperiment, findFigure } from './figures.js';
import { exitCodeFor, invalidLines, watchInvalid } from './invalid-trials.js';
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
  /** Trials that are left out, since their measurement is invalid. */
  invalidRunIds: string[];
}

/** The whole of `sirius-bench figure NAME`: runs the experiment, writes picture, vector picture, table and data. */
export async function performFigure(
  name: string,
  flags: FigureFlags,
  options: SweepOptions,
): Promise<{ report: FigureReport; text: string; exitCode: number }> {
  const experiment = findFigure(name);
  const model = loadModel(flags.model);
  const seedCount = parseSeedCount(flags);
  prepareFolder(flags.out, '--out');
  const { figure, invalid } = await runSweep(flags, options, async (pool) => {
    const watched = watchInvalid(pool);
    const run = { model, modelName: flags.model, seedCount, isQuick: flags.quick };
    return { figure: await experiment.run(watched, run), invalid: watched.invalid() };
  });
  const files = await writeFigure(figure, flags.out);
  const text = renderFigure(figure, experiment, [...files, ...invalidLines(invalid)]);
  const invalidRunIds = invalid.map(({ id }) => id);
  return { report: { figure, files, invalidRunIds }, text, exitCode: exitCodeFor(invalid) };
}

/** Medians as a table, a row per x and a column per line, and closing lines: files, and what was left out. */
export function renderFigure(
  { title, subtitle, panels }: FigureData,
  { formatX, formatY }: Pick<FigureExperiment, 'formatX' | 'formatY'>,
  closing: readonly string[],
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
  return `${title} (virtual; ${subtitle})\n\n${tables.join('\n\n')}\n\n${closing.join('\n')}\n`;
}
