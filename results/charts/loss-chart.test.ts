import { expect, test } from 'vitest';
import { exampleMeasured } from '../fixture.js';
import { lossChart } from './loss-chart.js';

test('the chart of a run is the golden one', async () => {
  const configuration = lossChart(exampleMeasured());
  await expect(`${JSON.stringify(configuration, null, 2)}\n`).toMatchFileSnapshot(
    '../golden/loss-chart.json',
  );
});

test('a run that lost nothing has no chart', () => {
  const { packets, ...measured } = exampleMeasured();
  const dropped = { total: 0, atCards: 0, byReason: {} };
  expect(lossChart({ ...measured, packets: { ...packets, dropped } })).toBeUndefined();
});

test.each([
  [{ armNewFlowQueue: 20_763, linkBuffer: 12 }, '20,775 lost: armNewFlowQueue 20,763, linkBuffer 12'],
  [{ linkBuffer: 1, mpuQueue: 0, noFlow: 2 }, '3 lost: noFlow 2, linkBuffer 1'],
  [{ a: 1, b: 2, c: 3, d: 4 }, '10 lost: d 4, c 3, b 2, ...'],
])('the legend names the reasons, most first: %j', (byReason, label) => {
  const { packets, ...measured } = exampleMeasured();
  const total = Object.values(byReason).reduce((sum, count) => sum + count, 0);
  const dropped = { total, atCards: 0, byReason: byReason as Record<string, number> };
  const chart = lossChart({ ...measured, packets: { ...packets, dropped } });
  expect(chart?.data.datasets[0]?.label).toBe(label);
});
