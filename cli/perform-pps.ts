import { type Performed, type PerformFlags, type PerformSide, performTrial } from './perform-trial.js';
import { buildPpsOptions, describePpsTrial, type PpsFlags } from './pps-options.js';
import type { TrialHooks } from './trial-options.js';

/** The whole of `sirius-bench pps`: flags in, a stored run out. */
export async function performPps(flags: PpsFlags & PerformFlags, side: PerformSide): Promise<Performed> {
  const options = buildPpsOptions(flags);
  const trial = {
    description: describePpsTrial(options),
    perform: async (hooks: TrialHooks) => (await import('./pps-trial.js')).runPpsTrial(options, hooks),
  };
  return performTrial(trial, flags, side);
}
