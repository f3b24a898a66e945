import { buildCpsOptions, type CpsFlags } from '../cps-options.js';
import type { CpsTrialOptions } from '../trial.js';

/** One trial of a sweep as plain data, so that it can be sent to a worker: flags of `cps`, the rest by default. */
export interface TrialSpec {
  command: 'cps';
  flags: Partial<CpsFlags>;
}

const DEFAULT_CPS_FLAGS: CpsFlags = {
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

/**
 * The trial's options, checked.
 * @throws SiriusError (usage) naming what is wrong with the flags.
 */
export function trialOptions({ flags }: TrialSpec): CpsTrialOptions {
  return buildCpsOptions({ ...DEFAULT_CPS_FLAGS, ...flags });
}
