import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { PAPER_NUMBERS } from '../../results/paper/reference.js';
import type { AclPolicy, AclRule } from '../../sirius-card/acl/rule.js';
import { countPolicies, countTable4, performTable4, renderTable4, table4Csv } from './table-4.js';

const folder = mkdtempSync(join(tmpdir(), 'sirius-table-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ranges = (count: number) =>
  Array.from({ length: count }, (_, place) => ({ first: place, last: place }));

function rule(sources: number, destinations: number, sourcePorts: number, destinationPorts: number): AclRule {
  return {
    priority: 10,
    action: 'allow',
    protocols: [],
    sources: ranges(sources),
    destinations: ranges(destinations),
    sourcePorts: ranges(sourcePorts),
    destinationPorts: ranges(destinationPorts),
  } as unknown as AclRule;
}

function policy(rules: AclRule[]): AclPolicy {
  return { levels: [{ name: 'subnet', rules, defaultAction: 'deny' }] };
}

describe('counting', () => {
  test('takes rules, and the conjuncts of each field of all rules', () => {
    const { rows } = countPolicies(1, [policy([rule(1, 2, 3, 4), rule(10, 20, 30, 40)])]);
    expect(rows.map(({ quantity, ours }) => [quantity, ours])).toEqual([
      ['rules', 2],
      ['source-addresses', 11],
      ['destination-addresses', 22],
      ['source-ports', 33],
      ['destination-ports', 44],
    ]);
  });

  test('tells the range over fNICs, and how far it is from the paper', () => {
    const table = countPolicies(1, [policy([rule(1, 1, 1, 1)]), policy([])]);
    expect(table.rows[0]).toMatchObject({ paper: 26, ours: 1, low: 0, high: 1 });
    const line = renderTable4(table).split('\n')[4];
    expect(line).toMatch(/^subnet +rules +26 +0 to 1 +-25$/);
  });

  test.each([1, 2, 7])('seed %i: every number of the paper has its count, on every fNIC', (seed) => {
    const { rows } = countTable4(seed);
    const stated = PAPER_NUMBERS.filter(({ experiment }) => experiment === 'table-4').map(({ id }) => id);
    expect(rows.map(({ paperId }) => paperId)).toEqual(stated);
    for (const { paper, ours, low, high } of rows) expect([ours, low, high]).toEqual([paper, paper, paper]);
  });
});

describe('the command', () => {
  test('writes nothing unasked', () => {
    const { report, text } = performTable4({ seed: '1' });
    expect(report.files).toEqual([]);
    expect(text).toMatch(/fnic +source addresses +5,102 +5,102 +equal/);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('writes a CSV, whole', () => {
    const out = join(folder, 'new');
    const { report, text } = performTable4({ seed: '3', out });
    expect(report.files).toEqual([join(out, 'table-4.csv')]);
    expect(readdirSync(out)).toEqual(['table-4.csv']);
    expect(text).toContain(join(out, 'table-4.csv'));
    const csv = readFileSync(join(out, 'table-4.csv'), 'utf8');
    expect(csv).toBe(table4Csv(countTable4(3)));
    expect(csv.split('\r\n')[2]).toBe('4,3,fnic,source-addresses,5102,5102,5102,5102');
    expect(csv.split('\r\n')).toHaveLength(1 + 15 + 1);
  });

  test('refuses a seed that is none before anything is written', () => {
    const out = join(folder, 'not-made');
    expect(() => performTable4({ seed: 'x', out })).toThrow(/--seed: expected a whole number/);
    expect(existsSync(out)).toBe(false);
  });
});
