import CliTable from 'cli-table3';
import { wrap } from '../core/wrap.js';

/** The first cell is a label, the others are figures; the second figure may be a note. */
export type TableRow = [label: string, ...cells: string[]];

const NO_FRAME = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};
/** Labels of all tables end in one column, so that tables below each other line up. */
const LABEL_WIDTH = 24;
const NOTE_COLUMN = 2;

/** Lines of a table without a frame: labels and notes start at the left of their column, figures end at its right. */
export function renderTable(rows: TableRow[], { notes }: { notes: boolean }): string[] {
  const cellCount = Math.max(...rows.map((row) => row.length));
  const table = new CliTable({
    chars: NO_FRAME,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colAligns: Array.from({ length: cellCount }, (_, column) =>
      column === 0 || (notes && column === NOTE_COLUMN) ? 'left' : 'right',
    ),
  });
  for (const [label, ...cells] of rows) {
    const padding = Array<string>(cellCount - 1 - cells.length).fill('');
    table.push([label.padEnd(LABEL_WIDTH), ...cells, ...padding]);
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

/** Breaks text at spaces into lines of at most `columns` characters; a longer word stays whole. */
export function wrapText(text: string, columns: number): string {
  return wrap(text, columns).join('\n');
}
