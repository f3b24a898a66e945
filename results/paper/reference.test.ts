import { describe, expect, test } from 'vitest';
import { cell, type PaperNumber, tableNumbers } from './paper-number.js';
import { PAPER_NUMBERS, paperNumber } from './reference.js';

describe("the paper's numbers", () => {
  test('each has a name of its own, a value, a unit, a place and words', () => {
    expect(new Set(PAPER_NUMBERS.map(({ id }) => id)).size).toBe(PAPER_NUMBERS.length);
    const wrong = PAPER_NUMBERS.filter(
      ({ id, quantity, stated, unit, where, quote }) =>
        !/^[a-z0-9-]+$/.test(id) ||
        [quantity, unit, quote].some((text) => text.trim() === '') ||
        !/^(section \d(\.\d)*|Table \d|Figure \d+|footnote \d+|appendix [A-C](\.\d)?)$/.test(where) ||
        !Number.isFinite(stated.value) ||
        (stated.bound === 'between') !== (stated.high !== undefined) ||
        (stated.high !== undefined && stated.high <= stated.value),
    );
    expect(wrong).toEqual([]);
  });

  test('quotes are few words', () => {
    expect(PAPER_NUMBERS.filter(({ quote }) => quote.split(' ').length > 12)).toEqual([]);
  });

  // Sums of the paper itself, which a slip of a digit would break.
  test.each([
    ['footnote 10', () => 1e9 / (value('connection-packets') * value('packet-bytes') * 8), 'cps-per-gbps'],
    ['footnote 6', () => value('port-rate') / 8 / wireBytes(), 'offered-pps'],
    ['section 6.3', () => value('fault-cps') * value('fault-duration'), 'fault-connections'],
    ['section 6.3', () => value('fault-connections') * value('connection-packets'), 'fault-packets'],
    ['section 3.2', () => value('stream-flows') / value('stream-cps'), 'stream-lifetime'],
    ['section 3.3.2', costVms, 'appliance-vms'],
    ['section 6.2', () => 1 - value('power-lowest') / 78, 'power-saved'],
  ] as const)('%s: the sum gives %3$s', (_where, sum, id) => {
    expect(Math.abs(sum() / value(id) - 1)).toBeLessThan(0.02);
  });

  test('Table 4 adds up to what a card carries', () => {
    const rules = PAPER_NUMBERS.filter(({ id }) => /^acl-.*-rules$/.test(id));
    expect(rules.map(({ stated }) => stated.value)).toEqual([202, 26, 8]);
    expect(PAPER_NUMBERS.filter(({ where }) => where === 'Table 4')).toHaveLength(15);
    expect(PAPER_NUMBERS.filter(({ where }) => where === 'Table 6')).toHaveLength(12);
    expect(PAPER_NUMBERS.filter(({ where }) => where === 'Table 7')).toHaveLength(21);
  });

  test('an unknown name is a slip of ours', () => {
    expect(() => paperNumber('card-ppps')).toThrow('card-ppps');
  });
});

describe('a table as numbers', () => {
  const table = { prefix: 'a', where: 'Table 6', experiment: 'failover' } as const;

  test('takes the unit from the row or the column and scales without binary dust', () => {
    const numbers = tableNumbers({
      ...table,
      columns: [{ key: 'b', name: 'b', unit: 'bps', scale: 1e12 }],
      rows: [{ key: 'c', name: 'c', cells: [cell('0.4')] }],
    });
    expect(numbers).toEqual<PaperNumber[]>([
      {
        id: 'a-c-b',
        quantity: 'c, b',
        stated: { bound: 'exactly', value: 400_000_000_000 },
        unit: 'bps',
        where: 'Table 6',
        quote: '0.4',
        experiment: 'failover',
      },
    ]);
    expect(value('fault-tor-down-dropped-at-cards')).toBe(2.27e-7);
  });

  test('a row longer than the heading is refused', () => {
    const rows = [{ key: 'c', name: 'c', cells: [cell('1')] }];
    expect(() => tableNumbers({ ...table, columns: [], rows })).toThrow('every cell stands in a column');
  });
});

function value(id: string): number {
  return paperNumber(id).stated.value;
}

function wireBytes(): number {
  return value('packet-bytes') + value('interframe-gap') + value('preamble');
}

function costVms(): number {
  return (value('appliance-cards') * value('card-cps-cost')) / 2 / value('vm-cps-mean');
}
