import assert from 'node:assert';
import type { LoadBook, RelevantBounds } from './load-book.js';
import type { SearchTarget } from './search-target.js';
import { type Nomination, STRATEGIES } from './strategies.js';
import type { MeasuredTrial } from './trial.js';

/** A trial that a goal would like to have next. */
export interface Candidate {
  /** Index into the grid. */
  index: number;
  durationSeconds: number;
  widthSteps: number;
}

/** Width of the last interval of any goal: all goals' external searches step at least this far. */
export interface GlobalWidth {
  widthSteps: number;
}

export interface SelectorOptions<T extends MeasuredTrial> {
  /** Coarsest first. */
  targets: readonly SearchTarget[];
  initial: RelevantBounds;
  globalWidth: GlobalWidth;
  book: LoadBook<T>;
  maxIndex: number;
}

/** Pursues one goal, target by target: says which trial it needs next (selector.py of FD.io CSIT's MLRsearch). */
export class Selector<T extends MeasuredTrial> {
  private readonly targets: readonly SearchTarget[];
  private readonly globalWidth: GlobalWidth;
  private readonly book: LoadBook<T>;
  private readonly maxIndex: number;

  private targetNumber = 0;
  private initial: RelevantBounds;
  /** The next step of external search, widened by the goal's coefficient beforehand. */
  private nextSteps: number;
  private nomination: Nomination | undefined;

  constructor({ targets, initial, globalWidth, book, maxIndex }: SelectorOptions<T>) {
    this.targets = targets;
    this.globalWidth = globalWidth;
    this.book = book;
    this.maxIndex = maxIndex;
    this.initial = initial;
    this.nextSteps = this.firstSteps();
  }

  /** None once the goal is reached, or known to be out of reach. */
  nominate(): Candidate | undefined {
    for (;;) {
      const bounds = this.book.relevantBounds(this.target);
      this.nomination = this.firstNomination(bounds);
      if (this.nomination !== undefined) {
        const { index, widthSteps } = this.nomination;
        return { index, widthSteps, durationSeconds: this.target.trialSeconds };
      }
      assert(bounds.lower !== undefined || bounds.upper !== undefined, 'a target ends with a bound');
      if (this.targetNumber === this.targets.length - 1) return undefined;
      this.targetNumber += 1;
      this.initial = bounds;
      this.nextSteps = this.firstSteps();
    }
  }

  /** To be called when the nominated trial was the one that was performed. */
  won(): void {
    const { index, expandsOn } = this.nomination ?? {};
    if (expandsOn === undefined || this.book.relevantBounds(this.target)[expandsOn] !== index) return;
    this.nextSteps *= this.target.expansionCoefficient;
    this.globalWidth.widthSteps = this.nextSteps;
  }

  private get target(): SearchTarget {
    return this.targets[this.targetNumber] as SearchTarget;
  }

  private firstNomination(bounds: RelevantBounds): Nomination | undefined {
    for (const strategy of STRATEGIES) {
      const nomination = strategy({
        target: this.target,
        bounds,
        initial: this.initial,
        expansionSteps: Math.max(this.nextSteps, this.globalWidth.widthSteps),
        maxIndex: this.maxIndex,
      });
      if (nomination === undefined) continue;
      if (nomination.expandsOn === undefined) this.nextSteps = this.widened(nomination.widthSteps);
      return nomination;
    }
    return undefined;
  }

  private firstSteps(): number {
    const { lower, upper } = this.initial;
    return this.widened(lower === undefined || upper === undefined ? 0 : upper - lower);
  }

  private widened(widthSteps: number): number {
    return Math.max(widthSteps, this.target.widthSteps) * this.target.expansionCoefficient;
  }
}
