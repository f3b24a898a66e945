import { describe, expect, test } from 'vitest';
import { SiriusError } from '../../core/errors.js';
import { loadGrid } from './load-grid.js';
import { CSIT_GOAL, checkGoalNames, RFC2544_GOAL, searchGoal, TST009_GOAL } from './search-goal.js';
import { searchTargets } from './search-target.js';

describe('a goal', () => {
  test('says what the draft requires; the rest has defaults', () => {
    expect(searchGoal({ name: 'throughput', ...RFC2544_GOAL })).toEqual({
      name: 'throughput',
      lossRatio: 0,
      exceedRatio: 0,
      finalTrialSeconds: 60,
      durationSumSeconds: 60,
      initialTrialSeconds: 60,
      relativeWidth: 0.005,
      precedingTargets: 2,
      expansionCoefficient: 2,
    });
  });

  test.each([
    [
      'a negative loss',
      { lossRatio: -0.1 },
      /goal g, lossRatio: expected at least 0 and less than 1, got -0.1/,
    ],
    ['all lost', { lossRatio: 1 }, /lossRatio/],
    ['no number', { lossRatio: Number.NaN }, /lossRatio.*got NaN/],
    ['all exceeds', { exceedRatio: 1 }, /exceedRatio/],
    ['no width', { relativeWidth: 0 }, /relativeWidth/],
    ['no duration', { finalTrialSeconds: 0 }, /finalTrialSeconds/],
    ['endless', { durationSumSeconds: Number.POSITIVE_INFINITY }, /durationSumSeconds/],
    [
      'a sum of less than a trial',
      { durationSumSeconds: 0.5 },
      /durationSumSeconds: expected at least the final/,
    ],
    ['first trials longer than the last', { initialTrialSeconds: 2 }, /initialTrialSeconds/],
    [
      'a jump from one trial to the sum',
      { precedingTargets: 0 },
      /precedingTargets: expected an integer from 1/,
    ],
    ['steps that do not grow', { expansionCoefficient: 1 }, /expansionCoefficient/],
    ['half a step', { expansionCoefficient: 2.5 }, /expansionCoefficient/],
  ])('is refused: %s', (_, wrong, message) => {
    expect(() => searchGoal({ name: 'g', ...CSIT_GOAL, ...wrong })).toThrow(SiriusError);
    expect(() => searchGoal({ name: 'g', ...CSIT_GOAL, ...wrong })).toThrow(message);
  });

  test('names are each their own', () => {
    expect(() => checkGoalNames([{ name: 'a' }, { name: 'b' }])).not.toThrow();
    expect(() => checkGoalNames([{ name: 'a' }, { name: 'a' }])).toThrow(/got "a" twice/);
    expect(() => checkGoalNames([])).toThrow(/got none/);
  });
});

describe('targets', () => {
  const grid = loadGrid({ minLoad: 1e3, maxLoad: 1e9, relativeWidths: [0.005] });

  test.each([
    [
      '1 s to 60 s',
      { ...RFC2544_GOAL, initialTrialSeconds: 1 },
      [
        [1, 1, 4],
        [7.745966692, 7.745966692, 2],
        [60, 60, 1],
      ],
    ],
    [
      'only long ones',
      RFC2544_GOAL,
      [
        [60, 60, 4],
        [60, 60, 2],
        [60, 60, 1],
      ],
    ],
    [
      'many short ones',
      CSIT_GOAL,
      [
        [1, 1, 4],
        [1, 4.582575695, 2],
        [1, 21, 1],
      ],
    ],
    [
      'two long ones',
      { ...TST009_GOAL, precedingTargets: 1 },
      [
        [60, 60, 2],
        [60, 120, 1],
      ],
    ],
    ['no stages', { ...RFC2544_GOAL, precedingTargets: 0 }, [[60, 60, 1]]],
  ] as const)('%s: trial, sum, width', (_, attributes, expected) => {
    const targets = searchTargets(searchGoal({ name: 'g', ...attributes }), { goalNumber: 3, grid });
    expect(
      targets.map(({ trialSeconds, durationSumSeconds, widthSteps }) => [
        trialSeconds,
        durationSumSeconds,
        widthSteps,
      ]),
    ).toEqual(expected);
    expect(targets.every(({ goalNumber }) => goalNumber === 3)).toBe(true);
  });
});
