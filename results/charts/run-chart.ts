import type { ChartConfiguration } from 'chart.js';
import type { Measured, Result } from '../result.js';
import { latencyChart } from './latency-chart.js';
import { lossChart } from './loss-chart.js';
import { createPage } from './page.js';
import { runHeader } from './run-header.js';
import { throughputChart } from './throughput-chart.js';
import { packetsMaxOf, timelineChart } from './timeline-chart.js';

export const RUN_CHART_WIDTH = 1200;
const LATENCY_HEIGHT = 412;
const THROUGHPUT_HEIGHT = 412;
const LOSS_HEIGHT = 260;
const TIMELINE_HEIGHT = 330;
const TIMELINE_HEIGHT_NARROW = 270;
/** Events that are drawn one by one; the figures of all stand in the result. */
const TIMELINES_MAX = 12;

/**
 * One picture of a run (PNG, 1200 pixels wide, as high as it needs): latency by percentile above throughput over time, above
 * losses where there were any and what each fault did, all under the lines that say which run it is and what to know of it.
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
  const timelines = timelinePanels(measured);
  const above = panels.reduce((sum, panel) => sum + panel.height, header.height);
  const height = timelines.reduce(
    (bottom, { area }) => Math.max(bottom, above + area.y + area.height),
    above,
  );
  const page = createPage({ width: RUN_CHART_WIDTH, height });
  header.drawOn(page);
  let y = header.height;
  for (const panel of panels) {
    const area = { x: 0, y, width: RUN_CHART_WIDTH, height: panel.height };
    page.drawChart(panel.configuration as ChartConfiguration, area);
    y += panel.height;
  }
  for (const { configuration, area } of timelines) {
    page.drawChart(configuration as ChartConfiguration, { ...area, y: above + area.y });
  }
  return page.toPng();
}

/** One event over the whole width; several as small multiples, two in a row. */
function timelinePanels({ faults = [] }: Pick<Measured, 'faults'>) {
  const shown = faults.slice(0, TIMELINES_MAX);
  const packetsMax = packetsMaxOf(shown);
  const isNarrow = shown.length > 1;
  const width = isNarrow ? RUN_CHART_WIDTH / 2 : RUN_CHART_WIDTH;
  const height = isNarrow ? TIMELINE_HEIGHT_NARROW : TIMELINE_HEIGHT;
  return shown.map((fault, place) => ({
    configuration: timelineChart(fault, {
      ...{ packetsMax, isNarrow },
      nextAtNs: faults[place + 1]?.atNs,
    }),
    area: isNarrow
      ? { x: (place % 2) * width, y: Math.floor(place / 2) * height, width, height }
      : { x: 0, y: 0, width, height },
  }));
}
