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
const EDGE = 3;
const SWATCH = 12;
const DASH = [6, 4];

/** Options of the plugin. */
export interface BandsOptions {
  bands: FigureBand[];
  requirements: FigureRequirement[];
}

/** Draws `options.plugins.bands` behind the data: stretches of the x axis with their names, and what is required as lines. */
export const bandsPlugin: Plugin = {
  id: 'bands',
  beforeDatasetsDraw(chart, _, options) {
    const { bands, requirements } = options as BandsOptions;
    chart.ctx.save();
    for (const band of bands) drawBand(chart, band);
    bands.forEach((band, place) => {
      drawName(chart, band, place);
    });
    for (const requirement of requirements) drawRequirement(chart, requirement);
    chart.ctx.restore();
  },
};

/** A band without an end goes to the frame. */
function drawBand(chart: Chart, band: FigureBand): void {
  const { ctx, chartArea } = chart;
  const { left, right } = endsOf(chart, band);
  ctx.fillStyle = translucent(BAND_COLORS[band.tone], BAND_ALPHA);
  ctx.fillRect(left, chartArea.top, right - left, chartArea.height);
  ctx.fillStyle = BAND_COLORS[band.tone];
  ctx.fillRect(left, chartArea.bottom - EDGE, Math.max(EDGE, right - left), EDGE);
}

/** Names stand at the bottom, each a line above the one before, with the colour of their band: narrow bands do not overprint. */
function drawName(chart: Chart, band: FigureBand, place: number): void {
  const { ctx, chartArea } = chart;
  ctx.font = LABEL_FONT;
  const width = SWATCH + GAP + ctx.measureText(band.label).width;
  const left = Math.min(endsOf(chart, band).left + GAP, chartArea.right - GAP - width);
  const bottom = chartArea.bottom - GAP - EDGE - place * LINE_HEIGHT;
  ctx.fillStyle = BAND_COLORS[band.tone];
  ctx.fillRect(left, bottom - SWATCH, SWATCH, SWATCH);
  ctx.fillStyle = Ink.text;
  ctx.textBaseline = 'bottom';
  ctx.textAlign = 'left';
  ctx.fillText(band.label, left + SWATCH + GAP, bottom);
}

function endsOf(chart: Chart, { from, to }: FigureBand): { left: number; right: number } {
  const { left, right } = chart.chartArea;
  return {
    left: from === undefined ? left : pixelX(chart, from),
    right: to === undefined ? right : pixelX(chart, to),
  };
}

function drawRequirement(chart: Chart, { label, x, y }: FigureRequirement): void {
  const { ctx, chartArea } = chart;
  const { left, right, top, bottom } = chartArea;
  const atX = x === undefined ? undefined : pixelX(chart, x);
  const atY = chart.scales.y?.getPixelForValue(y ?? 0) ?? bottom;
  ctx.setLineDash(DASH);
  ctx.strokeStyle = Ink.text;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(atX ?? left, atX === undefined ? atY : top);
  ctx.lineTo(atX ?? right, atX === undefined ? atY : bottom);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.font = REQUIREMENT_FONT;
  ctx.fillStyle = Ink.text;
  ctx.textBaseline = atX === undefined ? 'bottom' : 'top';
  ctx.textAlign = 'right';
  // At the greatest loads, where a search loses far more than is asked for.
  ctx.fillText(label, (atX ?? right) - GAP, atX === undefined ? atY - 2 : top + GAP);
}

function pixelX(chart: Chart, value: number): number {
  const { left, right } = chart.chartArea;
  const place = chart.scales.x?.getPixelForValue(value) ?? left;
  return Math.min(right, Math.max(left, place));
}
