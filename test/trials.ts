import { buildCpsOptions, type CpsFlags, DEFAULT_CPS_FLAGS } from '../cli/cps-options.js';
import { runCpsTrial } from '../cli/trial.js';
import type { TrialHooks } from '../cli/trial-options.js';
import type { Measured, Result } from '../results/result.js';

export const DEFAULT_FLAGS: CpsFlags = {
  ...DEFAULT_CPS_FLAGS,
  duration: '20ms',
  acl: 'none',
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
