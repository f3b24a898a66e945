import { checkFlagsTogether, refuseIdleFlags } from './flags-together.js';
import { type Performed, type PerformFlags, type PerformTypedSide, performTrial } from './perform-trial.js';
import { buildPpsOptions, describePpsTrial, type PpsFlags } from './pps-options.js';
import type { TrialHooks } from './trial-options.js';

/** The whole of `sirius-bench pps`: flags in, a stored run out. */
export async function performPps(
  flags: PpsFlags & PerformFlags,
  { given, ...side }: PerformTypedSide,
): Promise<Performed> {
  const options = buildPpsOptions(flags);
  checkFlagsTogether({ given, target: options.target });
  refuseIdleFlags(given, {
    flags: ['jobs', 'fresh'],
    expected: 'several packet sizes, of whose trials it is',
    got: `--packet-size ${flags['packet-size']}, one trial that always runs`,
  });
  const trial = {
    description: describePpsTrial(options),
    perform: async (hooks: TrialHooks) => (await import('./pps-trial.js')).runPpsTrial(options, hooks),
  };
  return performTrial(trial, flags, side);
}
