import {
  type Canvas,
  createCanvas,
  type SKRSContext2D,
  type SvgCanvas,
  SvgExportFlag,
} from '@napi-rs/canvas';
import { Chart, type ChartConfiguration, type Plugin } from 'chart.js/auto';
import {
  BarWithErrorBar,
  BarWithErrorBarsController,
  LineWithErrorBarsController,
  PointWithErrorBar,
} from 'chartjs-chart-error-bars';
import { wrapWithin } from '../../core/wrap.js';
import { type FigureData, type FigureMark, marksOf } from '../figures/figure-data.js';
import { figurePanelChart } from './figure-panel.js';
import { type NestedSvg, nestSvgs } from './figure-svg.js';
import { type Area, createPage } from './page.js';
import { FONT_FAMILY, Ink, Palette } from './palette.js';

Chart.register(LineWithErrorBarsController, PointWithErrorBar, BarWithErrorBarsController, BarWithErrorBar);

const HEADER_HEIGHT = 66;
const SUBTITLE_LINE_HEIGHT = 17;
const SUBTITLE_LINES_MAX = 3;
const FOOTER_HEIGHT = 34;
const MARGIN = 20;
const ONE_PANEL = { width: 1000, height: 520 };
const MANY_PANELS = { width: 400, height: 350, columns: 3 };
/** Pixels per unit of length of a PNG: text stays sharp on a fine screen and in print. */
const PNG_SCALE = 2;
const SUBTITLE_FONT = `13px "${FONT_FAMILY}"`;
const BADGE = { width: 116, height: 30, radius: 6 } as const;
const BADGE_STEP = BADGE.width + MARGIN / 2;
/** As on the chart of a run: virtual and measured figures must not be mistaken for each other. */
const BADGE_COLORS: Record<FigureMark, string> = { virtual: Palette.blue, measured: Palette.vermillion };

/** The figure as a PNG, two pixels per unit. */
export function figurePng(figure: FigureData): Buffer {
  registerFonts();
  const { width, height, parts } = layOut(figure);
  const page = createPage({ width: width * PNG_SCALE, height: height * PNG_SCALE });
  for (const { area, draw } of parts) {
    const canvas = createCanvas(area.width, area.height);
    draw(canvas, PNG_SCALE, () => page.context.drawImage(canvas, area.x * PNG_SCALE, area.y * PNG_SCALE));
  }
  return page.toPng();
}

/** The figure as an SVG whose text is text. */
export function figureSvg(figure: FigureData): string {
  registerFonts();
  const { width, height, parts } = layOut(figure);
  const nested: NestedSvg[] = [];
  for (const { area, draw } of parts) {
    const canvas = createCanvas(area.width, area.height, SvgExportFlag.RelativePathEncoding);
    draw(canvas, 1, () => nested.push({ area, svg: canvas.getContent().toString('utf8') }));
  }
  return nestSvgs(nested, { width, height, title: figure.title, background: Ink.paper });
}

interface Part {
  area: Area;
  /** Draws on a canvas of the area's size, which it makes `scale` times as large; `take` is called while the drawing stands. */
  draw(canvas: Canvas | SvgCanvas, scale: number, take: () => void): void;
}

function layOut(figure: FigureData): { width: number; height: number; parts: Part[] } {
  const { panels } = figure;
  const cell = panels.length === 1 ? { ...ONE_PANEL, columns: 1 } : MANY_PANELS;
  const columns = Math.min(cell.columns, panels.length);
  const width = columns * cell.width;
  const lines = subtitleLines(figure, width);
  const top = HEADER_HEIGHT + Math.max(0, lines.length - 1) * SUBTITLE_LINE_HEIGHT;
  const bottom = top + Math.ceil(panels.length / columns) * cell.height;
  const charts = panels.map(
    (panel, place): Part => ({
      area: {
        x: (place % columns) * cell.width,
        y: top + Math.floor(place / columns) * cell.height,
        width: cell.width,
        height: cell.height,
      },
      draw: (canvas, scale, take) => drawChart(canvas, figurePanelChart(panel), scale, take),
    }),
  );
  const header: Part = {
    area: { x: 0, y: 0, width, height: top },
    draw: scaledText((context) => drawHeader(context, figure, { width, lines })),
  };
  const footer: Part = {
    area: { x: 0, y: bottom, width, height: FOOTER_HEIGHT },
    draw: scaledText((context) => drawFooter(context, figure)),
  };
  return { width, height: bottom + FOOTER_HEIGHT, parts: [header, ...charts, footer] };
}

