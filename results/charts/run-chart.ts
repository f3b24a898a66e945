import type { ChartConfiguration } from 'chart.js';
import type { Result } from '../result.js';
import { latencyChart } from './latency-chart.js';
import { lossChart } from './loss-chart.js';
import { createPage } from './page.js';
import { runHeader } from './run-header.js';
import { throughputChart } from './throughput-chart.js';

export const RUN_CHART_WIDTH = 1200;
const LATENCY_HEIGHT = 412;
const THROUGHPUT_HEIGHT = 412;
const LOSS_HEIGHT = 260;

/**
 * One picture of a run (PNG, 1200 pixels wide, as high as it needs): latency by percentile above throughput over time, above
 * losses where there were any, all under the lines that say which run it is and what to know of it.
 */
export function renderRunChart(result: Result): Buffer {
  const { measured } = result;
  const loss = lossChart(measured);
  const panels = [
    { configuration: latencyChart(measured.latencyNs), height: LATENCY_HEIGHT },
    { configuration: throughputChart(measured), height: THROUGHPUT_HEIGHT },
    ...(loss === undefined ? [] : [{ configuration: loss, height: LOSS_HEIGHT }]),
  ];
  const header = runHeader(result, { width: RUN_CHART_WIDTH });
  const height = panels.reduce((sum, panel) => sum + panel.height, header.height);
  const page = createPage({ width: RUN_CHART_WIDTH, height });
  header.drawOn(page);
  let y = header.height;
  for (const panel of panels) {
    const area = { x: 0, y, width: RUN_CHART_WIDTH, height: panel.height };
    page.drawChart(panel.configuration as ChartConfiguration, area);
    y += panel.height;
  }
  return page.toPng();
}
