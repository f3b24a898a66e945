import type { LoadTarget } from './load-book.js';
import type { LoadGrid } from './load-grid.js';
import type { SearchGoal } from './search-goal.js';

/** A stage on the way to a goal; the last one is the goal itself. */
export interface SearchTarget extends LoadTarget {
  widthSteps: number;
  expansionCoefficient: number;
}

/** The engine's times are whole nanoseconds. */
const NANOSECONDS = 1e9;

/**
 * The stages of a goal, coarsest first. Backwards from the goal each is twice as wide, and duration sums fall geometrically
 * to one trial of the initial duration (target_scaling.py of FD.io CSIT's MLRsearch).
 */
export function searchTargets(
  goal: SearchGoal<never>,
  { goalNumber, grid }: { goalNumber: number; grid: LoadGrid },
): SearchTarget[] {
  const { initialTrialSeconds, finalTrialSeconds, durationSumSeconds, precedingTargets } = goal;
  const widthSteps = grid.widthSteps(goal.relativeWidth);
  return Array.from({ length: precedingTargets + 1 }, (_, place) => {
    const before = precedingTargets - place;
    const sumSeconds =
      before === 0
        ? durationSumSeconds
        : before === precedingTargets
          ? initialTrialSeconds
          : geometric(durationSumSeconds, initialTrialSeconds, before / precedingTargets);
    return {
      goalNumber,
      exceedRatio: goal.exceedRatio,
      durationSumSeconds: sumSeconds,
      trialSeconds: Math.min(finalTrialSeconds, sumSeconds),
      widthSteps: widthSteps * 2 ** before,
      expansionCoefficient: goal.expansionCoefficient,
    };
  });
}

function geometric(from: number, to: number, share: number): number {
  return Math.round(from * (to / from) ** share * NANOSECONDS) / NANOSECONDS;
}
