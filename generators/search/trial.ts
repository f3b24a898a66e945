/**
 * Performs one trial: offers `load` for `durationSeconds` and says what became of it. `trialNumber` counts all trials of
 * the search from 0. Searches are deterministic, so trial n of a search that is run again asks for the same load and
 * duration as before, and a stored result may be returned in place of a new trial; it also serves as a seed.
 */
export type Measure<T extends MeasuredTrial = MeasuredTrial> = (
  load: number,
  durationSeconds: number,
  trialNumber: number,
) => Promise<T | InvalidTrial>;

/** What a search needs to know of a trial; callers add what their goals' `passes` look at, such as latencies. */
export interface MeasuredTrial {
  /** Lost of what was to be forwarded, 0 to 1. */
  lossRatio: number;
  /** Trial Effective Duration of the draft: what the trial counts for. The duration that was asked for, if absent. */
  effectiveSeconds?: number;
  invalid?: undefined;
}

/** A trial that says nothing of the target, such as one whose load could not be offered. It never counts as loss. */
export interface InvalidTrial {
  /** Why. */
  invalid: string;
}

/** A trial as it is kept. */
export interface KeptTrial<T extends MeasuredTrial = MeasuredTrial> {
  trialNumber: number;
  load: number;
  durationSeconds: number;
  /** Only trials of the search bear on its outcome; `warm-up` is the discarded first one. */
  use: 'warm-up' | 'search' | 'invalid';
  result: T | InvalidTrial;
}

export function isInvalid(result: MeasuredTrial | InvalidTrial): result is InvalidTrial {
  return result.invalid !== undefined;
}
