import { describe, expect, test } from 'vitest';
import { exampleMeasured, exampleResult, seriesOf } from './fixture.js';
import type { Series } from './result.js';
import { sustainedLossRatio } from './sustained-loss.js';

const ramp = (from: number, step: number, count = 20) =>
  Array.from({ length: count }, (_, at) => from + at * step);

function ratioOf(
  open: readonly number[],
  change: Partial<Series> = {},
  tcp: Record<string, number> = {},
): number {
  const { input, ...rest } = exampleResult();
  const series = { ...seriesOf(open).series, ...change };
  return sustainedLossRatio({
    ...rest,
    input: { ...input, traffic: { tcp } },
    measured: { ...exampleMeasured(), series },
  });
}

describe('loss in the long run', () => {
  test('is what queues gain where they grow until the end, though nothing is dropped', () => {
    // 18,000 connections more in each interval of 30,000: of six packets each.
    expect(ratioOf(ramp(500, 18_000))).toBeCloseTo(0.1, 10);
  });

  test('is what is dropped where queues are full', () => {
    const lostPackets = ramp(0, 0).map((_, at) => (at < 10 ? 0 : 18_000));
    const open = [...ramp(500, 18_000, 10), ...ramp(180_500, 18_000, 10)];
    // What was dropped is in no queue any more.
    expect(ratioOf(open, { lostPackets })).toBeCloseTo(0.1, 10);
  });

  test('is the same share in a run that ends before queues are full, while they fill, and after', () => {
    const rates = [8, 12, 16, 40].map((full) => {
      const fill = ramp(0, 1).map((_, at) => (at < full ? 0 : 1800));
      return ratioOf(ramp(500, 1800), { lostPackets: fill });
    });
    for (const rate of rates) expect(rate).toBeCloseTo(0.01, 3);
  });

  test.each<[string, number[]]>([
    ['queues that have settled', [100, 400, 600, 700, 750, 760, 770, 775, 772, 770, 774, 771]],
    ['scatter', [500, 510, 480, 530, 500, 490, 520, 560, 540, 545, 550, 520]],
    ['queues that shrink', ramp(90_000, -4000)],
    [
      'a queue near the knee that goes up and down',
      [900, 400, 1500, 2600, 900, 600, 1900, 700, 2400, 1300, 800, 3100],
    ],
    ['nothing open', ramp(0, 0)],
    ['no intervals', []],
    ['too few intervals to tell', ramp(500, 18_000, 7)],
  ])('is none with %s', (_name, open) => {
    expect(ratioOf(open)).toBe(0);
  });

  test('says nothing while connections wait by themselves', () => {
    const tcp = { holdNs: 150e6 };
    expect(ratioOf(ramp(500, 30_000), {}, tcp)).toBe(0);
    expect(ratioOf(ramp(500, 30_000), {}, { holdNs: 10e6 })).toBeGreaterThan(0.1);
  });
});
