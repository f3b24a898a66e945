import { buildCpsOptions, type CpsFlags } from '../cli/cps-options.js';
import { runCpsTrial } from '../cli/trial.js';
import type { TrialHooks } from '../cli/trial-options.js';
import type { Measured, Result } from '../results/result.js';

export const DEFAULT_FLAGS: CpsFlags = {
  duration: '20ms',
  seed: '1',
  profile: 'cps',
  multiplier: '1',
  target: 'card://pair',
  clock: 'virtual',
  model: 'dsc-200',
  power: '78W',
  acl: 'none',
  replication: 'on',
  'pcap-packets': '10000',
};

/** Nobody watches, and nobody ends the trial. */
export const QUIET_HOOKS: TrialHooks = {
  onProgress: () => undefined,
  signal: new AbortController().signal,
};

/** Runs `cps` with the flags of the command line, without storing anything. */
export async function runTrial(flags: Partial<CpsFlags> = {}): Promise<Result> {
  const options = buildCpsOptions({ ...DEFAULT_FLAGS, ...flags });
  const { result } = await runCpsTrial(options, QUIET_HOOKS);
  return result;
}

export async function measureTrial(flags: Partial<CpsFlags> = {}): Promise<Measured> {
  return (await runTrial(flags)).measured;
}
