import { describe, expect, test } from 'vitest';
import { bisection } from './bisection.js';
import { mlrsearch } from './mlrsearch.js';
import { RFC2544_GOAL, searchGoal } from './search-goal.js';
import type { Measure, MeasuredTrial } from './trial.js';

const GOAL = searchGoal({ name: 'throughput', ...RFC2544_GOAL });
const RANGE = { minLoad: 1e4, maxLoad: 1e8 };
const METHODS = {
  mlrsearch: (options: Options) => mlrsearch({ ...RANGE, warmupSeconds: 0, goals: [GOAL], ...options }),
  bisection: (options: Options) => bisection({ ...RANGE, goal: GOAL, ...options }),
};
interface Options {
  measure: Measure;
  trialsMax?: number;
  invalidTrialsMax?: number;
  warmupSeconds?: number;
  signal?: AbortSignal;
}

const forwarded = (load: number): MeasuredTrial => ({ lossRatio: Math.max(0, 1 - 3e6 / load) });

describe.each(Object.entries(METHODS))('%s', (_, search) => {
  test('an invalid trial is repeated, kept and counts for nothing', async () => {
    const clean = await search({ measure: async (load) => forwarded(load) });
    const disturbed = await search({
      measure: async (load, _seconds, trialNumber) =>
        trialNumber % 3 === 1 ? { invalid: 'the generator was late' } : forwarded(load),
    });
    expect(disturbed.goals).toEqual(clean.goals);
    const valid = disturbed.trials.filter(({ use }) => use === 'search');
    expect(valid.map(({ load }) => load)).toEqual(clean.trials.map(({ load }) => load));
    expect(disturbed.trials.length).toBeGreaterThan(clean.trials.length);
  });

  test('too many invalid trials of one load end the search, and say nothing of the target', async () => {
    const outcome = await search({
      measure: async (load) => (load === 1e8 ? { invalid: 'only 60% could be offered' } : forwarded(load)),
    });
    expect(outcome.stopped).toEqual({
      reason: 'invalid-trials',
      load: 1e8,
      message:
        '3 trials at a load of 100000000 were invalid, which says nothing of the target; the last one: only 60% could be offered',
      hint: 'Search below this load if it could not be offered; otherwise remove the reason.',
    });
    expect(outcome.trials.map(({ use }) => use)).toEqual(['invalid', 'invalid', 'invalid']);
    expect(outcome.goals).toEqual([
      {
        goal: 'throughput',
        status: 'unfinished',
        explanation: 'The search ended before throughput was bracketed as narrowly as asked for.',
      },
    ]);
  });

  test('what was found before an invalid load is reported', async () => {
    const outcome = await search({
      invalidTrialsMax: 1,
      measure: async (load, _seconds, trialNumber) =>
        trialNumber === 4 ? { invalid: 'why not' } : forwarded(load),
    });
    expect(outcome.stopped?.reason).toBe('invalid-trials');
    expect(outcome.trials).toHaveLength(5);
    const [result] = outcome.goals;
    expect(result?.status).toBe('unfinished');
    expect(result?.lowerBound).toBeLessThan(3e6);
    expect(result?.upperBound).toBeGreaterThan(3e6);
  });

  test('no more trials than allowed', async () => {
    const outcome = await search({ trialsMax: 4, measure: async (load) => forwarded(load) });
    expect(outcome.trials).toHaveLength(4);
    expect(outcome.stopped?.reason).toBe('trials-max');
    expect(outcome.goals[0]?.status).toBe('unfinished');
  });

  test('an interruption ends it, also one that spoilt its trial', async () => {
    const controller = new AbortController();
    const outcome = await search({
      signal: controller.signal,
      invalidTrialsMax: 1,
      measure: async (load, _seconds, trialNumber) => {
        if (trialNumber < 2) return forwarded(load);
        controller.abort();
        return { invalid: 'interrupted' };
      },
    });
    expect(outcome.stopped?.reason).toBe('interrupted');
    expect(outcome.trials.map(({ use }) => use)).toEqual(['search', 'search', 'invalid']);
  });

  test('interrupted before it began: no trial, not even the warm-up', async () => {
    const outcome = await search({
      warmupSeconds: 1,
      signal: AbortSignal.abort(),
      measure: async () => expect.unreachable(),
    });
    expect(outcome.trials).toEqual([]);
    expect(outcome.stopped?.reason).toBe('interrupted');
  });

  test.each([
    ['lossy', { lossRatio: 1 }],
    ['invalid', { invalid: 'cold' }],
  ])('the warm-up is discarded, though it was %s', async (_, first) => {
    const clean = await search({ measure: async (load) => forwarded(load) });
    const warmed = await search({
      warmupSeconds: 0.5,
      measure: async (load, _seconds, trialNumber) => (trialNumber === 0 ? first : forwarded(load)),
    });
    expect(warmed.trials[0]).toEqual({
      trialNumber: 0,
      load: 1e8,
      durationSeconds: 0.5,
      use: 'warm-up',
      result: first,
    });
    expect(warmed.goals).toEqual(clean.goals);
    expect(warmed.trials.slice(1).map(({ load }) => load)).toEqual(clean.trials.map(({ load }) => load));
  });

  test('a shorter effective duration is not taken for failure', async () => {
    const outcome = await search({
      measure: async (load) => ({ ...forwarded(load), effectiveSeconds: 59.999 }),
    });
    expect(outcome.goals[0]?.status).toBe('regular');
  });

  test("what measure throws is the caller's", async () => {
    await expect(search({ measure: () => Promise.reject(new Error('cable cut')) })).rejects.toThrow(
      'cable cut',
    );
  });

  test.each([-0.1, 1.1, Number.NaN])('a loss ratio of %d is an error of the program', async (lossRatio) => {
    await expect(search({ measure: async () => ({ lossRatio }) })).rejects.toThrow(/a loss ratio is 0 to 1/);
  });
});
