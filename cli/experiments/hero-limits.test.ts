import { describe, expect, test } from 'vitest';
import { exampleMeasured, exampleResult, lossySeries } from '../../results/fixture.js';
import { DEFAULT_HERO_FLAGS } from '../hero-options.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import { bandsOf } from './hero.js';
import { characterise, type HeroLimitId } from './hero-limits.js';

/** A made-up target: no loss up to one load, a little up to the next, and what it completes never grows beyond its capacity. */
interface Target {
  zeroLossCps: number;
  minimalLossCps: number;
  capacityCps: number;
  isInvalid?(rateCps: number): boolean;
}

function poolOf({ zeroLossCps, minimalLossCps, capacityCps, isInvalid }: Target) {
  const asked: number[] = [];
  const pool: Pick<TrialPool, 'run'> = {
    run: async ({ flags }) => {
      const cps = Number(flags.rate);
      asked.push(cps);
      const lossRatio = cps <= zeroLossCps ? 0 : cps <= minimalLossCps ? 1e-7 : 0.1;
      const measured = exampleMeasured();
      const invalid = isInvalid?.(cps) === true;
      return {
        ...exampleResult(invalid ? { verdict: 'invalid', invalidReasons: ['made up'] } : {}),
        measured: {
          ...measured,
          achieved: { ...measured.achieved, cps: Math.min(cps, capacityCps) },
          packets: { ...measured.packets, lossRatio },
          ...lossySeries(lossRatio),
        },
      };
    },
  };
  return { pool, asked };
}

const search = (target: Target) => {
  const { pool, asked } = poolOf(target);
  return {
    asked,
    outcome: characterise({ pool, flags: DEFAULT_HERO_FLAGS, rateCps: 3e6, stepNs: 1e8 }),
  };
};

describe('characterise', () => {
  test.each<[string, Target]>([
    ['three limits', { zeroLossCps: 3.05e6, minimalLossCps: 3.2e6, capacityCps: 3.1e6 }],
    ['no minimal loss', { zeroLossCps: 2.4e6, minimalLossCps: 2.4e6, capacityCps: 2.5e6 }],
  ])('brackets %s to half a percent', async (_case, target) => {
    const { asked, outcome } = search(target);
    const { limits, steps } = await outcome;
    const truth: Record<HeroLimitId, number> = {
      'zero-loss': target.zeroLossCps,
      'minimal-loss': target.minimalLossCps,
      collapse: 2 * target.capacityCps,
    };
    for (const { id, holdsCps = 0, failsCps = 0 } of limits) {
      expect(holdsCps).toBeLessThanOrEqual(truth[id]);
      expect(failsCps).toBeGreaterThan(truth[id]);
      expect((failsCps - holdsCps) / failsCps).toBeLessThanOrEqual(0.005);
    }
    expect(steps.map(({ offeredCps }) => offeredCps)).toEqual(
      [...new Set(asked)].sort((one, other) => one - other),
    );
  });

  test('says which limits lie beyond the ladder', async () => {
    const { limits } = await search({ zeroLossCps: 1, minimalLossCps: 1e9, capacityCps: 1e9 }).outcome;
    expect(limits).toMatchObject([
      { id: 'zero-loss', failsCps: 1.5e6 },
      { id: 'minimal-loss', holdsCps: 9e6 },
      { id: 'collapse', holdsCps: 9e6 },
    ]);
    expect(limits[0]?.holdsCps).toBeUndefined();
    expect(limits[1]?.failsCps).toBeUndefined();
  });

  test('does not judge by invalid trials', async () => {
    const { limits, steps } = await search({
      ...{ zeroLossCps: 1, minimalLossCps: 1, capacityCps: 1 },
      isInvalid: () => true,
    }).outcome;
    expect(limits.every(({ holdsCps, failsCps }) => holdsCps === undefined && failsCps === undefined)).toBe(
      true,
    );
    expect(steps.every(({ invalidReasons }) => invalidReasons.length === 1)).toBe(true);
  });
});

describe('bands', () => {
  const limit = (id: HeroLimitId, holdsCps?: number, failsCps?: number) => ({
    ...{ id, label: id },
    ...(holdsCps === undefined ? {} : { holdsCps }),
    ...(failsCps === undefined ? {} : { failsCps }),
  });

  test.each([
    [
      'from one limit to the next',
      [limit('zero-loss', 1, 2), limit('minimal-loss', 3, 4), limit('collapse', 5, 6)],
      [{ to: 1 }, { from: 1, to: 3 }, { from: 3, to: 5 }, { from: 5 }],
    ],
    [
      'none where a limit lies on the one before',
      [limit('zero-loss', 1, 2), limit('minimal-loss', 1, 2), limit('collapse', 5, 6)],
      [{ to: 1 }, { from: 1, to: 5 }, { from: 5 }],
    ],
    [
      'open where no load reached the limit',
      [limit('zero-loss', 1, 2), limit('minimal-loss', 1, 2), limit('collapse', 5)],
      [{ to: 1 }, { from: 1 }],
    ],
    [
      'from the next limit where none holds',
      [limit('zero-loss', undefined, 2), limit('minimal-loss', 3, 4), limit('collapse', 5)],
      [{ to: 3 }, { from: 3 }],
    ],
  ])('%s', (_case, limits, expected) => {
    expect(bandsOf({ limits }).map(({ label: _label, tone: _tone, ...ends }) => ends)).toEqual(expected);
  });
});
