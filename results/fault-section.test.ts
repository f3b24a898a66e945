import { expect, test } from 'vitest';
import { faultLines } from './fault-section.js';
import { exampleMeasured, exampleResult } from './fixture.js';
import type { FaultOutcome } from './result.js';

const CUT: FaultOutcome = {
  ...{ kind: 'cut', place: 'tor1-card1', atNs: 1e9, recoveryNs: 3e6, outageNs: 7e6 },
  packetsLost: { total: 900, atCards: 0, byPlace: [] },
  flows: { underWay: 100, broken: 0, stalled: 12, recovered: 12 },
  timeline: { startNs: 0, binNs: 1e5, sentPackets: [], deliveredPackets: [], lostPackets: [] },
};

test.each<[string, Partial<FaultOutcome>, string]>([
  ['that was over', {}, 'recovery 3.00 ms, outage 7.00 ms'],
  [
    'in which the run ended',
    { outageMayGoOn: true },
    'recovery 3.00 ms, outage 7.00 ms, both at least: the run ended in it',
  ],
])('an outage %s', (_, change, text) => {
  const measured = { ...exampleMeasured(), faults: [{ ...CUT, ...change }] };
  const lines = faultLines({ ...exampleResult(), measured })
    .join('\n')
    .split('\n');
  expect(lines.every((line) => line.length <= 80)).toBe(true);
  const said = lines.map((line) => line.trim()).join(' ');
  expect(said).toContain(`900 packets lost (0 at cards), ${text} 12 connections`);
});
