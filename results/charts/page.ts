import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';
import { Chart, type ChartConfiguration } from 'chart.js/auto';
import { FONT_FAMILY, Ink } from './palette.js';

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Page {
  readonly context: SKRSContext2D;
  /** Draws a Chart.js chart into an area of the page. */
  drawChart(configuration: ChartConfiguration, area: Area): void;
  toPng(): Buffer;
}

/** An empty page in pixels, on which several charts and text share one picture. */
export function createPage({ width, height }: { width: number; height: number }): Page {
  registerFonts();
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  context.fillStyle = Ink.paper;
  context.fillRect(0, 0, width, height);
  return {
    context,
    drawChart: (configuration, area) => drawChart(context, configuration, area),
    toPng: () => canvas.toBuffer('image/png'),
  };
}

function drawChart(context: SKRSContext2D, configuration: ChartConfiguration, area: Area): void {
  const { x, y, width, height } = area;
  const panel = createCanvas(width, height);
  const panelContext = panel.getContext('2d');
  panelContext.fillStyle = Ink.paper;
  panelContext.fillRect(0, 0, width, height);
  // Chart.js wants the DOM's type and uses of it only what a canvas context has.
  const chart = new Chart(panelContext as unknown as CanvasRenderingContext2D, {
    ...configuration,
    options: { ...configuration.options, responsive: false, animation: false, devicePixelRatio: 1 },
  });
  context.drawImage(panel, x, y);
  chart.destroy();
}

let fontsRegistered = false;

/** The package's own font, once per process: a machine may have none. */
function registerFonts(): void {
  if (fontsRegistered) return;
  const folder = join(
    dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')),
    'ttf',
  );
  for (const file of ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf']) {
    GlobalFonts.registerFromPath(join(folder, file), FONT_FAMILY);
  }
  fontsRegistered = true;
}
