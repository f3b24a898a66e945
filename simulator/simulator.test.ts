import { describe, expect, test } from 'vitest';
import { loadDataPlane } from '../core/dataplane-module.js';
import { drawCase } from './case.js';
import { DATA_PLANE_MUTANTS, type DataPlaneMutant, FABRIC_MUTANTS } from './mutants.js';
import { huntDataPlane, huntFabric } from './mutation.js';
import { describeFailure, runSeed } from './seed.js';

const load = () => loadDataPlane();

test('seeds keep every promise', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const report = runSeed(seed, { load, shrinks: true });
    if (report.violations.length > 0) expect.fail(describeFailure(report));
  }
});

test("seeds keep them under the data plane's assertions", () => {
  for (let seed = 41; seed <= 46; seed++) {
    const report = runSeed(seed, { load: () => loadDataPlane({ build: 'debug' }), shrinks: true });
    if (report.violations.length > 0) expect.fail(describeFailure(report));
  }
});

test('a seed always plays the same', () => {
  expect(runSeed(7, { load })).toEqual(runSeed(7, { load }));
  expect(drawCase(7)).toEqual(drawCase(7));
  expect(drawCase(8).flows).not.toEqual(drawCase(7).flows);
});

test('the log of a seed has every event, of whatever kind, in order of time', () => {
  const kinds = new Set<string>();
  for (let seed = 1; seed <= 12; seed++) {
    const { events } = drawCase(seed);
    const notes: string[] = [];
    runSeed(seed, { load, onNote: (note) => notes.push(note) });
    for (const [number, { action }] of events.entries()) {
      kinds.add(action.kind);
      expect(notes.filter((note) => note.includes(`: event ${number}, ${action.kind}`))).toHaveLength(1);
    }
    const times = notes.map((note) => Number.parseFloat(note));
    expect(times).toEqual([...times].sort((one, other) => one - other));
  }
  for (const kind of ['impair', 'calm', 'mute', 'unmute']) expect(kinds).toContain(kind);
});

describe('a bug that is planted is found', () => {
  test.each(FABRIC_MUTANTS)('$name', (mutant) => {
    expect(huntFabric(mutant, { firstSeed: 1, seedCount: 60 }).caught).toBeDefined();
  });

  test('and its schedule shrinks to what brings it about, with the command that replays it', () => {
    const mutant = FABRIC_MUTANTS.find(({ name }) => name === 'a new secondary gets no copies');
    const { caught } = huntFabric(mutant as (typeof FABRIC_MUTANTS)[0], { firstSeed: 1, seedCount: 60 });
    const { seed = 0 } = caught ?? {};
    const wrapFabric = mutant?.wrapFabric as (typeof FABRIC_MUTANTS)[0]['wrapFabric'];
    const report = runSeed(seed, { load, wrapFabric, shrinks: true });
    expect(report.kept.length).toBeLessThanOrEqual(report.events.length);
    expect(runSeed(seed, { load, wrapFabric, keep: report.kept }).violations.length).toBeGreaterThan(0);
    for (const number of report.kept) {
      const keep = report.kept.filter((other) => other !== number);
      expect(runSeed(seed, { load, wrapFabric, keep }).violations).toEqual([]);
    }
    const command = `npm run simulate -- --seed ${seed} --events ${report.kept.join(',')}`;
    expect(describeFailure(report)).toContain(command);
  });

  // One of the data plane's: each takes a compilation; `npm run simulate -- --mutants` has them all.
  test('in the data plane: a pong leaves the poison bit', () => {
    const mutant = DATA_PLANE_MUTANTS[0] as DataPlaneMutant;
    const { caught } = huntDataPlane(mutant, { firstSeed: 1, seedCount: 20 });
    expect(caught?.promises).toContain('poison');
  });
});
