import { expect, test } from 'vitest';
import { exampleMeasured } from '../fixture.js';
import type { Series } from '../result.js';
import { lossChart } from './loss-chart.js';
import { throughputChart } from './throughput-chart.js';

test('the chart of a run is the golden one', async () => {
  const configuration = throughputChart(exampleMeasured());
  await expect(`${JSON.stringify(configuration, null, 2)}\n`).toMatchFileSnapshot(
    '../golden/throughput-chart.json',
  );
});

test('a rate is a mean over its interval, and the last interval may be cut short', () => {
  const series: Series = {
    intervalNs: 100e6,
    offeredConnections: [200_000, 100_000],
    completedConnections: [100_000, 100_000],
    lostPackets: [0, 7],
    sentPackets: [9, 9],
  };
  const run = { durationNs: 150e6, series };
  const [offered, achieved] = throughputChart(run).data.datasets;
  expect(offered?.data).toEqual([
    { x: 0, y: 2 },
    { x: 100, y: 2 },
    { x: 150, y: 2 },
  ]);
  expect(achieved?.data.map(({ y }) => y)).toEqual([1, 2, 2]);
  const packets = { ...exampleMeasured().packets };
  expect(lossChart({ ...run, packets })?.data.datasets[0]?.data).toEqual([
    { x: 0, y: 0 },
    { x: 100, y: 7 },
    { x: 150, y: 7 },
  ]);
});

test('a run without an interval has empty lines and no NaN', () => {
  const series: Series = {
    intervalNs: 100e6,
    offeredConnections: [],
    completedConnections: [],
    lostPackets: [],
    sentPackets: [],
  };
  const configuration = throughputChart({ durationNs: 0, series });
  expect(configuration.data.datasets.map(({ data }) => data)).toEqual([[], []]);
  expect(JSON.stringify(configuration)).not.toContain('null');
});
