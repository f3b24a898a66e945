import { describe, expect, test } from 'vitest';
import { newRunId, runStartMs } from './run-id.js';

const measuredHash = `3f9a1c${'0'.repeat(58)}`;

test('an id holds the time, the command and the start of the hash', () => {
  const id = newRunId({ stamp: '20261122T213000Z', kind: 'cps', measuredHash });
  expect(id).toBe('20261122T213000Z-cps-3f9a1c');
  expect(new Date(runStartMs(id)).toISOString()).toBe('2026-11-22T21:30:00.000Z');
});

describe('what no id is made of', () => {
  const cases = [
    { stamp: '2026-11-22T21:30:00Z', kind: 'cps', measuredHash },
    { stamp: '20261122T213000Z', kind: '../cps', measuredHash },
    { stamp: '20261122T213000Z', kind: 'cps', measuredHash: '3f9a1c' },
  ];
  test.each(cases)('$stamp $kind', (parts) => {
    expect(() => newRunId(parts)).toThrow();
  });
  test('an id without a time has no start', () => {
    expect(() => runStartMs('latest')).toThrow('latest');
  });
});
