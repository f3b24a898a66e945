import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadProfile } from '../../generators/profile.js';
import { loadModel, powerState } from '../../sirius-card/model.js';
import { parseTarget } from '../../targets/target-url.js';
import { expectedKneeCps, kneeLadder, parseLadder, parseRateList } from './latency-ladder.js';

const model = loadModel('dsc-200');

describe('the expected knee', () => {
  test.each([
    ['card://pair', 78, 64, 3.077e6],
    ['card://pair', 52, 64, 2.52e6],
    ['card://solo', 78, 64, 3.077e6],
    // Both ports' line rate comes first.
    ['card://pair', 78, 1500, 2.647e6],
    ['loopback://', 78, 64, 15.1e6],
  ])('of %s at %d W with %d B', (url, watts, bytes, kneeCps) => {
    const profile = loadProfile('cps', { tunables: [`innerFrameBytes=${bytes}`] });
    const options = { target: parseTarget(url), model, state: powerState(model, watts), profile };
    expect(expectedKneeCps(options) / kneeCps).toBeCloseTo(1, 2);
  });

  test('is where the pipelines stop, if they are slower than the cores', () => {
    const slow = { ...model, mpu: { ...model.mpu, serviceNs: 200 } };
    const profile = loadProfile('cps', { tunables: [] });
    const options = { target: parseTarget('card://pair'), model: slow, state: powerState(slow, 78), profile };
    expect(expectedKneeCps(options)).toBeCloseTo(1e9 / (6 * 200), 3);
  });
});

describe('the ladder to it', () => {
  test('doubles to the half, halves the rest, goes a little over', () => {
    const highestCps = 30e6;
    expect(kneeLadder(3.2e6, { highestCps, isQuick: false })).toEqual([
      ...[200e3, 400e3, 800e3, 1.6e6, 2.4e6, 2.8e6, 3e6, 3.2e6, 3.36e6],
    ]);
    expect(kneeLadder(3.2e6, { highestCps, isQuick: true })).toEqual([400e3, 1.6e6, 2.8e6, 3.2e6, 3.36e6]);
  });

  test('reaches a knee that is the line rate, and ends there', () => {
    const kneeCps = 2_647_183.6;
    expect(kneeLadder(kneeCps, { highestCps: kneeCps, isQuick: false }).at(-1)).toBe(2_640_000);
  });

  test('ascends and stays within what can be offered', () => {
    const knee = fc.double({ min: 1, max: 1e8, noNaN: true });
    fc.assert(
      fc.property(knee, fc.boolean(), (kneeCps, isQuick) => {
        const rates = kneeLadder(kneeCps, { highestCps: kneeCps, isQuick });
        expect(rates).toEqual([...new Set(rates)].sort((a, b) => a - b));
        expect(Math.max(...rates)).toBeLessThanOrEqual(kneeCps);
        expect(Math.max(...rates)).toBeGreaterThan(kneeCps * 0.98);
      }),
    );
  });
});

test('a ladder of equal ratios has its ends', () => {
  expect(parseLadder('100k:1.6M:5')).toEqual([100e3, 200e3, 400e3, 800e3, 1.6e6]);
  expect(parseLadder('1M:3M:2')).toEqual([1e6, 3e6]);
});

test.each([
  '',
  '1M',
  '1M:2M',
  '3M:1M:4',
  '1M:1M:4',
  '1M:2M:1',
  '1M:2M:65',
  '1M:2M:x',
  'a:2M:4',
  '1M:2M:4:5',
  '10%:20%:3',
])('the ladder "%s" is refused', (text) => {
  expect(() => parseLadder(text)).toThrow(/^--ladder: expected/);
});

test('rates are separated by commas', () => {
  expect(parseRateList('300k, 10%,3M')).toEqual(['300k', '10%', '3M']);
  for (const text of ['', '1M,,2M', '1M,', Array(65).fill('1M').join(',')])
    expect(() => parseRateList(text)).toThrow(/^--rates: expected one to 64 rates/);
});
