import type { Result } from '../results/result.js';
import { buildCpsOptions, type CpsFlags, describeTrial } from './cps-options.js';
import { checkFlagsTogether } from './flags-together.js';
import { noteWriter } from './note.js';
import { createProgressPrinter } from './progress.js';
import type { Terminal } from './terminal.js';

export interface PerformCpsFlags extends CpsFlags {
  quiet: boolean;
  chart: boolean;
  'results-dir': string;
}

export interface PerformCpsOptions {
  /** Names of the flags that a user typed, where one did. */
  given?: ReadonlySet<string>;
  json: boolean;
  stdout: Terminal;
  stderr: Terminal;
}

export interface PerformedCps {
  result: Result;
  /** The summary for people. */
  text: string;
  exitCode: number;
}

/** The whole of `sirius-bench cps`: flags in, a stored run out. Progress and notes go to standard error. */
export async function performCps(
  flags: PerformCpsFlags,
  { given = new Set(), json, stdout, stderr }: PerformCpsOptions,
): Promise<PerformedCps> {
  const options = buildCpsOptions(flags);
  checkFlagsTogether({ given, target: options.target, tunables: flags.tunable ?? [] });
  const note = noteWriter({ stderr, quiet: flags.quiet, json });
  note(describeTrial(options));
  // Loaded when the flags are right: what is wrong is told without waiting for charts and the data plane.
  const [{ runCpsTrial }, { runRecordedTrial }, { renderSummary }] = await Promise.all([
    import('./trial.js'),
    import('./recorded-trial.js'),
    import('../results/summary.js'),
  ]);
  const { result, folder, exitCode } = await runRecordedTrial({
    perform: (hooks) => runCpsTrial(options, hooks),
    resultsFolder: flags['results-dir'],
    chart: flags.chart,
    partFiles: options.pcap ? [`${options.pcap.path}.part`] : [],
    progress: createProgressPrinter({ stream: process.stderr, terminal: stderr, quiet: flags.quiet, json }),
    note,
  });
  if (json) note(`stored in ${folder}`);
  const { columns, color } = stdout;
  return { result, text: renderSummary(result, { columns, color, storedIn: folder }), exitCode };
}
