import { expect, test } from 'vitest';
import { renderColumns, wrap } from './columns.js';

test('columns are aligned and end without spaces', () => {
  expect(
    renderColumns(
      [
        ['a', 'one'],
        ['long', ''],
      ],
      { columns: 80 },
    ),
  ).toBe('a     one\nlong');
});

test('the last column wraps under itself', () => {
  const text = renderColumns([['key', 'some words that do not fit beside it']], { columns: 30 });
  expect(text).toBe('key  some words that do not\n     fit beside it');
});

test.each([
  ['', 10, ['']],
  ['one two', 3, ['one', 'two']],
  ['unbreakable', 4, ['unbreakable']],
  ['a b c', 80, ['a b c']],
])('wrap(%j, %i)', (text, columns, lines) => {
  expect(wrap(text, columns)).toEqual(lines);
});

test('no rows are no text', () => {
  expect(renderColumns([], { columns: 80 })).toBe('');
});
