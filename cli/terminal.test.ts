import { expect, test } from 'vitest';
import { tableColumns, terminalOf } from './terminal.js';

test.each([
  ['a terminal', { isTTY: true, columns: 100 }, {}, { isTerminal: true, columns: 100, color: true }],
  ['a pipe', {}, {}, { isTerminal: false, columns: 80, color: false }],
  [
    'NO_COLOR',
    { isTTY: true, columns: 80 },
    { NO_COLOR: '1' },
    { isTerminal: true, columns: 80, color: false },
  ],
  [
    'an empty NO_COLOR',
    { isTTY: true, columns: 80 },
    { NO_COLOR: '' },
    { isTerminal: true, columns: 80, color: true },
  ],
  [
    'a dumb terminal',
    { isTTY: true, columns: 80 },
    { TERM: 'dumb' },
    { isTerminal: true, columns: 80, color: false },
  ],
  ['a pipe with COLUMNS', {}, { COLUMNS: '100' }, { isTerminal: false, columns: 100, color: false }],
  ['a pipe with empty COLUMNS', {}, { COLUMNS: '' }, { isTerminal: false, columns: 80, color: false }],
  [
    'a terminal beside COLUMNS',
    { isTTY: true, columns: 90 },
    { COLUMNS: '100' },
    { isTerminal: true, columns: 90, color: true },
  ],
  ['a wide terminal', { isTTY: true, columns: 300 }, {}, { isTerminal: true, columns: 120, color: true }],
  ['a terminal of no width', { isTTY: true, columns: 0 }, {}, { isTerminal: true, columns: 80, color: true }],
])('%s', (_name, stream, environment, terminal) => {
  expect(terminalOf(stream, environment)).toEqual(terminal);
});

test('a table has all of a terminal, and no end where nobody watches', () => {
  expect(tableColumns({ isTTY: true, columns: 200 }, {})).toBe(200);
  expect(tableColumns({ isTTY: true, columns: 0 }, { COLUMNS: '300' })).toBe(300);
  expect(tableColumns({}, { COLUMNS: '80' })).toBe(Number.POSITIVE_INFINITY);
});
