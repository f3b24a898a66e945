import { describe, expect, test } from 'vitest';
import { Random } from '../../core/random.js';
import { bisection } from './bisection.js';
import { type MlrsearchOptions, mlrsearch } from './mlrsearch.js';
import { CSIT_GOAL, RFC2544_GOAL, searchGoal, TST009_GOAL } from './search-goal.js';
import type { SearchOutcome } from './search-outcome.js';
import type { Measure, MeasuredTrial } from './trial.js';

/** A target that forwards exactly so much, and loses all that is more. */
const forwards =
  (limit: number): Measure =>
  async (load) => ({ lossRatio: Math.max(0, 1 - limit / load) });

/** A target that loses most of what it is offered as soon as it is overloaded. */
const collapses =
  (limit: number): Measure =>
  async (load) => ({ lossRatio: load <= limit ? 0 : 0.9 });

const THROUGHPUT = searchGoal({ name: 'throughput', ...RFC2544_GOAL, initialTrialSeconds: 1 });
const WIDE = { minLoad: 1e4, maxLoad: 1e8, warmupSeconds: 0 };

describe('trial by trial as the library of FD.io CSIT (MLRsearch 1.2.1)', () => {
  test('the example of its PyPI README: NDR and PDR of a target that forwards 1 Mpps', async () => {
    const common = { ...CSIT_GOAL, exceedRatio: 0.005 };
    const outcome = await mlrsearch({
      goals: [
        searchGoal({ name: 'NDR', ...common }),
        searchGoal({ name: 'PDR', ...common, lossRatio: 0.005 }),
      ],
      minLoad: 1e3,
      maxLoad: 1e9,
      warmupSeconds: 0,
      measure: async (load, durationSeconds) => {
        const sent = Math.floor(load * durationSeconds);
        return { lossRatio: (sent - Math.min(sent, 1e6)) / sent };
      },
    });
    expect(outcome.goals.map(({ status }) => status)).toEqual(['regular', 'regular']);
    expect(outcome.goals[0]?.lowerBound).toBeCloseTo(997497.6029392382, 5);
    expect(outcome.goals[0]?.conditionalThroughput).toBeCloseTo(997497.6029392382, 5);
    expect(outcome.goals[1]?.lowerBound).toBeCloseTo(1002508.6747611101, 5);
    expect(outcome.goals[1]?.conditionalThroughput).toBeCloseTo(1000000.6730730429, 5);
    expect(runsOf(outcome)).toEqual([
      '1 x 1 s at 1000000000',
      '1 x 1 s at 997497.6',
      '1 x 1 s at 1017693.4',
      '1 x 1 s at 1007544.9',
      '4 x 1 s at 997497.6',
      '1 x 1 s at 1002508.7',
      '16 x 1 s at 997497.6',
      '20 x 1 s at 1002508.7',
    ]);
  });

  test.each([
    [
      'a target that forwards 3.1 Mpps',
      forwards(3.1e6),
      [
        '1 x 1 s at 100000000',
        '1 x 1 s at 3087896.1',
        '1 x 1 s at 3150415.2',
        '1 x 7.745966692 s at 3118999',
        '1 x 7.745966692 s at 3087896.1',
        '1 x 60 s at 3103408.6',
        '1 x 60 s at 3087896.1',
      ],
    ],
    [
      'a target that collapses above 3.1 Mpps, so that external search is needed both ways',
      collapses(3.1e6),
      [
        '1 x 1 s at 100000000',
        '1 x 1 s at 9974976',
        '1 x 1 s at 995001.5',
        '1 x 1 s at 2765569.3',
        '1 x 1 s at 5252284',
        '1 x 1 s at 3811240.7',
        '1 x 1 s at 3246575.2',
        '1 x 1 s at 2996436',
        '1 x 1 s at 3118999',
        '1 x 1 s at 3057103.3',
        '1 x 7.745966692 s at 3087896.1',
        '1 x 60 s at 3103408.6',
        '1 x 60 s at 3087896.1',
      ],
    ],
  ])('%s', async (_, measure, runs) => {
    const outcome = await mlrsearch({ ...WIDE, goals: [THROUGHPUT], measure });
    expect(runsOf(outcome)).toEqual(runs);
    expect(outcome.goals[0]).toMatchObject({ status: 'regular', explanation: '' });
    expect(outcome.goals[0]?.lowerBound).toBeCloseTo(3087896.0846344274, 4);
    expect(outcome.goals[0]?.upperBound).toBeCloseTo(3103408.5720960367, 4);
    expect(outcome.goals[0]?.conditionalThroughput).toBe(outcome.goals[0]?.lowerBound);
  });
});

