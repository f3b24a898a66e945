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

test('a run that ended with the event has an empty chart', () => {
  const { data } = timelineChart(fault([], 0), { packetsMax: 0, isNarrow: false });
  expect(data.datasets.map(({ data: points }) => points)).toEqual([[], [], []]);
});

test('panels beside each other have the scale of the fullest bin', () => {
  expect(packetsMaxOf([fault([2]), fault([3])])).toBe(900);
  expect(packetsMaxOf([])).toBe(0);
});
