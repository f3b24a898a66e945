import { buildCpsOptions, type CpsFlags, describeTrial } from './cps-options.js';
import { checkFlagsTogether } from './flags-together.js';
import { type Performed, type PerformFlags, type PerformTypedSide, performTrial } from './perform-trial.js';
import type { TrialHooks } from './trial-options.js';

/** The whole of `sirius-bench cps`: flags in, a stored run out. */
export async function performCps(
  flags: CpsFlags & PerformFlags,
  { given, ...side }: PerformTypedSide,
): Promise<Performed> {
  const options = buildCpsOptions(flags);
  checkFlagsTogether({ given, target: options.target, tunables: flags.tunable ?? [] });
  const trial = {
    description: describeTrial(options),
    partFiles: options.pcap ? [`${options.pcap.path}.part`] : [],
    perform: async (hooks: TrialHooks) => (await import('./trial.js')).runCpsTrial(options, hooks),
  };
  return performTrial(trial, flags, side);
}
