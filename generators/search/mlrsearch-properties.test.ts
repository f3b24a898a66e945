import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../core/random.js';
import { estimateLoad } from './load-classification.js';
import { mlrsearch } from './mlrsearch.js';
import { RFC2544_GOAL, type SearchGoal, searchGoal } from './search-goal.js';
import type { SearchOutcome } from './search-outcome.js';
import { isInvalid, type Measure } from './trial.js';

// MLRsearch against targets whose truth is known.

/** A target that forwards exactly so much, and loses all that is more. */
const forwards =
  (limit: number): Measure =>
  async (load) => ({ lossRatio: Math.max(0, 1 - limit / load) });

/** A target that loses most of what it is offered as soon as it is overloaded. */
const collapses =
  (limit: number): Measure =>
  async (load) => ({ lossRatio: load <= limit ? 0 : 0.9 });

const lossRatio = fc.constantFrom(0, 1e-6, 0.001, 0.005, 0.05, 0.3);
const goal = fc
  .record({
    lossRatio,
    exceedRatio: fc.constantFrom(0, 0.005, 0.2, 0.5, 0.75),
    finalTrialSeconds: fc.constantFrom(0.1, 1, 5, 60),
    sum: fc.constantFrom(1, 2, 7, 21),
    initial: fc.constantFrom(1, 0.1, 0.02),
    relativeWidth: fc.constantFrom(0.002, 0.005, 0.01, 0.1),
    precedingTargets: fc.integer({ min: 1, max: 3 }),
    expansionCoefficient: fc.integer({ min: 2, max: 4 }),
  })
  .map(({ sum, initial, ...rest }) =>
    searchGoal({
      name: 'goal',
      ...rest,
      durationSumSeconds: rest.finalTrialSeconds * sum,
      initialTrialSeconds: rest.finalTrialSeconds * initial,
    }),
  );
const goals = fc
  .array(goal, { minLength: 1, maxLength: 3 })
  .map((list) => list.map((each, place): SearchGoal => ({ ...each, name: `goal ${place}` })));
const range = fc
  .tuple(fc.double({ min: 1, max: 1e6, noNaN: true }), fc.double({ min: 1.5, max: 1e5, noNaN: true }))
  .map(([minLoad, ratio]) => ({ minLoad, maxLoad: minLoad * ratio }));
/** Where between the limits of the loads, by the logarithm. */
const place = fc.double({ min: -0.05, max: 1.05, noNaN: true });
const PROPERTY = { numRuns: 100 };
/** Noise makes for hundreds of trials. */
const NOISY_PROPERTY = { numRuns: 40 };

describe('without noise', () => {
  test('the interval holds the truth and is no wider than its goal', async () => {
    await fc.assert(
      fc.asyncProperty(goals, range, place, fc.boolean(), async (goals, range, place, isSharp) => {
        const limit = range.minLoad * (range.maxLoad / range.minLoad) ** place;
        const outcome = await mlrsearch({
          goals,
          ...range,
          measure: isSharp ? collapses(limit) : forwards(limit),
        });
        expect(outcome.stopped).toBeUndefined();
        outcome.goals.forEach((result, number) => {
          const wanted = goals[number] as SearchGoal;
          const truth = isSharp ? limit : limit / (1 - wanted.lossRatio);
          expectBracket(result, { truth, range, relativeWidth: wanted.relativeWidth });
        });
        expectSane(outcome, range);
      }),
      PROPERTY,
    );
  });

  test('integer loads stay integers, and intervals are wider by one at most', async () => {
    const integers = fc
      .tuple(fc.integer({ min: 500, max: 5000 }), fc.integer({ min: 10_000, max: 64_000_000 }))
      .map(([minLoad, maxLoad]) => ({ minLoad, maxLoad }));
    await fc.assert(
      fc.asyncProperty(integers, place, async (range, place) => {
        const limit = range.minLoad * (range.maxLoad / range.minLoad) ** place;
        const only = searchGoal({ name: 'flows', ...RFC2544_GOAL });
        const outcome = await mlrsearch({
          goals: [only],
          ...range,
          integerLoads: true,
          measure: forwards(limit),
        });
        expect(outcome.trials.every(({ load }) => Number.isInteger(load))).toBe(true);
        const [result] = outcome.goals;
        const slack = 1 / (result?.upperBound ?? 1);
        expectBracket(result, { truth: limit, range, relativeWidth: 0.005 + slack });
      }),
      PROPERTY,
    );
  });
});