function drawChart(
  canvas: Canvas | SvgCanvas,
  configuration: ChartConfiguration,
  scale: number,
  take: () => void,
): void {
  // Chart.js wants the DOM's type and uses of it only what a canvas context has.
  const context = canvas.getContext('2d') as unknown as CanvasRenderingContext2D;
  const chart = new Chart(context, {
    ...configuration,
    options: { ...configuration.options, devicePixelRatio: scale },
    plugins: [backgroundPlugin, ...(configuration.plugins ?? [])],
  });
  take();
  // This wipes the canvas.
  chart.destroy();
}

/** Chart.js clears its canvas before it draws. */
const backgroundPlugin: Plugin = {
  id: 'background',
  beforeDraw({ ctx, width, height }) {
    ctx.save();
    ctx.fillStyle = Ink.paper;
    ctx.fillRect(0, 0, width, height);
    ctx.restore();
  },
};

function scaledText(draw: (context: SKRSContext2D) => void): Part['draw'] {
  return (canvas, scale, take) => {
    if (scale !== 1) {
      canvas.width *= scale;
      canvas.height *= scale;
    }
    const context = canvas.getContext('2d');
    context.scale(scale, scale);
    draw(context);
    take();
  };
}

function drawHeader(
  context: SKRSContext2D,
  figure: FigureData,
  { width, lines }: { width: number; lines: string[] },
): void {
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  context.fillStyle = Ink.text;
  context.font = `bold 19px "${FONT_FAMILY}"`;
  context.fillText(figure.title, MARGIN, 34, headerTextWidth(figure, width));
  context.fillStyle = Ink.muted;
  context.font = SUBTITLE_FONT;
  lines.forEach((line, place) => {
    context.fillText(line, MARGIN, 56 + place * SUBTITLE_LINE_HEIGHT);
  });
  marksOf(figure).forEach((mark, place) => {
    drawBadge(context, mark, width - MARGIN - BADGE.width - place * BADGE_STEP);
  });
}

function headerTextWidth(figure: FigureData, width: number): number {
  return width - 2 * MARGIN - marksOf(figure).length * BADGE_STEP;
}

/** The subtitle broken at spaces; what is too long for the picture stands in the figure's JSON. */
function subtitleLines(figure: FigureData, width: number): string[] {
  const context = createCanvas(1, 1).getContext('2d');
  context.font = SUBTITLE_FONT;
  const textWidth = headerTextWidth(figure, width);
  const lines = wrapWithin(figure.subtitle, (line) => context.measureText(line).width <= textWidth);
  if (lines.length <= SUBTITLE_LINES_MAX) return lines;
  return [...lines.slice(0, SUBTITLE_LINES_MAX - 1), `${lines[SUBTITLE_LINES_MAX - 1]} ...`];
}

function drawBadge(context: SKRSContext2D, mark: FigureMark, left: number): void {
  context.fillStyle = BADGE_COLORS[mark];
  context.beginPath();
  context.roundRect(left, 14, BADGE.width, BADGE.height, BADGE.radius);
  context.fill();
  context.fillStyle = Ink.paper;
  context.font = `bold 15px "${FONT_FAMILY}"`;
  context.textAlign = 'center';
  context.fillText(mark, left + BADGE.width / 2, 34);
  context.textAlign = 'left';
}

function drawFooter(context: SKRSContext2D, figure: FigureData): void {
  context.font = `12px "${FONT_FAMILY}"`;
  context.fillStyle = Ink.muted;
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  context.fillText(footerText(figure), MARGIN, 18);
}

/** How many runs a point stands for, and who the paper is. */
export function footerText({ panels }: FigureData): string {
  const counts = panels.flatMap(({ series }) =>
    series.flatMap(({ points }) => points.map(({ runs }) => runs.length)),
  );
  const least = Math.min(...counts);
  const most = Math.max(...counts);
  const seeds = least === most ? `${most}` : `${least} to ${most}`;
  const points =
    counts.length === 0
      ? 'nothing was run'
      : most === 1
        ? 'one run each'
        : `median of ${seeds} seeds; error bars: least and greatest`;
  const hasPaper = panels.some(({ paperMarks }) => paperMarks.length > 0);
  return hasPaper ? `${points}; the paper: Bansal et al., NSDI 2023` : points;
}

/** A page registers the package's font. */
function registerFonts(): void {
  createPage({ width: 1, height: 1 });
}
