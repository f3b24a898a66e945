import { expect, test } from 'vitest';
import type { FaultOutcome } from '../result.js';
import { packetsMaxOf, timelineChart } from './timeline-chart.js';

/** Bins of 5 ms, two before the event; every third packet is lost in those of `lostBins`. */
function fault(lostBins: number[], bins = 12): FaultOutcome {
  const sentPackets = Array.from({ length: bins }, () => 900);
  const lostPackets = sentPackets.map((sent, bin) => (lostBins.includes(bin) ? sent / 3 : 0));
  const total = lostPackets.reduce((sum, lost) => sum + lost, 0);
  return {
    ...{ kind: 'cut', place: 'tor1-card1', atNs: 2e9, recoveryNs: 1e6, outageNs: 8.5e6 },
    packetsLost: { total, atCards: 0, byPlace: [] },
    flows: { underWay: 100, broken: 0, stalled: total, recovered: total },
    timeline: {
      ...{ startNs: -10e6, binNs: 5e6, sentPackets, lostPackets },
      deliveredPackets: sentPackets.map((sent, bin) => sent - (lostPackets[bin] as number)),
    },
  };
}

test('the chart of an event is the golden one', async () => {
  const configuration = timelineChart(fault([2, 3]), { packetsMax: 900, isNarrow: false });
  await expect(`${JSON.stringify(configuration, null, 2)}\n`).toMatchFileSnapshot(
    '../golden/timeline-chart.json',
  );
});

test.each([
  ['nothing was lost', [], [-10, 20]],
  ['losses soon ended', [2], [-10, 20]],
  ['losses went on', [2, 6], [-10, 35]],
  ['losses went on to the end of what was recorded', [11], [-10, 50]],
])('a long quiet end is left out: %s', (_, lostBins, [min, max]) => {
  const { options, data } = timelineChart(fault(lostBins), { packetsMax: 900, isNarrow: true });
  expect(options?.scales?.x).toMatchObject({ min, max });
  for (const { data: points } of data.datasets) {
    expect(points[0]?.x).toBe(min);
    expect(points.at(-1)?.x).toBe(max);
  }
});

test.each<[string, { inOutage?: number; total?: number; nextAtNs?: number }, string]>([
  ['all of it', {}, 'lost: 600'],
  ['losses beside the outage', { total: 6_425 }, 'lost: 600 in the outage, 5,825 others'],
  [
    'an outage beyond the timeline',
    { inOutage: 900, total: 900 },
    'lost: 900 in the outage, 600 of them here',
  ],
  ['a next event within it', { total: 700, nextAtNs: 2.01e9 }, 'lost until the next event: 700'],
  ['a next event after it', { nextAtNs: 3e9 }, 'lost: 600'],
])('the legend has the figures of the text, and tells what is not drawn: %s', (_, given, label) => {
  const { inOutage = 600, total = 600, nextAtNs } = given;
  const lossy = { ...fault([2, 3]), packetsLost: { total, inOutage, atCards: 0, byPlace: [] } };
  const { data } = timelineChart(lossy, { packetsMax: 900, isNarrow: true, nextAtNs });
  expect(data.datasets[2]?.label).toBe(label);
});

test('an outage in which the run ended lasted at least as long', () => {
  const titleOf = (outcome: FaultOutcome) =>
    timelineChart(outcome, { packetsMax: 900, isNarrow: false }).options?.plugins?.title?.text;
  expect(`${titleOf({ ...fault([2]), outageMayGoOn: true })}`).toContain('outage of 8.50 ms or more');
  expect(`${titleOf(fault([2]))}`).not.toContain('or more');
});

test('a run that ended with the event has an empty chart', () => {
  const { data } = timelineChart(fault([], 0), { packetsMax: 0, isNarrow: false });
  expect(data.datasets.map(({ data: points }) => points)).toEqual([[], [], []]);
});

test('panels beside each other have the scale of the fullest bin', () => {
  expect(packetsMaxOf([fault([2]), fault([3])])).toBe(900);
  expect(packetsMaxOf([])).toBe(0);
});
