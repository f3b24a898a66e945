import { expect, test } from 'vitest';
import { renderColumns } from './columns.js';

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

test('no rows are no text', () => {
  expect(renderColumns([], { columns: 80 })).toBe('');
});
