import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { newRunId, runStartMs } from './run-id.js';

const inputHash = '1'.repeat(64);
const measuredHash = `3f9a1c${'0'.repeat(58)}`;

test('an id holds the time, the command and the start of a hash over both hashes', () => {
  const id = newRunId({ stamp: '20261122T213000Z', kind: 'cps', inputHash, measuredHash });
  const end = createHash('sha256').update(inputHash).update(measuredHash).digest('hex');
  expect(id).toBe(`20261122T213000Z-cps-${end.slice(0, 6)}`);
  expect(new Date(runStartMs(id)).toISOString()).toBe('2026-11-22T21:30:00.000Z');
});

test('runs of one second with equal figures and other inputs have ids of their own', () => {
  const parts = { stamp: '20261122T213000Z', kind: 'cps', measuredHash };
  const ids = ['1', '2', '3'].map((digit) => newRunId({ ...parts, inputHash: digit.repeat(64) }));
  expect(new Set(ids).size).toBe(3);
});

describe('what no id is made of', () => {
  const cases = [
    { stamp: '2026-11-22T21:30:00Z', kind: 'cps', inputHash, measuredHash },
    { stamp: '20261122T213000Z', kind: '../cps', inputHash, measuredHash },
    { stamp: '20261122T213000Z', kind: 'cps', inputHash, measuredHash: '3f9a1c' },
    { stamp: '20261122T213000Z', kind: 'cps', inputHash: '1', measuredHash },
  ];
  test.each(cases)('$stamp $kind', (parts) => {
    expect(() => newRunId(parts)).toThrow();
  });
  test('an id without a time has no start', () => {
    expect(() => runStartMs('latest')).toThrow('latest');
  });
});