test.each([
  ['7 and 138 s for a target that forwards 3.1 Mpps', forwards(3.1e6), 7, 138],
  ['13 and 138 s for one that collapses above 3.1 Mpps', collapses(3.1e6), 13, 138],
])('bisection takes 15 trials and 900 s; this %s', async (_, measure, trialCount, seconds) => {
  const fast = await mlrsearch({ ...WIDE, goals: [THROUGHPUT], measure });
  const slow = await bisection({ ...WIDE, goal: THROUGHPUT, measure });
  expect([fast.trials.length, Math.round(secondsOf(fast))]).toEqual([trialCount, seconds]);
  expect([slow.trials.length, secondsOf(slow)]).toEqual([15, 900]);
});

describe('targets that cannot be bracketed', () => {
  const two = [THROUGHPUT, searchGoal({ name: 'half', ...TST009_GOAL, lossRatio: 0.5 })];

  test('one that never loses: no upper bound', async () => {
    const outcome = await mlrsearch({ ...WIDE, goals: two, measure: async () => ({ lossRatio: 0 }) });
    expect(outcome.goals[0]).toEqual({
      goal: 'throughput',
      status: 'no-upper-bound',
      explanation:
        'The greatest load of 100000000 fulfils throughput: the limit is there or above, search to a greater load.',
      lowerBound: 1e8,
      conditionalThroughput: 1e8,
    });
    expect(outcome.goals[1]?.status).toBe('no-upper-bound');
    expect(new Set(outcome.trials.map(({ load }) => load))).toEqual(new Set([1e8]));
  });

  test.each([
    ['everything', 1],
    ['a little more than half', 0.51],
  ])('one that loses %s at every load: no lower bound', async (_, lossRatio) => {
    const outcome = await mlrsearch({ ...WIDE, goals: two, measure: async () => ({ lossRatio }) });
    expect(outcome.goals[0]).toEqual({
      goal: 'throughput',
      status: 'no-lower-bound',
      explanation:
        'The least load of 10000 fails throughput: the limit is below, search from a smaller load.',
      upperBound: 1e4,
    });
    expect(outcome.goals[1]?.status).toBe('no-lower-bound');
    expect(outcome.stopped).toBeUndefined();
  });

  test('one goal of two: the other is regular', async () => {
    const measure: Measure = async () => ({ lossRatio: 0.1 });
    const outcome = await mlrsearch({ ...WIDE, goals: two, measure });
    expect(outcome.goals.map(({ status }) => status)).toEqual(['no-lower-bound', 'no-upper-bound']);
    expect(outcome.goals[1]?.conditionalThroughput).toBeCloseTo(0.9e8, 3);
  });

  test('one that fails in a band of loads: the lowest failure that was met counts', async () => {
    const fails = (load: number): boolean => (load > 1e6 && load < 2e6) || load > 4e6;
    const outcome = await mlrsearch({
      ...WIDE,
      goals: two,
      measure: async (load) => ({ lossRatio: fails(load) ? 0.6 : 0 }),
    });
    for (const { status, lowerBound = 0, upperBound = 0 } of outcome.goals) {
      expect(status).toBe('regular');
      expect([fails(lowerBound), fails(upperBound)]).toEqual([false, true]);
      const failed = outcome.trials.filter(({ load }) => fails(load)).map(({ load }) => load);
      expect(Math.min(...failed)).toBe(upperBound);
    }
  });
});

