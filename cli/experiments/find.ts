import type { SweepFlags } from '../sweep/sweep.js';
import { runSweep } from '../sweep/sweep.js';
import type { Terminal } from '../terminal.js';
import type { FindOptions } from './find-options.js';
import { exitCodeOf, type FindReport, findLimits } from './find-search.js';
import { createFindStatus } from './find-status.js';
import { renderFind } from './find-text.js';

export interface PerformFindFlags extends SweepFlags {
  trials: boolean;
}

export interface PerformFindOptions {
  options: FindOptions;
  json: boolean;
  stdout: Terminal;
  stderr: Terminal;
}

/** The whole of a `find` command once its flags were read: bounds and stored trials out. Progress goes to standard error. */
export async function performFind(
  flags: PerformFindFlags,
  { options, json, stdout, stderr }: PerformFindOptions,
): Promise<{ report: FindReport; text: string; exitCode: number }> {
  const status = createFindStatus();
  const report = await runSweep(
    flags,
    { json, stderr, stream: process.stderr, describe: ({ wallMs }) => status.lines(wallMs) },
    (pool) => findLimits(options, { pool, status }),
  );
  const text = renderFind(report, options, {
    columns: stdout.columns,
    trials: flags.trials,
    resultsFolder: flags['results-dir'],
  });
  return { report, text, exitCode: exitCodeOf(report) };
}
