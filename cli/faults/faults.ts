import { ExitCode } from '../../core/errors.js';
import type { Result } from '../../results/result.js';
import { createStore } from '../../results/store.js';
import { parseSeed } from '../cps-options.js';
import { writeFiles } from '../experiments/written-files.js';
import { parseRepeatCount } from '../repeat-count.js';
import { runSweep, type SweepFlags, type SweepOptions } from '../sweep/sweep.js';
import { prepareTrial, type TrialSpec } from '../sweep/trial-spec.js';
import type { FaultsFlags } from './faults-options.js';
import { renderFaults } from './faults-text.js';

export interface PerformFaultsFlags extends SweepFlags, FaultsFlags {
  repeat: string;
  /** Draw each run into its folder. */
  chart: boolean;
}

/** What `faults --json` prints: one run for each repeat, its seed counted up. */
export interface FaultsReport {
  kind: 'faults';
  scenario: string;
  runs: Result[];
}

/** The whole of `sirius-bench faults`. */
export async function performFaults(
  { jobs, fresh, 'results-dir': folder, quiet, repeat, chart, ...trialFlags }: PerformFaultsFlags,
  options: SweepOptions,
): Promise<{ report: FaultsReport; text: string; exitCode: number }> {
  const repeats = parseRepeatCount(repeat);
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
  const charts = chart ? await drawRuns(runs, folder) : [];
  const report: FaultsReport = { kind: 'faults', scenario: trialFlags.scenario, runs };
  const isValid = runs.every(({ verdict }) => verdict === 'valid');
  return {
    report,
    text: `${renderFaults(report)}${charts.map((path) => `\n${path}`).join('')}`,
    exitCode: isValid ? ExitCode.done : ExitCode.invalid,
  };
}

/** Draws each run beside its result; gives the paths of the pictures. */
async function drawRuns(runs: readonly Result[], folder: string): Promise<string[]> {
  const { renderRunChart } = await import('../../results/charts/run-chart.js');
  const store = createStore(folder);
  return runs.flatMap((run) =>
    writeFiles(store.folderOf(run.id), new Map([['chart.png', renderRunChart(run)]])),
  );
}
