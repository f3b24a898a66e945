import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deviationOf, statedText } from './deviation.js';
import { about, above, below, between, exactly, type Stated, upTo } from './paper-number.js';

describe('what the paper states', () => {
  test.each<[Stated, string, string]>([
    [above(50e6), 'pps', 'over 50 Mpps'],
    [below(40_000), 'ns', 'under 40 us'],
    [about(2.5e6), 'cps', 'about 2.5 Mcps'],
    [exactly(2360), 'ns', '2.36 us'],
    [upTo(64e6), 'flows', 'up to 64M flows'],
    [between(5, 10), 'x', '5x to 10x'],
  ])('%o in %s reads %s', (stated, unit, text) => {
    expect(statedText({ stated, unit })).toBe(text);
  });
});

describe('the deviation', () => {
  test.each<[Stated, string, number, string]>([
    [exactly(2360), 'ns', 2360, 'equal'],
    [exactly(2360), 'ns', 2407.2, '+2%'],
    [about(2.5e6), 'cps', 2.45e6, '-2%'],
    [upTo(3e6), 'cps', 3.03e6, '+1%'],
    [above(50e6), 'pps', 55e6, 'holds (+10%)'],
    [below(40_000), 'ns', 12_000, 'holds (-70%)'],
    [between(5, 10), 'x', 7, 'holds (equal)'],
    [exactly(0), 'fraction', 0, 'equal'],
  ])('of %o %s from %d: %s', (stated, unit, ours, text) => {
    expect(deviationOf({ stated, unit }, ours).text).toBe(text);
  });

  test.each<[Stated, string, number, string]>([
    [above(50e6), 'pps', 48e6, 'does not hold (-4%)'],
    [above(50e6), 'pps', 50e6, 'does not hold (equal)'],
    [below(40_000), 'ns', 50_000, 'does not hold (+25%)'],
    [between(5, 10), 'x', 12, 'does not hold (+20%)'],
    [exactly(0), 'flows', 7, '+7 flows'],
    [exactly(0.00316e-2), 'fraction', 0, '-100%'],
  ])('of %o %s from %d, which misses: %s', (stated, unit, ours, text) => {
    expect(deviationOf({ stated, unit }, ours).text).toBe(text);
  });

  test('has the sign of ours minus theirs, and is none only when equal', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 1e9 }), (paper, ours) => {
        const { ratio } = deviationOf({ stated: exactly(paper), unit: 'pps' }, ours);
        expect(Math.sign(ratio ?? Number.NaN)).toBe(Math.sign(ours - paper));
      }),
    );
  });
});
