import { buildCpsOptions, type CpsFlags } from '../cli/cps-options.js';
import type { CpsTrialOptions } from '../cli/trial-options.js';

/** The defaults of `sirius-bench cps`. */
export const CPS_FLAGS: CpsFlags = {
  rate: '3M',
  duration: '2s',
  seed: '1',
  profile: 'cps',
  multiplier: '1',
  target: 'card://pair',
  clock: 'virtual',
  model: 'dsc-200',
  power: '78W',
  acl: 'table4',
  replication: 'on',
  'pcap-packets': '10000',
};

/** The options of a trial as the command line makes them. */
export function cpsOptions(flags: Partial<CpsFlags>): CpsTrialOptions {
  return buildCpsOptions({ ...CPS_FLAGS, ...flags });
}
