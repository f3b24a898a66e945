import { statedText } from '../paper/deviation.js';
import { paperNumber } from '../paper/reference.js';
import type { PaperMark } from './figure-data.js';

/** A line across at a number of the paper. */
export function paperAcross(id: string, what = ''): PaperMark {
  return { id, label: labelOf(id, what), y: paperNumber(id).stated.value };
}

/** A line upward at a number of the paper. */
export function paperUpward(id: string, what = ''): PaperMark {
  return { id, label: labelOf(id, what), x: paperNumber(id).stated.value };
}

/** A diamond at a number of the paper, where the place on the x axis is known as well. */
export function paperDiamond(id: string, { x, what = '' }: { x: number; what?: string }): PaperMark {
  return { id, label: labelOf(id, what), x, y: paperNumber(id).stated.value };
}

function labelOf(id: string, what: string): string {
  return `paper${what === '' ? '' : `, ${what}`}: ${statedText(paperNumber(id))}`;
}
