import { picoseconds } from '../core/testbed.js';
import type { TrialHooks } from './trial-options.js';
import { type Meter, progressFrom, reporter } from './trial-progress.js';

/** Things to do while a run goes on, each with all events before its time handled. */
export interface Stops {
  /** When the next one is due, on the stretch's own clock; Infinity when there is none. */
  readonly nextNs: number;
  /** Does what is due at or before a time; called after each slice. */
  run(nowNs: number): void;
}

/** A stretch of a run under the virtual clock. */
export interface Stretch {
  /** What is going on, when it is not the measurement. */
  stage?: string;
  /** Where the testbed's clock stands; 0 if left out. */
  startNs?: number;
  durationNs: number;
  /** Between two looks at signals and progress, at most: some tens of milliseconds of work. */
  sliceNs: number;
  stops?: readonly Stops[];
  /** Asked before each slice: whether there is something left to run for. */
  goesOn?(): boolean;
}

/** Runs a testbed slice by slice, and ends at once when the user ends the run. Returns how long it ran. */
export async function runVirtual(
  meter: Meter,
  { stage, startNs = 0, durationNs, sliceNs, stops = [], goesOn = () => true }: Stretch,
  hooks: TrialHooks,
): Promise<number> {
  const { exports } = meter.testbed;
  const report = reporter(hooks, progressFrom(meter, { durationNs, ...(stage && { stage }) }));
  let ranNs = 0;
  while (ranNs < durationNs && !hooks.signal.aborted && goesOn()) {
    ranNs = Math.min(durationNs, ranNs + sliceNs, ...stops.map(({ nextNs }) => nextNs));
    exports.engineRun(picoseconds(startNs + ranNs));
    for (const stop of stops) stop.run(ranNs);
    await report(ranNs, ranNs === durationNs);
  }
  return ranNs;
}

const NANOSECONDS_PER_SECOND = 1e9;

/** How long a slice is in which so much is due. */
export function sliceOf(count: number, perSecond: number): number {
  return Math.max(1, Math.round((count / perSecond) * NANOSECONDS_PER_SECOND));
}
