import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shrink } from './shrink.js';

describe('shrinking', () => {
  test('keeps nothing of what fails by itself', () => {
    expect(shrink([1, 2, 3], () => true)).toEqual([]);
  });

  test('keeps all when all is needed', () => {
    expect(shrink([1, 2, 3], (some) => some.length === 3)).toEqual([1, 2, 3]);
  });

  test('finds the items that are needed, whichever they are', () => {
    const cases = fc
      .integer({ min: 1, max: 30 })
      .chain((count) =>
        fc.tuple(fc.constant(count), fc.subarray(Array.from({ length: count }, (_, item) => item))),
      );
    fc.assert(
      fc.property(cases, ([count, needed]) => {
        const items = Array.from({ length: count }, (_, item) => item);
        const found = shrink(items, (some) => needed.every((item) => some.includes(item)));
        expect(found).toEqual(needed);
      }),
    );
  });
});
