import type { Result } from '../results/result.js';
import { noteWriter } from './note.js';
import type { PerformCpsOptions } from './perform-cps.js';
import { buildPpsOptions, describePpsTrial, type PpsFlags } from './pps-options.js';
import { createProgressPrinter } from './progress.js';

export interface PerformPpsFlags extends PpsFlags {
  quiet: boolean;
  chart: boolean;
  'results-dir': string;
}

export interface PerformedPps {
  result: Result;
  /** The summary for people. */
  text: string;
  exitCode: number;
}

/** The whole of `sirius-bench pps`: flags in, a stored run out. Progress and notes go to standard error. */
export async function performPps(
  flags: PerformPpsFlags,
  { json, stdout, stderr }: PerformCpsOptions,
): Promise<PerformedPps> {
  const options = buildPpsOptions(flags);
  const note = noteWriter({ stderr, quiet: flags.quiet, json });
  note(describePpsTrial(options));
  const [{ runPpsTrial }, { runRecordedTrial }, { renderSummary }] = await Promise.all([
    import('./pps-trial.js'),
    import('./recorded-trial.js'),
    import('../results/summary.js'),
  ]);
  const { result, folder, exitCode } = await runRecordedTrial({
    perform: (hooks) => runPpsTrial(options, hooks),
    resultsFolder: flags['results-dir'],
    chart: flags.chart,
    partFiles: [],
    progress: createProgressPrinter({ stream: process.stderr, terminal: stderr, quiet: flags.quiet, json }),
    note,
  });
  if (json) note(`stored in ${folder}`);
  const { columns, color } = stdout;
  return { result, text: renderSummary(result, { columns, color, storedIn: folder }), exitCode };
}
