import {
  conditionalThroughput,
  estimateLoad,
  type LoadClassification,
  type LoadThreshold,
  type TrialSums,
} from './load-classification.js';
import type { SearchGoal } from './search-goal.js';
import type { MeasuredTrial } from './trial.js';

/** What loads are classified for: a goal, or a coarser target on the way to it. */
export interface LoadTarget extends LoadThreshold {
  /** Which goal of the search. */
  goalNumber: number;
  /** Shorter trials are short. */
  trialSeconds: number;
}

/** Positions of the relevant bounds, as far as there are any. */
export interface RelevantBounds {
  lower: number | undefined;
  upper: number | undefined;
}

interface BookedTrial {
  durationSeconds: number;
  effectiveSeconds: number;
  lossRatio: number;
  /** By number of the goal. */
  isHighLoss: readonly boolean[];
}

export interface BookTrial<T extends MeasuredTrial> {
  position: number;
  durationSeconds: number;
  result: T;
}

/** The valid trials of a search by load. A *position* is any number that orders loads: an index of a grid, or the load. */
export class LoadBook<T extends MeasuredTrial> {
  private readonly trialsAt = new Map<number, BookedTrial[]>();
  /** In ascending order. */
  private positions: number[] = [];

  constructor(private readonly goals: readonly Pick<SearchGoal<T>, 'lossRatio' | 'passes'>[]) {}

  add({ position, durationSeconds, result }: BookTrial<T>): void {
    const trials = this.trialsAt.get(position) ?? [];
    if (trials.length === 0) {
      this.trialsAt.set(position, trials);
      this.positions = [...this.positions, position].sort((a, b) => a - b);
    }
    trials.push({
      durationSeconds,
      effectiveSeconds: result.effectiveSeconds ?? durationSeconds,
      lossRatio: result.lossRatio,
      isHighLoss: this.goals.map(
        (goal) => result.lossRatio > goal.lossRatio || goal.passes?.(result) === false,
      ),
    });
  }

  classify(position: number, target: LoadTarget): LoadClassification {
    return estimateLoad(sumsOf(this.trialsAt.get(position) ?? [], target), target).classification;
  }

  /**
   * The least upper bound, and the greatest lower bound below it: where a load passes above one that fails (loss
   * inversion), the failure is taken for real and the pass for a fluke (the draft, Conservativeness and Relevant Bounds).
   */
  relevantBounds(target: LoadTarget): RelevantBounds {
    let lower: number | undefined;
    for (const position of this.positions) {
      const classification = this.classify(position, target);
      if (classification === 'upper-bound') return { lower, upper: position };
      if (classification === 'lower-bound') lower = position;
    }
    return { lower, upper: undefined };
  }

  /** Of a load that is a lower bound. */
  conditionalThroughput(position: number, load: number, target: LoadTarget): number {
    const fullLength = (this.trialsAt.get(position) ?? [])
      .filter(({ durationSeconds }) => durationSeconds >= target.trialSeconds)
      .map(({ lossRatio, effectiveSeconds, isHighLoss }) => ({
        lossRatio,
        effectiveSeconds,
        isHighLoss: isHighLoss[target.goalNumber] === true,
      }));
    return conditionalThroughput(load, fullLength, target);
  }
}

function sumsOf(trials: readonly BookedTrial[], { goalNumber, trialSeconds }: LoadTarget): TrialSums {
  const sums: TrialSums = {
    fullLengthLowLossSeconds: 0,
    fullLengthHighLossSeconds: 0,
    shortLowLossSeconds: 0,
    shortHighLossSeconds: 0,
  };
  for (const { durationSeconds, effectiveSeconds, isHighLoss } of trials) {
    const length = durationSeconds >= trialSeconds ? 'fullLength' : 'short';
    sums[`${length}${isHighLoss[goalNumber] ? 'High' : 'Low'}LossSeconds`] += effectiveSeconds;
  }
  return sums;
}
