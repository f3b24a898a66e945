import { expect, test } from 'vitest';
import { exampleResult } from './fixture.js';
import { runTitle } from './run-title.js';
import { renderSummary } from './summary.js';

const { input, measured } = exampleResult();
const PLAYED = {
  ...exampleResult({ kind: 'faults', input: { ...input, scenario: { name: 'link-flap', events: [] } } }),
  measured: {
    ...measured,
    faults: [
      {
        ...{ kind: 'cut', place: 'tor1-card1', atNs: 1e9, recoveryNs: 1e6, outageNs: 2.5e6 },
        packetsLost: {
          ...{ total: 40, inOutage: 30, atCards: 3 },
          byPlace: [
            { place: 'card2-tor2', reason: 'linkDown', count: 1 },
            { place: 'tor1-card1', reason: 'linkDown', count: 37 },
            { place: 'card1', reason: 'noFlow', count: 2 },
          ],
        },
        flows: { underWay: 100, broken: 0, stalled: 40, recovered: 39 },
        timeline: { startNs: 0, binNs: 1e5, sentPackets: [], deliveredPackets: [], lostPackets: [] },
      },
    ],
    copies: {
      ...{ oneCopyNs: 5e8, fewerCardsNs: 4e8, allocatable: [{ atNs: 1e9, cards: 1 }], bulk: [] },
      exchange: { batches: 0, batchesAgain: 0, bytes: 0, forgets: 0, refused: 0 },
    },
  },
};

test.each([
  ['with its scenario', PLAYED, 'faults link-flap, 3.00 Mcps, card://pair'],
  ['without one', exampleResult(), 'cps 3.00 Mcps, card://pair'],
])('a run is named %s', (_, result, title) => {
  expect(runTitle(result, ', ')).toMatch(new RegExp(`^${title}`));
});

test('a stored run with faults tells what `faults` told: outage, stalls, copies', () => {
  const text = renderSummary(PLAYED, { columns: 80, color: false }).replace(/\s+/g, ' ');
  expect(text).toMatch(/recovery 1\.00 ms, outage 2\.50 ms/);
  expect(text).toContain('30 of them in the outage, from which recovery is derived');
  expect(text).toContain('40 connections stalled, 39 went on again, 0 broke, 1 waited still at the end');
  // Table 6: the drops at cards are what they could not send to a next hop that is down.
  expect(text).toContain(
    'lost in the network tor1, port to card1 linkDown 37 packets lost at cards card2, port to tor2 linkDown 1 packet card1 noFlow 2 packets',
  );
  expect(text).toContain("one copy only for 500 ms, of some fNIC's connections");
  expect(text).toContain('cards to allocate 1 from 1.000 s on: fewer than all for 400 ms');
});

test.each([
  ['broke without having stalled', { broken: 9, brokenOfStalled: 0 }, '9 broke, 1 waited still at the end'],
  ['broke of those that stalled', { broken: 9, brokenOfStalled: 1 }, '9 broke'],
])('who waits still is told when others %s', (_, broken, told) => {
  const [fault] = PLAYED.measured.faults;
  const faults = fault === undefined ? [] : [{ ...fault, flows: { ...fault.flows, ...broken } }];
  const played = { ...PLAYED, measured: { ...PLAYED.measured, faults } };
  const text = renderSummary(played, { columns: 80, color: false }).replace(/\s+/g, ' ');
  expect(text).toContain(`40 connections stalled, 39 went on again, ${told} `);
});
