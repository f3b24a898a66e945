import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DataPlaneBuild, loadDataPlane } from '../core/dataplane-module.js';

interface OrderOptions {
  flowCount: number;
  portCount: number;
  seed: number;
  build?: DataPlaneBuild;
}

/** The next `count` flows, as numbers among all. */
function flowOrder({ flowCount, portCount, seed, build = 'debug' }: OrderOptions) {
  const { exports } = loadDataPlane({ build });
  const order = exports.flowOrderCreate(flowCount, portCount, BigInt(seed));
  return (count: number) => Uint32Array.from({ length: count }, () => exports.flowOrderNext(order));
}

/** Whether the flows are 0 to count - 1, each once. */
function isPermutation(flows: Uint32Array): boolean {
  const sorted = flows.slice().sort();
  return sorted.every((flow, index) => flow === index);
}

describe('the order of flows', () => {
  test('meets every flow once in each round, whatever their number and the seed; ports take turns', () => {
    fc.assert(
      fc.property(
        fc.record({
          flowCount: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3000 })),
          portCount: fc.integer({ min: 1, max: 8 }),
          seed: fc.nat(),
        }),
        (options) => {
          const next = flowOrder(options);
          for (let round = 0; round < 3; round++) {
            const flows = next(options.flowCount);
            expect(isPermutation(flows)).toBe(true);
            for (const [position, flow] of flows.entries())
              expect(flow % options.portCount).toBe(position % options.portCount);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test.each([1, 2, 3, 65_535, 65_536, 65_537, 1_000_000])(
    'does so for %i flows on two ports',
    (flowCount) => {
      const next = flowOrder({ flowCount, portCount: 2, seed: 7, build: 'release' });
      expect(isPermutation(next(flowCount))).toBe(true);
      expect(isPermutation(next(flowCount))).toBe(true);
    },
  );

  test('is the same for the same seed, and another in each round and for another seed', () => {
    const options = { flowCount: 500, portCount: 2, seed: 1 };
    const [next, again, other] = [flowOrder(options), flowOrder(options), flowOrder({ ...options, seed: 2 })];
    const [first, second] = [next(500), next(500)];
    expect(again(500)).toEqual(first);
    expect(second).not.toEqual(first);
    expect(other(500)).not.toEqual(first);
  });

  test('is random: neighbours are as far apart as in a shuffle, and low bits do not repeat', () => {
    const flowCount = 100_000;
    const flows = flowOrder({ flowCount, portCount: 1, seed: 3, build: 'release' })(flowCount);
    let distance = 0;
    let repeats = 0;
    for (let index = 1; index < flowCount; index++) {
      distance += Math.abs((flows[index] as number) - (flows[index - 1] as number));
      if (index >= 16 && (flows[index] as number) % 16 === (flows[index - 16] as number) % 16) repeats++;
    }
    // Two numbers drawn at random from 0 to N - 1 are N / 3 apart on average.
    expect(Math.abs(distance / flowCount / (flowCount / 3) - 1)).toBeLessThan(0.02);
    expect(Math.abs(repeats / flowCount - 1 / 16)).toBeLessThan(0.01);
  });
});

describe('division by multiplication', () => {
  const { exports } = loadDataPlane({ build: 'debug' });
  const DIVIDEND_MAX = 2 ** 27 - 1;

  test('is exact for dividends below 2^27', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 2 ** 27 })),
        fc.integer({ min: 0, max: DIVIDEND_MAX }),
        (divisor, dividend) => {
          const divider = exports.dividerCreate(divisor);
          const multiple = Math.floor(dividend / divisor) * divisor;
          for (const value of [dividend, multiple, Math.max(0, multiple - 1), DIVIDEND_MAX])
            expect(exports.dividerQuotient(divider, value)).toBe(Math.floor(value / divisor));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
