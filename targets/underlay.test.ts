import { expect, test } from 'vitest';
import { CARD_COUNT_MAX } from '../sirius-card/dataplane/card-layout.js';
import { cardAddress, tunnelEndsOf, UNDERLAY_FNIC_COUNT_MAX, UNDERLAY_PREFIX } from './underlay.js';

test('all cards and fNICs that there may be have addresses of their own', () => {
  const cards = Array.from({ length: CARD_COUNT_MAX }, (_, card) => cardAddress(card));
  const fnics = Array.from({ length: UNDERLAY_FNIC_COUNT_MAX }, (_, fnic) => tunnelEndsOf(fnic));
  const addresses = fnics.flatMap(({ virtualAddress, hostAddress, networkAddress }) => [
    virtualAddress,
    hostAddress,
    networkAddress,
  ]);
  const all = [...cards, ...addresses];
  expect(new Set(all).size).toBe(all.length);
  expect(Math.min(...all)).toBeGreaterThan(UNDERLAY_PREFIX);
  // 100.64.0.0/20
  expect(Math.max(...all)).toBeLessThan(UNDERLAY_PREFIX + 2 ** 12);
});