describe('with noise', () => {
  test('bounds are what the kept trials say', async () => {
    const noise = fc.record({ seed: fc.nat(), chance: fc.double({ min: 0, max: 0.7, noNaN: true }) });
    await fc.assert(
      fc.asyncProperty(goals, range, place, noise, async (goals, range, place, { seed, chance }) => {
        const random = new Random(seed);
        const limit = range.minLoad * (range.maxLoad / range.minLoad) ** place;
        const outcome = await mlrsearch({
          goals,
          ...range,
          measure: async (load) => ({
            lossRatio: Math.max(
              1 - limit / load,
              random.below(1000) < chance * 1000 ? random.below(100) / 1000 : 0,
            ),
            effectiveSeconds: 0.05 + random.below(2000) / 1000,
          }),
        });
        expectSane(outcome, range);
        outcome.goals.forEach((result, number) => {
          const wanted = goals[number] as SearchGoal;
          const { lower, upper } = boundsOfTrials(outcome, wanted);
          expect(result.lowerBound).toBe(lower);
          expect(result.upperBound).toBe(upper);
          if (outcome.stopped === undefined) expect(result.status).not.toBe('unfinished');
          if (result.status === 'regular')
            expect(result.relativeWidth).toBeLessThanOrEqual(wanted.relativeWidth);
          if (lower !== undefined && upper !== undefined) expect(lower).toBeLessThan(upper);
          if (lower !== undefined && wanted.lossRatio === 0) {
            expect(result.conditionalThroughput).toBe(lower);
          }
        });
      }),
      NOISY_PROPERTY,
    );
  });
});

interface Bracket {
  truth: number;
  range: { minLoad: number; maxLoad: number };
  relativeWidth: number;
}

function expectBracket(
  result: SearchOutcome['goals'][number] | undefined,
  { truth, range, relativeWidth }: Bracket,
): void {
  // The greatest load that passes is the truth itself, give or take the last bits of its loss ratio.
  const { minLoad, maxLoad } = range;
  const expected = truth >= maxLoad ? 'no-upper-bound' : truth < minLoad ? 'no-lower-bound' : 'regular';
  expect(result?.status).toBe(expected);
  if (expected === 'no-upper-bound') expect(result).toMatchObject({ lowerBound: maxLoad });
  if (expected === 'no-lower-bound') expect(result).toMatchObject({ upperBound: minLoad });
  if (expected !== 'regular') return;
  expect(result?.lowerBound).toBeLessThanOrEqual(truth * (1 + 1e-12));
  expect(result?.upperBound).toBeGreaterThan(truth * (1 - 1e-12));
  expect(result?.relativeWidth).toBeLessThanOrEqual(relativeWidth);
}

function expectSane(outcome: SearchOutcome, { minLoad, maxLoad }: Bracket['range']): void {
  expect(outcome.trials.map(({ trialNumber }) => trialNumber)).toEqual(
    outcome.trials.map((_, index) => index),
  );
  expect(outcome.trials.every(({ load }) => load >= minLoad && load <= maxLoad)).toBe(true);
  expect(outcome.trials[0]).toMatchObject({ load: maxLoad, use: 'warm-up' });
  expect(outcome.trials.slice(1).every(({ use }) => use === 'search')).toBe(true);
}

/** The relevant bounds, worked out once more from nothing but the trials. */
function boundsOfTrials(
  outcome: SearchOutcome,
  wanted: SearchGoal,
): { lower: number | undefined; upper: number | undefined } {
  const trials = outcome.trials.filter(({ use }) => use === 'search');
  const classified = [...new Set(trials.map(({ load }) => load))].map((load) => {
    const sum = (isLong: boolean, isHigh: boolean): number =>
      trials
        .filter(
          (trial) => trial.load === load && trial.durationSeconds >= wanted.finalTrialSeconds === isLong,
        )
        .map(({ result }) => (isInvalid(result) ? expect.unreachable() : result))
        .filter((result) => result.lossRatio > wanted.lossRatio === isHigh)
        .reduce((total, { effectiveSeconds = 0 }) => total + effectiveSeconds, 0);
    const { classification } = estimateLoad(
      {
        fullLengthLowLossSeconds: sum(true, false),
        fullLengthHighLossSeconds: sum(true, true),
        shortLowLossSeconds: sum(false, false),
        shortHighLossSeconds: sum(false, true),
      },
      wanted,
    );
    return { load, classification };
  });
  const loadsOf = (kind: string): number[] =>
    classified.filter(({ classification }) => classification === kind).map(({ load }) => load);
  const upper = loadsOf('upper-bound').sort((a, b) => a - b)[0];
  const lower = loadsOf('lower-bound')
    .filter((load) => load < (upper ?? Number.POSITIVE_INFINITY))
    .sort((a, b) => b - a)[0];
  return { lower, upper };
}
