import type { Chart, Plugin } from 'chart.js';
import type { FigureBand, FigureRequirement, FigureTone } from '../figures/figure-data.js';
import { FONT_FAMILY, Ink, Palette, translucent } from './palette.js';

/** Each band has its label too. */
const BAND_COLORS: Record<FigureTone, string> = {
  good: Palette.green,
  fair: Palette.sky,
  poor: Palette.orange,
  bad: Palette.vermillion,
};
const BAND_ALPHA = '26';
const LABEL_FONT = `bold 12px "${FONT_FAMILY}"`;
const REQUIREMENT_FONT = `italic 12px "${FONT_FAMILY}"`;
const GAP = 6;
const LINE_HEIGHT = 17;
const DASH = [6, 4];

/** Options of the plugin. */
export interface BandsOptions {
  bands: FigureBand[];
  requirement?: FigureRequirement;
}

/** Draws `options.plugins.bands` behind the data: stretches of the x axis with their names, and a required minimum as a line upward. */
export const bandsPlugin: Plugin = {
  id: 'bands',
  beforeDatasetsDraw(chart, _, options) {
    const { bands = [], requirement } = options as Partial<BandsOptions>;
    chart.ctx.save();
    bands.forEach((band, place) => {
      drawBand(chart, band, place);
    });
    if (requirement !== undefined) drawRequirement(chart, requirement);
    chart.ctx.restore();
  },
};

/** A band without an end goes to the frame. Names stand at the bottom, each a line above the one before, so that narrow bands do not overprint. */
function drawBand(chart: Chart, { label, tone, from, to }: FigureBand, place: number): void {
  const { ctx, chartArea } = chart;
  const left = from === undefined ? chartArea.left : pixel(chart, from);
  const right = to === undefined ? chartArea.right : pixel(chart, to);
  const color = BAND_COLORS[tone];
  ctx.fillStyle = translucent(color, BAND_ALPHA);
  ctx.fillRect(left, chartArea.top, right - left, chartArea.height);
  ctx.font = LABEL_FONT;
  ctx.fillStyle = Ink.text;
  ctx.textBaseline = 'bottom';
  const isNearEnd = left + GAP + ctx.measureText(label).width > chartArea.right;
  ctx.textAlign = isNearEnd ? 'right' : 'left';
  ctx.fillText(
    label,
    isNearEnd ? chartArea.right - GAP : left + GAP,
    chartArea.bottom - GAP - place * LINE_HEIGHT,
  );
  ctx.fillStyle = color;
  ctx.fillRect(left, chartArea.bottom - 3, Math.max(2, right - left), 3);
}

function drawRequirement(chart: Chart, { label, x }: FigureRequirement): void {
  const { ctx, chartArea } = chart;
  const place = pixel(chart, x);
  ctx.setLineDash(DASH);
  ctx.strokeStyle = Ink.text;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(place, chartArea.top);
  ctx.lineTo(place, chartArea.bottom);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.font = REQUIREMENT_FONT;
  ctx.fillStyle = Ink.text;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'right';
  ctx.fillText(label, place - GAP, chartArea.top + GAP);
}

function pixel(chart: Chart, value: number): number {
  const { left, right } = chart.chartArea;
  const place = chart.scales.x?.getPixelForValue(value) ?? left;
  return Math.min(right, Math.max(left, place));
}
