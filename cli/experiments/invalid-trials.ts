import { ExitCode } from '../../core/errors.js';
import type { Result } from '../../results/result.js';
import type { TrialPool } from '../sweep/trial-pool.js';

/** A pool that remembers which of its trials were invalid. */
export interface WatchedPool extends TrialPool {
  /** Each once, in the order in which they ended. */
  invalid(): Result[];
}

export function watchInvalid(pool: Pick<TrialPool, 'run'>): WatchedPool {
  const invalid = new Map<string, Result>();
  return {
    run: async (spec, order) => {
      const result = await pool.run(spec, order);
      if (result.verdict === 'invalid') invalid.set(result.id, result);
      return result;
    },
    invalid: () => [...invalid.values()],
  };
}

/** What an invalid trial counted is no figure of the target: it is left out, and named by `invalidLines`. */
export function isValid({ verdict }: Pick<Result, 'verdict'>): boolean {
  return verdict === 'valid';
}

export function invalidLines(invalid: readonly Result[]): string[] {
  return invalid.map(({ id, invalidReasons }) => `INVALID ${id}, left out: ${invalidReasons.join('; ')}`);
}

export function exitCodeFor(invalid: readonly Result[]): number {
  return invalid.length === 0 ? ExitCode.done : ExitCode.invalid;
}
