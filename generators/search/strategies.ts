import type { RelevantBounds } from './load-book.js';
import { keepApart, middle } from './load-interval.js';
import type { SearchTarget } from './search-target.js';

/** What a selector knows when it chooses a load. Loads are indices into the grid. */
export interface Situation {
  target: SearchTarget;
  /** For this target, so far. */
  bounds: RelevantBounds;
  /** Bounds of the target before, or of the initial trials: where this target begins. */
  initial: RelevantBounds;
  /** Step of external search, should it be needed. */
  expansionSteps: number;
  maxIndex: number;
}

export interface Nomination {
  index: number;
  /** Width that this trial is to lead to. */
  widthSteps: number;
  /** External search: if the load becomes this bound, the truth is still further off and the next step is longer. */
  expandsOn?: keyof RelevantBounds;
}

export type Strategy = (situation: Situation) => Nomination | undefined;

/**
 * In order of preference (strategy/ of FD.io CSIT's MLRsearch): halve what the target before has left, confirm its bounds, go
 * out for a bound that is missing (external search), and bisect when there are both (internal search).
 */
export const STRATEGIES: readonly Strategy[] = [
  halve,
  refineLower,
  refineUpper,
  extendDown,
  extendUp,
  bisect,
];

function halve(situation: Situation): Nomination | undefined {
  const { initial, target } = situation;
  if (initial.lower === undefined || initial.upper === undefined) return undefined;
  const steps = initial.upper - initial.lower;
  if (steps <= target.widthSteps || steps > 2 * target.widthSteps) return undefined;
  return ifOpen(situation, middle(initial.lower, initial.upper, target.widthSteps));
}

function refineLower(situation: Situation): Nomination | undefined {
  return ifOpen(situation, situation.initial.lower);
}

function refineUpper(situation: Situation): Nomination | undefined {
  return ifOpen(situation, situation.initial.upper);
}

function extendDown(situation: Situation): Nomination | undefined {
  const { bounds, expansionSteps } = situation;
  if (bounds.lower !== undefined || bounds.upper === undefined || bounds.upper === 0) return undefined;
  const index = roomFor(situation, bounds.upper - expansionSteps);
  return index === undefined ? undefined : { index, widthSteps: expansionSteps, expandsOn: 'upper' };
}

function extendUp(situation: Situation): Nomination | undefined {
  const { bounds, expansionSteps, maxIndex } = situation;
  if (bounds.upper !== undefined || bounds.lower === undefined || bounds.lower === maxIndex) return undefined;
  const index = roomFor(situation, bounds.lower + expansionSteps);
  return index === undefined ? undefined : { index, widthSteps: expansionSteps, expandsOn: 'lower' };
}

/**
 * Splits the interval, unless a step of external search would land nearer to where the target began: after an external
 * search has overshot, the truth is likelier there than in the middle.
 */
function bisect(situation: Situation): Nomination | undefined {
  const { bounds, initial, expansionSteps, target } = situation;
  const { lower, upper } = bounds;
  if (lower === undefined || upper === undefined || upper - lower <= target.widthSteps) return undefined;
  const half = middle(lower, upper, target.widthSteps);

  if (initial.upper !== undefined && half < initial.upper) {
    const index = roomFor(situation, upper - expansionSteps);
    if (index !== undefined && index > half && index < initial.upper) {
      return { index, widthSteps: expansionSteps, expandsOn: 'upper' };
    }
  }
  if (initial.lower !== undefined && half > initial.lower) {
    const index = roomFor(situation, lower + expansionSteps);
    if (index !== undefined && index < half && index > initial.lower) {
      return { index, widthSteps: expansionSteps, expandsOn: 'lower' };
    }
  }
  return { index: half, widthSteps: Math.min(half - lower, upper - half) };
}

function roomFor({ bounds, target, maxIndex }: Situation, index: number): number | undefined {
  return keepApart({ index, widthSteps: target.widthSteps, ...bounds, maxIndex });
}

/** A load within the bounds, while these are still too far apart. */
function ifOpen({ bounds, target }: Situation, index: number | undefined): Nomination | undefined {
  const { lower, upper } = bounds;
  if (index === undefined) return undefined;
  if (lower !== undefined && index <= lower) return undefined;
  if (upper !== undefined && index >= upper) return undefined;
  if (lower !== undefined && upper !== undefined && upper - lower <= target.widthSteps) return undefined;
  return { index, widthSteps: target.widthSteps };
}
