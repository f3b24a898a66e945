import { monotonicNs, nextTurn } from '../core/clock.js';
import { touchMemory } from '../core/dataplane-module.js';
import { picoseconds } from '../core/testbed.js';
import { meterOf, type TrialBed } from './trial-bed.js';
import type { TrialHooks } from './trial-options.js';
import { progressFrom } from './trial-progress.js';
import type { Stops } from './virtual-run.js';

/**
 * Under the wall clock, the most of its schedule that the generator makes up in one pass. Without a bound, a late generator sends
 * everything that is due at once, all of it falls out of the caches, and it never gets back on time.
 */
const STEP_NS = 50_000n;
const PICOSECONDS = 1000n;
/** A progress report (which reads a whole histogram) makes the generator late, so there are few. */
const PROGRESS_NS = 500_000_000;
/** Passes between two looks at signals. */
const TURN_NS = 50_000_000n;

/** Runs a testbed under the wall clock. Returns how long it ran. */
export async function runWall(
  bed: TrialBed,
  { durationNs, series }: { durationNs: number; series: Stops },
  hooks: TrialHooks,
): Promise<number> {
  const { exports, dataPlane } = bed.testbed;
  const progressOf = progressFrom(meterOf(bed), { durationNs });
  touchMemory(dataPlane);
  const startedNs = monotonicNs();
  const endNs = startedNs + BigInt(Math.round(durationNs));
  let presentNs = startedNs;
  let horizonNs = 0n;
  let reportedNs = 0;
  while (presentNs < endNs && !hooks.signal.aborted) {
    const turnNs = presentNs + TURN_NS;
    while (presentNs < endNs && presentNs < turnNs) {
      const elapsedNs = presentNs - startedNs;
      horizonNs = elapsedNs < horizonNs + STEP_NS ? elapsedNs : horizonNs + STEP_NS;
      bed.generator.setHorizon(horizonNs * PICOSECONDS);
      exports.engineStepWall(elapsedNs * PICOSECONDS);
      presentNs = monotonicNs();
      series.run(Number(presentNs - startedNs));
    }
    const simulatedNs = Number(presentNs - startedNs);
    if (simulatedNs - reportedNs >= PROGRESS_NS) {
      reportedNs = simulatedNs;
      hooks.onProgress(progressOf(Math.min(simulatedNs, durationNs), simulatedNs / 1e6));
    }
    await nextTurn();
    presentNs = monotonicNs();
  }
  const ranNs = Math.min(durationNs, Number(presentNs - startedNs));
  bed.generator.forgo(picoseconds(ranNs));
  return ranNs;
}
