import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Canvas, createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';
import type { Chart, ChartConfiguration, Plugin } from 'chart.js';
import { ChartJSNodeCanvas } from 'chartjs-node-canvas';
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
  // The finished chart is copied while its canvas exists: decoding the renderer's PNG would be asynchronous.
  const copyToPage: Plugin = {
    id: 'copy-to-page',
    afterDraw: (chart: Chart) => context.drawImage(chart.canvas as unknown as Canvas, x, y),
  };
  const renderer = new ChartJSNodeCanvas({ width, height, backgroundColour: Ink.paper });
  renderer.renderToBufferSync({
    ...configuration,
    plugins: [...(configuration.plugins ?? []), copyToPage],
  });
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
