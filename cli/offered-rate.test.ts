import { expect, test } from 'vitest';
import type { RateUnit } from '../core/units.js';
import { offeredCps } from './offered-rate.js';

const SMALLEST = { encapsulation: 'vxlan', innerFrameBytes: 64 } as const;

// The paper: 118 B on the wire, 176.5K CPS per Gbps (footnote 10), 90.6 Mpps on 100 Gbps with preamble and gap.
test.each([
  ['cps', 3e6, SMALLEST, 3e6],
  ['pps', 18e6, SMALLEST, 3e6],
  ['bps', 1e9, SMALLEST, 176_553.67],
  ['percent', 100, SMALLEST, 90_579_710.14 / 6],
  ['percent', 50, SMALLEST, 45_289_855.07 / 6],
  ['bps', 1e9, { encapsulation: 'nvgre', innerFrameBytes: 64 }, 1e9 / (110 * 8 * 6)],
  ['bps', 1e9, { encapsulation: 'vxlan', innerFrameBytes: 1500 }, 1e9 / (1554 * 8 * 6)],
] as const)('%s %d', (unit: RateUnit, value, profile, cps) => {
  expect(offeredCps({ value, unit, profile, lineRateBps: 100e9 })).toBeCloseTo(cps, 1);
});