describe('goals beyond loss', () => {
  interface Timed extends MeasuredTrial {
    p99Us: number;
  }
  const measure = async (load: number): Promise<Timed> => ({
    lossRatio: Math.max(0, 1 - 3e6 / load),
    p99Us: load > 2e6 ? 1500 : 200,
  });

  test('a latency is a goal beside a loss ratio', async () => {
    const outcome = await mlrsearch<Timed>({
      ...WIDE,
      goals: [
        searchGoal<Timed>({ name: 'no loss', ...RFC2544_GOAL }),
        searchGoal<Timed>({
          name: 'p99 at most 1 ms',
          ...RFC2544_GOAL,
          passes: ({ p99Us }) => p99Us <= 1000,
        }),
      ],
      measure,
    });
    expectAround(outcome.goals[0], 3e6);
    expectAround(outcome.goals[1], 2e6);
  });

  test('also where nothing is ever lost', async () => {
    const outcome = await mlrsearch<Timed>({
      ...WIDE,
      goals: [searchGoal<Timed>({ name: 'fast', ...TST009_GOAL, passes: ({ p99Us }) => p99Us <= 1000 })],
      measure: async (load) => ({ ...(await measure(load)), lossRatio: 0 }),
    });
    expectAround(outcome.goals[0], 2e6);
  });
});

describe('resuming', () => {
  test('stored results in place of the first trials lead to the same outcome', async () => {
    const random = new Random(3);
    const options: Omit<MlrsearchOptions<MeasuredTrial>, 'measure'> = {
      ...WIDE,
      goals: [THROUGHPUT, searchGoal({ name: 'loose', ...TST009_GOAL, lossRatio: 0.01 })],
      warmupSeconds: 1,
    };
    const whole = await mlrsearch({
      ...options,
      measure: async (load) => ({ lossRatio: Math.max(0, 1 - (3e6 - random.below(50_000)) / load) }),
    });
    expect(whole.trials.length).toBeGreaterThan(6);
    for (const kept of [0, 1, 5, whole.trials.length]) {
      const asked: number[] = [];
      const again = await mlrsearch({
        ...options,
        measure: async (load, durationSeconds, trialNumber) => {
          const stored = whole.trials[trialNumber];
          expect([stored?.load, stored?.durationSeconds]).toEqual([load, durationSeconds]);
          if (trialNumber >= kept) asked.push(trialNumber);
          return stored?.result as MeasuredTrial;
        },
      });
      expect(again).toEqual(whole);
      expect(asked).toHaveLength(whole.trials.length - kept);
    }
  });
});

test('wrong goals and limits are refused before any trial', async () => {
  const measure: Measure = async () => expect.unreachable();
  await expect(mlrsearch({ ...WIDE, goals: [], measure })).rejects.toThrow(/one or more goals/);
  await expect(mlrsearch({ ...WIDE, goals: [THROUGHPUT, THROUGHPUT], measure })).rejects.toThrow(/twice/);
  await expect(mlrsearch({ ...WIDE, minLoad: 0, goals: [THROUGHPUT], measure })).rejects.toThrow(
    /least load/,
  );
});

function expectAround(result: SearchOutcome['goals'][number] | undefined, truth: number): void {
  expect(result?.status).toBe('regular');
  expect(result?.lowerBound).toBeLessThanOrEqual(truth);
  expect(result?.upperBound).toBeGreaterThan(truth);
}

/** Equal trials one after the other, counted. */
function runsOf({ trials }: SearchOutcome): string[] {
  const runs: { what: string; count: number }[] = [];
  for (const { load, durationSeconds } of trials) {
    const what = `${durationSeconds} s at ${Math.round(load * 10) / 10}`;
    const last = runs.at(-1);
    if (last?.what === what) last.count += 1;
    else runs.push({ what, count: 1 });
  }
  return runs.map(({ what, count }) => `${count} x ${what}`);
}

function secondsOf({ trials }: SearchOutcome): number {
  return trials.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
}
