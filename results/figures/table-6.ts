import { paperNumber } from '../paper/reference.js';
import type { FigureRun } from './figure-10.js';
import { FIGURE_SCHEMA, type FigureData, type FigurePanel, pointsOf, type Sample } from './figure-data.js';
import { paperDiamond } from './paper-mark.js';

/** One scenario's bars: its samples' x is its place from 1. */
export interface Table6Bars {
  /** As the paper's numbers name it: `switchover`. */
  paperKey: string;
  label: string;
  /** A run ended in its outage: its recovery is at least what it is. */
  outageMayGoOn: boolean;
  dropped: Omit<Sample, 'x'>[];
  droppedAtCards: Omit<Sample, 'x'>[];
  recoveryNs: Omit<Sample, 'x'>[];
}

const PANELS = [
  { key: 'dropped', paper: 'dropped', title: 'packets lost', unit: 'fraction' },
  { key: 'droppedAtCards', paper: 'dropped-at-cards', title: 'packets lost at cards', unit: 'fraction' },
  { key: 'recoveryNs', paper: 'recovery', title: 'recovery, derived from loss', unit: 'ns' },
] as const;

/** Table 6 as bars, a panel per quantity. The paper's numbers are of pairs that
 * replicate; `isPaperSize`: shares of what is lost stand beside the paper's, which depend on how long a run is. */
export function table6Figure(
  scenarios: readonly Table6Bars[],
  { mark, subtitle, isPaperSize, replication }: FigureRun & { isPaperSize: boolean; replication: boolean },
): FigureData {
  return {
    schema: FIGURE_SCHEMA,
    id: 'table-6',
    title: 'Table 6: state replication under faults',
    subtitle,
    panels: PANELS.map(
      ({ key, paper, title, unit }): FigurePanel => ({
        id: paper,
        title,
        kind: 'bars',
        x: { label: 'scenario', unit: 'scenario', scale: 'linear' },
        y: { label: title, unit, scale: 'linear' },
        series: [
          {
            ...{ id: paper, label: title, mark, group: 0, role: 'main' },
            points: scenarios.flatMap(({ label, outageMayGoOn, [key]: samples }, place) =>
              pointsOf(samples.map((sample) => ({ ...sample, x: place + 1 }))).map((point) => ({
                ...point,
                label: outageMayGoOn && key === 'recoveryNs' ? `${label}: at least` : label,
              })),
            ),
          },
        ],
        paperMarks: scenarios.flatMap(({ paperKey, outageMayGoOn }, place) => {
          const id = `fault-${paperKey}-${paper}`;
          const isComparable = key === 'recoveryNs' ? !outageMayGoOn : isPaperSize;
          const isShown = replication && isComparable && paperNumber(id).stated.value > 0;
          return isShown ? [paperDiamond(id, { x: place + 1 })] : [];
        }),
      }),
    ),
  };
}
