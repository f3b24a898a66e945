import { buildCpsOptions, type CpsFlags, DEFAULT_CPS_FLAGS } from '../cli/cps-options.js';
import type { CpsTrialOptions } from '../cli/trial-options.js';

/** The defaults of `sirius-bench cps`, at the profile's rate. */
export const CPS_FLAGS: CpsFlags = {
  ...DEFAULT_CPS_FLAGS,
  rate: '3M',
};

/** The options of a trial as the command line makes them. */
export function cpsOptions(flags: Partial<CpsFlags>): CpsTrialOptions {
  return buildCpsOptions({ ...CPS_FLAGS, ...flags });
}
