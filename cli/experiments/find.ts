import { prepareFolder } from '../results-folder.js';
import type { SweepFlags } from '../sweep/sweep.js';
import { runSweep } from '../sweep/sweep.js';
import type { Terminal } from '../terminal.js';
import { writeFigure } from './figure-files.js';
import { findFigure } from './find-figure.js';
import type { FindOptions } from './find-options.js';
import { exitCodeOf, type FindReport, findLimits } from './find-search.js';
import { createFindStatus } from './find-status.js';
import { renderFind } from './find-text.js';

export interface PerformFindFlags extends SweepFlags {
  trials: boolean;
  out?: string;
}

export interface PerformFindOptions {
  options: FindOptions;
  json: boolean;
  stdout: Terminal;
  stderr: Terminal;
}

/** What a `find` command prints with `--json`. */
export interface FindOutcome extends FindReport {
  /** What was written, with `--out`. */
  files: string[];
}

/** The whole of a `find` command once its flags were read: bounds and stored trials out. Progress goes to standard error. */
export async function performFind(
  flags: PerformFindFlags,
  { options, json, stdout, stderr }: PerformFindOptions,
): Promise<{ report: FindOutcome; text: string; exitCode: number }> {
  if (flags.out !== undefined) prepareFolder(flags.out, '--out');
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
  const files = flags.out === undefined ? [] : await writeFigure(findFigure(report, options), flags.out);
  const closing = files.length === 0 ? '' : `\n${files.join('\n')}\n`;
  return { report: { ...report, files }, text: `${text}${closing}`, exitCode: exitCodeOf(report) };
}
