import { buildCpsOptions, type CpsFlags, describeTrial } from './cps-options.js';
import { checkFlagsTogether } from './flags-together.js';
import { type Performed, type PerformFlags, type PerformSide, performTrial } from './perform-trial.js';
import type { TrialHooks } from './trial-options.js';

interface PerformCpsOptions extends PerformSide {
  /** Names of the flags that a user typed, where one did. */
  given?: ReadonlySet<string>;
}

/** The whole of `sirius-bench cps`: flags in, a stored run out. */
export async function performCps(
  flags: CpsFlags & PerformFlags,
  { given = new Set(), ...side }: PerformCpsOptions,
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
