import type { FigureData } from './figure-data.js';

const COLUMNS = [
  'figure',
  'panel',
  'mark',
  'series',
  'x',
  'x_unit',
  'y',
  'y_unit',
  'y_low',
  'y_high',
  'runs',
  'run_ids',
] as const;
const LINE_END = '\r\n';

type Row = Record<(typeof COLUMNS)[number], string | number>;

/**
 * A figure as CSV (RFC 4180), in base units, a row per point and a row per mark of the paper (`mark` is `paper`, and the
 * coordinate that the paper does not state is empty).
 */
export function figureCsv(figure: FigureData): string {
  const lines = rowsOf(figure).map((row) => COLUMNS.map((column) => quoted(row[column])).join(','));
  return [COLUMNS.join(','), ...lines, ''].join(LINE_END);
}

function rowsOf(figure: FigureData): Row[] {
  return figure.panels.flatMap(({ id, x, y, series, paperMarks }) => {
    const common = { figure: figure.id, panel: id, x_unit: x.unit, y_unit: y.unit };
    const points = series.flatMap(({ label, mark, points }) =>
      points.map((point) => ({
        ...common,
        mark,
        series: label,
        x: point.x,
        y: point.y,
        y_low: point.low,
        y_high: point.high,
        runs: point.runs.length,
        run_ids: point.runs.join(' '),
      })),
    );
    const marks = paperMarks.map((mark) => ({
      ...common,
      mark: 'paper',
      series: mark.label,
      x: mark.x ?? '',
      y: mark.y ?? '',
      y_low: '',
      y_high: '',
      runs: '',
      run_ids: '',
    }));
    return [...points, ...marks];
  });
}

function quoted(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
