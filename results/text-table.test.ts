import { expect, test } from 'vitest';
import { renderTable, type TableRow, wrapText } from './text-table.js';

const rows: TableRow[] = [['packets'], ['  sent', '12'], ['  lost', '1', 'of 12']];

test('figures end at the right, notes start at the left', () => {
  expect(renderTable([...rows, ['  due', '12', 'x']], { notes: true })).toEqual([
    'packets',
    '  sent                    12',
    '  lost                     1  of 12',
    '  due                     12  x',
  ]);
});

test('without notes every column but the labels ends at the right', () => {
  expect(renderTable([...rows, ['  due', '12', 'x']], { notes: false }).at(-1)).toBe(
    '  due                     12      x',
  );
});

test('text is wrapped into lines', () => {
  expect(wrapText('one two three', 7)).toBe('one two\nthree');
});
