import type { Chart, Plugin } from 'chart.js';
import { drawPoint } from 'chart.js/helpers';
import { PAPER_COLOR, PAPER_SHAPE } from './figure-style.js';
import { FONT_FAMILY, Ink } from './palette.js';

/** A mark of the paper in coordinates of the chart; on bars, `x` is the place of the bar. */
export interface ChartPaperMark {
  label: string;
  x?: number;
  y?: number;
}

const LABEL_FONT = `italic 12px "${FONT_FAMILY}"`;
const LINE_HEIGHT = 17;
const GAP = 6;
const DASH = [6, 4];
const DIAMOND_RADIUS = 8;

/** Options of the plugin: `labelsAt` is the end of a line across that is free of data. */
export interface PaperMarksOptions {
  marks: ChartPaperMark[];
  labelsAt: 'left' | 'right';
}

/** Draws `options.plugins.paperMarks` over the data: dashed lines and diamonds, each with its label beside it. */
export const paperMarksPlugin: Plugin = {
  id: 'paperMarks',
  afterDatasetsDraw(chart, _, options) {
    const { marks, labelsAt } = options as PaperMarksOptions;
    chart.ctx.save();
    let upward = 0;
    const lines = marks.filter(({ y }) => y === undefined).map(({ x }) => pixel(chart, 'x', x));
    for (const mark of marks) {
      if (mark.x !== undefined && mark.y !== undefined) drawDiamond(chart, mark);
      else if (mark.y !== undefined) drawAcross(chart, mark, labelsAt);
      else drawUpward(chart, mark, upward++, lines);
    }
    chart.ctx.restore();
  },
};

function drawDiamond(chart: Chart, { label, x, y }: ChartPaperMark): void {
  const centerX = pixel(chart, 'x', x);
  const centerY = pixel(chart, 'y', y);
  const { ctx } = chart;
  ctx.setLineDash([]);
  ctx.fillStyle = Ink.paper;
  ctx.strokeStyle = PAPER_COLOR;
  ctx.lineWidth = 2;
  drawPoint(ctx, { pointStyle: PAPER_SHAPE, radius: DIAMOND_RADIUS, borderWidth: 2 }, centerX, centerY);
  drawLabel(chart, label, { x: centerX, y: centerY - DIAMOND_RADIUS - GAP, align: 'center' });
}

function drawAcross(chart: Chart, { label, y }: ChartPaperMark, labelsAt: 'left' | 'right'): void {
  const { left, right, top } = chart.chartArea;
  const height = pixel(chart, 'y', y);
  drawDashed(chart, [left, height], [right, height]);
  const above = height - GAP;
  const fitsAbove = above - LINE_HEIGHT > top;
  drawLabel(chart, label, {
    x: labelsAt === 'left' ? left + GAP : right - GAP,
    y: fitsAbove ? above : height + LINE_HEIGHT - 2,
    align: labelsAt,
  });
}

/** Labels of several lines upward stand below each other, each on the side of its line where it crosses fewest of the others. */
function drawUpward(
  chart: Chart,
  { label, x }: ChartPaperMark,
  place: number,
  lines: readonly number[],
): void {
  const { left, right, top, bottom } = chart.chartArea;
  const at = pixel(chart, 'x', x);
  drawDashed(chart, [at, top], [at, bottom]);
  chart.ctx.font = LABEL_FONT;
  const reach = GAP + chart.ctx.measureText(label).width;
  const crossed = (from: number, to: number) =>
    lines.filter((line) => line !== at && line > from && line < to).length +
    Number(from < left || to > right);
  const crossedLeft = crossed(at - reach, at);
  const crossedRight = crossed(at, at + reach);
  const toTheLeft = crossedLeft === crossedRight ? at > (left + right) / 2 : crossedLeft < crossedRight;
  drawLabel(chart, label, {
    x: toTheLeft ? at - GAP : at + GAP,
    y: top + (place + 1) * LINE_HEIGHT,
    align: toTheLeft ? 'right' : 'left',
  });
}

function drawDashed({ ctx }: Chart, from: [number, number], to: [number, number]): void {
  ctx.strokeStyle = PAPER_COLOR;
  ctx.lineWidth = 1.5;
  ctx.setLineDash(DASH);
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}

/** Text on a rim of paper, so that it can be read across lines; moved sideways where it would leave the chart. */
function drawLabel(
  { ctx, width }: Chart,
  text: string,
  { x, y, align }: { x: number; y: number; align: 'left' | 'center' | 'right' },
): void {
  ctx.font = LABEL_FONT;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.setLineDash([]);
  ctx.lineJoin = 'round';
  ctx.lineWidth = 4;
  const textWidth = ctx.measureText(text).width;
  const start = x - textWidth * { left: 0, center: 0.5, right: 1 }[align];
  const left = Math.max(0, Math.min(start, width - textWidth - GAP));
  ctx.strokeStyle = Ink.paper;
  ctx.strokeText(text, left, y);
  ctx.fillStyle = PAPER_COLOR;
  ctx.fillText(text, left, y);
}

function pixel(chart: Chart, axis: 'x' | 'y', value = 0): number {
  return chart.scales[axis]?.getPixelForValue(value) ?? 0;
}
