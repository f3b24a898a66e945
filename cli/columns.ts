import { wrap } from '../core/wrap.js';

export { wrap };

/** Text in aligned columns, two spaces apart; the last column wraps at `columns` under itself. */
export function renderColumns(
  rows: readonly (readonly string[])[],
  { columns }: { columns: number },
): string {
  const columnCount = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columnCount }, (_, index) =>
    Math.max(...rows.map((row) => (row[index] ?? '').length)),
  );
  const indent = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0);
  const lastColumns = Math.max(LAST_COLUMNS_MIN, columns - indent);
  return rows
    .map((row) => {
      const cells = row.slice(0, columnCount - 1).map((cell, index) => cell.padEnd(widths[index] ?? 0));
      const last = wrap(row[columnCount - 1] ?? '', lastColumns).join(`\n${' '.repeat(indent)}`);
      return [...cells, last].join(GAP).trimEnd();
    })
    .join('\n');
}

const GAP = '  ';
const LAST_COLUMNS_MIN = 24;
