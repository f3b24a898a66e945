import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bisection } from './bisection.js';
import { RFC2544_GOAL, searchGoal } from './search-goal.js';
import type { MeasuredTrial } from './trial.js';

const GOAL = searchGoal({ name: 'throughput', ...RFC2544_GOAL, relativeWidth: 0.1 });

describe('bisection', () => {
  test('greatest load, least load, means', async () => {
    const outcome = await bisection({
      goal: GOAL,
      minLoad: 1,
      maxLoad: 9,
      measure: async (load) => ({ lossRatio: load > 5.9 ? 0.2 : 0 }),
    });
    expect(outcome.trials.map(({ load }) => load)).toEqual([9, 1, 5, 7, 6, 5.5]);
    expect(outcome.trials.every(({ durationSeconds }) => durationSeconds === 60)).toBe(true);
    expect(outcome).toMatchObject({
      method: 'bisection',
      goals: [{ status: 'regular', lowerBound: 5.5, upperBound: 6, conditionalThroughput: 5.5 }],
    });
  });

  test('the interval holds the truth and is no wider than its goal, or integers are neighbours', async () => {
    const width = fc.constantFrom(1e-6, 0.001, 0.005, 0.1);
    const limits = fc.tuple(fc.integer({ min: 1, max: 1e4 }), fc.integer({ min: 20_000, max: 1e8 }));
    const place = fc.double({ min: 0, max: 0.999, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        limits,
        place,
        width,
        fc.boolean(),
        async (range, place, relativeWidth, integerLoads) => {
          const [minLoad, maxLoad] = range;
          const truth = minLoad + (maxLoad - minLoad) * place;
          const outcome = await bisection({
            goal: { ...GOAL, relativeWidth },
            minLoad,
            maxLoad,
            integerLoads,
            measure: async (load) => ({ lossRatio: load > truth ? 0.01 : 0 }),
          });
          const [{ status, lowerBound = 0, upperBound = 0 }] = outcome.goals as [(typeof outcome.goals)[0]];
          expect(status).toBe('regular');
          expect(lowerBound).toBeLessThanOrEqual(truth);
          expect(upperBound).toBeGreaterThan(truth);
          const isNeighbour = integerLoads && upperBound - lowerBound === 1;
          expect(isNeighbour || upperBound - lowerBound <= relativeWidth * upperBound).toBe(true);
          if (integerLoads) expect(outcome.trials.every(({ load }) => Number.isInteger(load))).toBe(true);
        },
      ),
    );
  });

  test('a loss ratio and a latency as the goal; what it forwards is less its loss', async () => {
    interface Timed extends MeasuredTrial {
      p99Us: number;
    }
    const outcome = await bisection<Timed>({
      goal: searchGoal<Timed>({ ...GOAL, lossRatio: 0.01, passes: ({ p99Us }) => p99Us < 1000 }),
      minLoad: 1,
      maxLoad: 1000,
      measure: async (load) => ({ lossRatio: 0.005, p99Us: load * 2 }),
    });
    expect(outcome.goals[0]?.lowerBound).toBeLessThan(500);
    expect(outcome.goals[0]?.upperBound).toBeGreaterThanOrEqual(500);
    expect(outcome.goals[0]?.conditionalThroughput).toBeCloseTo(
      (outcome.goals[0]?.lowerBound ?? 0) * 0.995,
      9,
    );
  });

  test.each([
    ['never loses', 0, 1, 'no-upper-bound'],
    ['always loses', 0.5, 2, 'no-lower-bound'],
  ])('a target that %s', async (_, lossRatio, trialCount, status) => {
    const outcome = await bisection({
      goal: GOAL,
      minLoad: 1,
      maxLoad: 9,
      measure: async () => ({ lossRatio }),
    });
    expect(outcome.trials).toHaveLength(trialCount);
    expect(outcome.goals[0]?.status).toBe(status);
  });

  test('a target that fails in a band: a bracket of one of its edges', async () => {
    const fails = (load: number): boolean => (load > 30 && load < 40) || load > 70;
    const outcome = await bisection({
      goal: GOAL,
      minLoad: 1,
      maxLoad: 100,
      measure: async (load) => ({ lossRatio: fails(load) ? 1 : 0 }),
    });
    const [{ status, lowerBound = 0, upperBound = 0 }] = outcome.goals as [(typeof outcome.goals)[0]];
    expect([status, fails(lowerBound), fails(upperBound)]).toEqual(['regular', false, true]);
  });

  test('wrong limits are refused', async () => {
    await expect(
      bisection({ goal: GOAL, minLoad: 5, maxLoad: 5, measure: async () => ({ lossRatio: 0 }) }),
    ).rejects.toThrow(/least load above 0/);
  });
});
