import { expect, test } from 'vitest';
import { exampleMeasured, exampleResult } from '../../results/fixture.js';
import { renderFaults } from './faults-text.js';

test('what tells runs apart stands at the head, and what limits the figures below them, in 80 columns', () => {
  const example = exampleResult();
  const measured = exampleMeasured();
  const denied = {
    ...measured.packets,
    dropped: { total: 9_000, atCards: 9_000, byReason: { aclDenied: 9_000 } },
  };
  const run = {
    ...exampleResult({ kind: 'faults', input: { ...example.input, replication: false } }),
    measured: { ...measured, packets: denied },
  };
  const lines = renderFaults({ kind: 'faults', scenario: 'card1-down', runs: [run] }).split('\n');
  expect(lines.slice(0, 2)).toEqual([
    'faults card1-down, 3.00 Mcps, virtual',
    'card://pair, 78 W, 2.00 s, profile cps, acl table4, replication off',
  ]);
  expect(lines.join(' ')).toMatch(/access control lists denied .* of the packets sent/);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});
