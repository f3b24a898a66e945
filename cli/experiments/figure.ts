import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../../core/errors.js';
import { parseCount } from '../../core/units.js';
import { writeFileSynced } from '../../results/durable-file.js';
import { figureCsv } from '../../results/figures/figure-csv.js';
import type { FigureData } from '../../results/figures/figure-data.js';
import { loadModel } from '../../sirius-card/model.js';
import { renderColumns } from '../columns.js';
import { prepareFolder } from '../results-folder.js';
import { runSweep, type SweepFlags, type SweepOptions } from '../sweep/sweep.js';
import { type FigureExperiment, findFigure } from './figures.js';

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

const SEED_COUNT = 3;
const SEED_COUNT_MAX = 100;

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

function parseSeedCount({ seeds, quick }: FigureFlags): number {
  if (seeds === undefined) return quick ? 1 : SEED_COUNT;
  const count = parseCount(seeds, { where: '--seeds' });
  if (count >= 1 && count <= SEED_COUNT_MAX) return count;
  throw usageError({
    code: 'seeds',
    where: '--seeds',
    expected: `a number of seeds from 1 to ${SEED_COUNT_MAX}`,
    got: `"${seeds}"`,
    hint: `Leave it out for ${SEED_COUNT}.`,
  });
}

/** Writes PNG, SVG, CSV and JSON; each file is there whole or not at all. */
async function writeFigure(figure: FigureData, folder: string): Promise<string[]> {
  const { figurePng, figureSvg } = await import('../../results/charts/figure-picture.js');
  const contents: [string, Uint8Array | string][] = [
    [`${figure.id}.png`, figurePng(figure)],
    [`${figure.id}.svg`, figureSvg(figure)],
    [`${figure.id}.csv`, figureCsv(figure)],
    [`${figure.id}.json`, `${JSON.stringify(figure, null, 2)}\n`],
  ];
  return contents.map(([name, content]) => {
    const path = join(folder, name);
    const part = `${path}.part`;
    try {
      writeFileSynced(part, content);
      renameSync(part, path);
    } finally {
      rmSync(part, { force: true });
    }
    return path;
  });
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
