import type { PointStyle } from 'chart.js';
import type { FigureSeries } from '../figures/figure-data.js';
import { Ink, Palette } from './palette.js';

/** Colour and shape of a group: either alone tells it apart. The diamond and black are the paper's. */
const GROUPS: readonly { color: string; shape: PointStyle }[] = [
  { color: Palette.blue, shape: 'circle' },
  { color: Palette.vermillion, shape: 'triangle' },
  { color: Palette.green, shape: 'rect' },
  { color: Palette.purple, shape: 'crossRot' },
  { color: Palette.orange, shape: 'star' },
  { color: Palette.sky, shape: 'cross' },
];

export const PAPER_COLOR = Palette.black;
export const PAPER_SHAPE: PointStyle = 'rectRot';

const ASIDE_DASH = [7, 5];

export function groupStyle(group: number): { color: string; shape: PointStyle } {
  return GROUPS[group % GROUPS.length] as (typeof GROUPS)[number];
}

/**
 * Lines, points and whiskers of a series; `hollow` tells of each point whether it is drawn without its filling. Options
 * of points carry the name of the plugin's element, since those that begin with `point` alone are not read.
 */
export function lineStyle({ group, role }: FigureSeries, hollow: boolean[]) {
  const { color, shape } = groupStyle(group);
  return {
    borderColor: color,
    backgroundColor: color,
    borderWidth: role === 'aside' ? 1.5 : 2,
    borderDash: role === 'aside' ? ASIDE_DASH : [],
    pointStyle: shape,
    pointWithErrorBarRadius: 5,
    pointWithErrorBarBorderWidth: 2,
    pointWithErrorBarBackgroundColor: hollow.map((isHollow) =>
      isHollow || role === 'aside' ? Ink.paper : color,
    ),
    ...whiskerStyle(color),
  };
}

export function whiskerStyle(color: string) {
  return {
    errorBarColor: color,
    errorBarWhiskerColor: color,
    errorBarLineWidth: 1.5,
    errorBarWhiskerLineWidth: 1.5,
    errorBarWhiskerSize: 14,
    errorBarWhiskerRatio: 0,
  };
}
