import type { SweepFlags } from '../sweep/sweep.js';
import { runSweep } from '../sweep/sweep.js';
import type { Terminal } from '../terminal.js';
import { buildFindCpsOptions, type FindCpsFlags } from './find-cps-options.js';
import { exitCodeOf, type FindCpsReport, findCps } from './find-search.js';
import { createFindStatus } from './find-status.js';
import { renderFindCps } from './find-text.js';

export interface PerformFindCpsFlags extends FindCpsFlags, SweepFlags {
  trials: boolean;
}

export interface PerformFindCpsOptions {
  /** Names of the flags that a user typed. */
  given: ReadonlySet<string>;
  json: boolean;
  stdout: Terminal;
  stderr: Terminal;
}

/** The whole of `sirius-bench find cps`: flags in, bounds and stored trials out. Progress goes to standard error. */
export async function performFindCps(
  flags: PerformFindCpsFlags,
  { given, json, stdout, stderr }: PerformFindCpsOptions,
): Promise<{ report: FindCpsReport; text: string; exitCode: number }> {
  const options = buildFindCpsOptions(flags, given);
  const status = createFindStatus();
  const report = await runSweep(
    flags,
    { json, stderr, stream: process.stderr, describe: ({ wallMs }) => status.lines(wallMs) },
    (pool) => findCps(options, { pool, status }),
  );
  const text = renderFindCps(report, options, {
    columns: stdout.columns,
    trials: flags.trials,
    resultsFolder: flags['results-dir'],
  });
  return { report, text, exitCode: exitCodeOf(report) };
}
