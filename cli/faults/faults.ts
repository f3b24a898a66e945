import { ExitCode } from '../../core/errors.js';
import { parseCount } from '../../core/units.js';
import type { Result } from '../../results/result.js';
import { parseSeed } from '../cps-options.js';
import { runSweep, type SweepFlags, type SweepOptions } from '../sweep/sweep.js';
import { prepareTrial, type TrialSpec } from '../sweep/trial-spec.js';
import type { FaultsFlags } from './faults-options.js';
import { renderFaults } from './faults-text.js';

export interface PerformFaultsFlags extends SweepFlags, FaultsFlags {
  repeat: string;
}

/** What `faults --json` prints: one run for each repeat, its seed counted up. */
export interface FaultsReport {
  kind: 'faults';
  scenario: string;
  runs: Result[];
}

/** The whole of `sirius-bench faults`. */
export async function performFaults(
  { jobs, fresh, 'results-dir': folder, quiet, repeat, ...trialFlags }: PerformFaultsFlags,
  options: SweepOptions,
): Promise<{ report: FaultsReport; text: string; exitCode: number }> {
  const repeats = parseCount(repeat, { where: '--repeat' });
  const firstSeed = parseSeed(trialFlags.seed);
  const specs = Array.from(
    { length: repeats },
    (_, index): TrialSpec => ({
      command: 'faults',
      flags: { ...trialFlags, seed: String(firstSeed + index) },
    }),
  );
  for (const spec of specs) prepareTrial(spec);
  const runs = await runSweep({ jobs, fresh, 'results-dir': folder, quiet } as SweepFlags, options, (pool) =>
    Promise.all(specs.map((spec) => pool.run(spec))),
  );
  const report: FaultsReport = { kind: 'faults', scenario: trialFlags.scenario, runs };
  const isValid = runs.every(({ verdict }) => verdict === 'valid');
  return { report, text: renderFaults(report), exitCode: isValid ? ExitCode.done : ExitCode.invalid };
}
