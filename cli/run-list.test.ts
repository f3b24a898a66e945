import { describe, expect, test } from 'vitest';
import type { ReadableRun, RunSummary } from '../results/store.js';
import { renderRunList } from './run-list.js';

const RUN: ReadableRun = {
  state: 'ok',
  id: '20261122T213000Z-cps-3f9a1c',
  kind: 'cps',
  verdict: 'valid',
  interrupted: false,
  durationNs: 2e9,
  seed: 1,
  target: 'card://pair',
  powerWatts: 78,
  clock: 'virtual',
  provenance: 'virtual',
  offered: 3e6,
  achieved: 2.998e6,
  unit: 'cps',
  lossRatio: 1.19e-5,
  latencyNsP99: 716_290,
};
const { powerWatts: _watts, latencyNsP99: _p99, ...LOOPBACK } = { ...RUN, target: 'loopback://' };
const BROKEN: RunSummary = {
  state: 'broken',
  id: RUN.id,
  problem: 'result.json: expected JSON, got nothing '.repeat(4),
};
const RUNS: RunSummary[] = [
  RUN,
  { ...RUN, verdict: 'invalid', interrupted: true, clock: 'wall', offered: 999.9e3, durationNs: 500e6 },
  { ...LOOPBACK, interrupted: true, seed: 42, lossRatio: 0.999 },
  BROKEN,
];
const inFolder = (columns: number) => ({ folder: 'results/runs', columns });

describe('the list of runs', () => {
  test('at 80 columns a run takes one line, and none is wider', () => {
    const lines = renderRunList(RUNS, inFolder(80)).split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines.slice(0, 5)).toEqual([
      'ID                           POWER  DURATION  SEED  OFFERED    LOST     P99',
      '20261122T213000Z-cps-3f9a1c  78 W   2.00 s    1     3.00 Mcps  1.19e-5  716 us',
      '20261122T213000Z-cps-3f9a1c  78 W   500 ms*   1     1.00 Mcps  INVALID  716 us',
      '20261122T213000Z-cps-3f9a1c  -      2.00 s*   42    3.00 Mcps  99.9%    -',
      BROKEN.id,
    ]);
    expect(lines.slice(-2)).toEqual([
      '* interrupted: what was measured until then',
      'no room here for TARGET, CLOCK, ACHIEVED; --json has them',
    ]);
  });

  test('where there is room a run has all columns', () => {
    const lines = renderRunList([RUN, LOOPBACK], inFolder(120)).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^ID +TARGET +POWER +CLOCK +DURATION +SEED +OFFERED +ACHIEVED +LOST +P99$/);
    expect(lines[2]).toMatch(/cps-3f9a1c +loopback:\/\/ +- +virtual/);
  });

  test.each([80, 120])('a run that cannot be read tells why, within %i columns', (columns) => {
    const lines = renderRunList([BROKEN, RUN], inFolder(columns)).split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    const text = lines.map((line) => line.trim()).join(' ');
    expect(text).toContain(`${BROKEN.id} broken: ${BROKEN.problem.trim()}`);
  });

  test('a list of scenarios keeps their names, another one its figures', () => {
    const id = '20261122T213000Z-faults-3f9a1c';
    const played = { ...RUN, id, kind: 'faults', scenario: 'card1-link-down' };
    const [heads, only] = renderRunList([played], inFolder(80)).split('\n');
    expect(heads).toBe('ID                              SCENARIO         DURATION  SEED  LOST');
    expect(only).toMatch(/faults-3f9a1c +card1-link-down +2.00 s +1 +1.19e-5$/);
    const mixed = renderRunList([played, RUN], inFolder(80)).split('\n');
    expect(mixed[0]).toMatch(/^ID +DURATION +SEED +OFFERED +LOST +P99$/);
    for (const line of mixed) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test('on the narrowest terminal an id stays whole, beside duration, seed and loss', () => {
    const [heads, line] = renderRunList([RUN], inFolder(20)).split('\n');
    expect(heads).toMatch(/^ID +DURATION +SEED +LOST$/);
    expect(line).toContain(RUN.id);
  });

  test('no runs are told in words', () => {
    expect(renderRunList([], inFolder(80))).toContain('no runs in results/runs');
    expect(renderRunList([], { ...inFolder(80), kind: 'pps' })).toBe(
      'no runs of pps in results/runs; make one with `sirius-bench pps`',
    );
  });
});
