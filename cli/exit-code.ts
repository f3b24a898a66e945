import { ExitCode } from '../core/errors.js';
import type { Result } from '../results/result.js';

/** A trial that was cut short says so; else an invalid one does. */
export function exitCodeOf({ interrupted, verdict }: Pick<Result, 'interrupted' | 'verdict'>): number {
  if (interrupted) return ExitCode.interrupted;
  return verdict === 'invalid' ? ExitCode.invalid : ExitCode.done;
}
