import { describe, expect, test } from 'vitest';
import type { ReadableRun, RunSummary } from '../results/store.js';
import { renderRunList } from './run-list.js';

const RUN: ReadableRun = {
  state: 'ok',
  id: '20261122T213000Z-cps-3f9a1c',
  kind: 'cps',
  verdict: 'valid',
  interrupted: false,
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
  { ...RUN, verdict: 'invalid', interrupted: true, clock: 'wall', offered: 999.9e3, lossRatio: 0.999 },
  { ...LOOPBACK, interrupted: true },
  BROKEN,
];
const inFolder = (columns: number) => ({ folder: 'results/runs', columns });

describe('the list of runs', () => {
  test('at 80 columns a run takes two lines, and none is wider', () => {
    const lines = renderRunList(RUNS, inFolder(80)).split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines.slice(0, 8)).toEqual([
      'ID                           VERDICT',
      '  TARGET       POWER  CLOCK    OFFERED    ACHIEVED   LOST     P99',
      '20261122T213000Z-cps-3f9a1c  valid',
      '  card://pair  78 W   virtual  3.00 Mcps  3.00 Mcps  1.19e-5  716 us',
      '20261122T213000Z-cps-3f9a1c  invalid, interrupted',
      '  card://pair  78 W   wall     1.00 Mcps  3.00 Mcps  99.9%    716 us',
      '20261122T213000Z-cps-3f9a1c  valid, interrupted',
      '  loopback://  -      virtual  3.00 Mcps  3.00 Mcps  1.19e-5  -',
    ]);
  });

  test('where there is room a run takes one line', () => {
    const lines = renderRunList(RUNS.slice(0, 3), inFolder(120)).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^ID +VERDICT +TARGET +POWER +CLOCK +OFFERED +ACHIEVED +LOST +P99$/);
    expect(lines[3]).toMatch(/valid, interrupted +loopback:\/\/ +- +virtual/);
  });

  test.each([80, 120])('a run that cannot be read tells why, within %i columns', (columns) => {
    const lines = renderRunList([BROKEN, RUN], inFolder(columns)).split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    const text = lines.map((line) => line.trim()).join(' ');
    expect(text).toContain(`${BROKEN.id}  broken ${BROKEN.problem.trim()}`);
  });

  test('where one played a scenario, its name stands beside the id, and still fits', () => {
    const played = { ...RUN, scenario: 'both-heartbeat-paths-down' };
    const lines = renderRunList([RUN, played], inFolder(80)).split('\n');
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(lines[0]).toBe('ID                           VERDICT  SCENARIO');
    expect(lines[2]).toMatch(/cps-3f9a1c +valid +-$/);
    expect(lines[4]).toMatch(/cps-3f9a1c +valid +both-heartbeat-paths-down$/);
  });

  test('a long target has a line of its own where there is no room beside it', () => {
    const long = { ...RUN, target: 'card://appliance?cards=12', latencyNsP99: 20e6 };
    const lines = renderRunList([long], inFolder(80)).split('\n');
    expect(lines).toEqual([
      'ID                           VERDICT',
      '  TARGET',
      '  POWER  CLOCK    OFFERED    ACHIEVED   LOST     P99',
      '20261122T213000Z-cps-3f9a1c  valid',
      '  card://appliance?cards=12',
      '  78 W   virtual  3.00 Mcps  3.00 Mcps  1.19e-5  20.0 ms',
    ]);
  });

  test('no runs are told in words', () => {
    expect(renderRunList([], inFolder(80))).toContain('no runs in results/runs');
  });
});
