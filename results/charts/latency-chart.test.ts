import { expect, test } from 'vitest';
import { exampleLatency, exampleMeasured } from '../fixture.js';
import { latencyChart, percentileLabel } from './latency-chart.js';

const NOTHING = exampleLatency({ count: 0, floorNs: 0, scaleNs: 0 });

test('the chart of a run is the golden one', async () => {
  const configuration = latencyChart(exampleMeasured().latencyNs);
  await expect(`${JSON.stringify(configuration, null, 2)}\n`).toMatchFileSnapshot(
    '../golden/latency-chart.json',
  );
});

test.each([
  [0, '0'],
  [1, '90'],
  [2, '99'],
  [3, '99.9'],
  [4, '99.99'],
  [5, 'max'],
])('place %d of the axis is labelled %s', (place, label) => {
  expect(percentileLabel(place)).toBe(label);
});

test('a line runs from the minimum up to the maximum and never down', () => {
  const { latencyNs } = exampleMeasured();
  const points = latencyChart(latencyNs).data.datasets[0]?.data ?? [];
  expect(points[0]).toEqual({ x: 0, y: latencyNs.synToSynAck.min });
  expect(points.at(-1)).toEqual({ x: 5, y: latencyNs.synToSynAck.max });
  const heights = points.map(({ y }) => y);
  expect(heights).toEqual([...heights].sort((one, other) => one - other));
});

test('a histogram that holds nothing has no line', () => {
  const { synToSynAck } = exampleMeasured().latencyNs;
  const solo = latencyChart({ synToSynAck, pingPong: NOTHING, cardTransit: NOTHING });
  expect(solo.data.datasets.map(({ label }) => label)).toEqual([expect.stringContaining('SYN to SYN-ACK')]);
  const none = latencyChart({ synToSynAck: NOTHING, pingPong: NOTHING, cardTransit: NOTHING });
  expect(none.data.datasets).toEqual([]);
  expect(none.options?.plugins?.title?.text).toContain('none recorded');
});

test('a latency of zero stays on the logarithmic axis', () => {
  const zero = exampleLatency({ count: 5, floorNs: 0, scaleNs: 0 });
  const { data } = latencyChart({ synToSynAck: zero, pingPong: NOTHING, cardTransit: NOTHING });
  expect(data.datasets[0]?.data.every(({ y }) => y === 1)).toBe(true);
});
