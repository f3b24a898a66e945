import type { ChartConfiguration } from 'chart.js';
import { type Provenance, provenanceOf, type Result } from '../result.js';
import { runTitle, runVerdict } from '../run-title.js';
import { latencyChart } from './latency-chart.js';
import { createPage, type Page } from './page.js';
import { FONT_FAMILY, Ink, Palette } from './palette.js';
import { throughputChart } from './throughput-chart.js';

export const RUN_CHART_WIDTH = 1200;
export const RUN_CHART_HEIGHT = 900;
const HEADER_HEIGHT = 76;
const MARGIN = 20;
const DOT = '  \u00b7  ';
const BADGE = { width: 132, height: 34, radius: 6 } as const;
/** Virtual and measured figures must not be mistaken for each other, in colour or in print. */
const BADGE_COLORS: Record<Provenance, string> = { virtual: Palette.blue, measured: Palette.vermillion };

/** One picture of a run (PNG, 1200 x 900): latency by percentile above throughput over time, under a line that says which run it is. */
export function renderRunChart(result: Result): Buffer {
  const page = createPage({ width: RUN_CHART_WIDTH, height: RUN_CHART_HEIGHT });
  const panelHeight = (RUN_CHART_HEIGHT - HEADER_HEIGHT) / 2;
  drawHeader(page, result);
  page.drawChart(latencyChart(result.measured.latencyNs) as ChartConfiguration, {
    x: 0,
    y: HEADER_HEIGHT,
    width: RUN_CHART_WIDTH,
    height: panelHeight,
  });
  page.drawChart(throughputChart(result.measured) as ChartConfiguration, {
    x: 0,
    y: HEADER_HEIGHT + panelHeight,
    width: RUN_CHART_WIDTH,
    height: panelHeight,
  });
  return page.toPng();
}

function drawHeader({ context }: Page, result: Result): void {
  const textWidth = RUN_CHART_WIDTH - BADGE.width - 3 * MARGIN;
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  context.fillStyle = Ink.text;
  context.font = `bold 20px "${FONT_FAMILY}"`;
  context.fillText(runTitle(result, DOT), MARGIN, 34, textWidth);
  context.fillStyle = result.verdict === 'valid' ? Ink.muted : Palette.vermillion;
  context.font = `14px "${FONT_FAMILY}"`;
  context.fillText(cut(context, `${result.id}${DOT}${runVerdict(result)}`, textWidth), MARGIN, 58);

  const provenance = provenanceOf(result);
  const left = RUN_CHART_WIDTH - MARGIN - BADGE.width;
  context.fillStyle = BADGE_COLORS[provenance];
  context.beginPath();
  context.roundRect(left, 18, BADGE.width, BADGE.height, BADGE.radius);
  context.fill();
  context.fillStyle = Ink.paper;
  context.font = `bold 16px "${FONT_FAMILY}"`;
  context.textAlign = 'center';
  context.fillText(provenance, left + BADGE.width / 2, 41);
}

/** The text, or as much of it as fits before an ellipsis. */
function cut(context: Page['context'], text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let kept = text;
  while (kept.length > 0 && context.measureText(`${kept}...`).width > width) kept = kept.slice(0, -1);
  return `${kept}...`;
}
