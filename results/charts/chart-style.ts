import type { ChartDataset, ChartOptions, LegendItem } from 'chart.js';
import { FONT_FAMILY, Ink } from './palette.js';

export const FONT = { family: FONT_FAMILY, size: 13 } as const;

export interface LinePoint {
  x: number;
  y: number;
}

/** What all panels share: no animation, our font, title above, legend below it. */
export function baseOptions(title: string): ChartOptions<'line'> {
  return {
    responsive: false,
    animation: false,
    devicePixelRatio: 1,
    font: FONT,
    color: Ink.text,
    layout: { padding: { left: 20, right: 20, top: 4, bottom: 8 } },
    plugins: {
      title: {
        display: true,
        text: title,
        align: 'start',
        color: Ink.text,
        font: { family: FONT_FAMILY, size: 16, weight: 'bold' },
        padding: { top: 4, bottom: 4 },
      },
      legend: {
        display: true,
        position: 'top',
        align: 'start',
        labels: {
          color: Ink.text,
          usePointStyle: true,
          pointStyleWidth: 30,
          font: FONT,
          generateLabels: (chart) => chart.data.datasets.map(legendItem),
        },
      },
    },
  };
}

/** An axis says what it shows and in which unit. */
export function axisTitle(text: string): { display: true; text: string; color: string; font: typeof FONT } {
  return { display: true, text, color: Ink.muted, font: FONT };
}

const LEFT_AXIS_WIDTH = 84;

/** `afterFit` of left axes: panels above each other begin at one place, whatever their labels. */
export function fixedWidth(axis: { width: number }): void {
  axis.width = LEFT_AXIS_WIDTH;
}

/** Chart.js's own legend loses the dashes, which a reader who cannot tell the colours needs. */
export function legendItem(dataset: ChartDataset, datasetIndex: number): LegendItem {
  const { label, borderColor, backgroundColor, borderDash, borderWidth, fill } =
    dataset as ChartDataset<'line'>;
  return {
    text: label ?? '',
    datasetIndex,
    fontColor: Ink.text,
    strokeStyle: borderColor as string,
    fillStyle: backgroundColor as string,
    lineWidth: borderWidth as number,
    lineDash: borderDash as number[],
    pointStyle: fill === undefined ? 'line' : 'rect',
  };
}
