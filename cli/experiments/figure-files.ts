import { figureCsv } from '../../results/figures/figure-csv.js';
import type { FigureData } from '../../results/figures/figure-data.js';
import { writeFiles } from './written-files.js';

/** Writes a figure as PNG, SVG, CSV and JSON into a folder that is there, and gives the paths. */
export async function writeFigure(figure: FigureData, folder: string): Promise<string[]> {
  const { figurePng, figureSvg } = await import('../../results/charts/figure-picture.js');
  return writeFiles(
    folder,
    new Map<string, Uint8Array | string>([
      [`${figure.id}.png`, figurePng(figure)],
      [`${figure.id}.svg`, figureSvg(figure)],
      [`${figure.id}.csv`, figureCsv(figure)],
      [`${figure.id}.json`, `${JSON.stringify(figure, null, 2)}\n`],
    ]),
  );
}
