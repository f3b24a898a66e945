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

test.each([
  ['one two three', 7, 'one two\nthree'],
  ['one two three', 80, 'one two three'],
  ['incomprehensibility is long', 5, 'incomprehensibility\nis\nlong'],
  ['', 5, ''],
])('"%s" in %i columns', (text, columns, wrapped) => {
  expect(wrapText(text, columns)).toBe(wrapped);
});
