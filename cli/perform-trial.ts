import type { Result } from '../results/result.js';
import { noteWriter } from './note.js';
import { createProgressPrinter } from './progress.js';
import type { Terminal } from './terminal.js';
import type { TrialHooks } from './trial-options.js';

/** Flags that say what becomes of a trial's result. */
export interface PerformFlags {
  quiet: boolean;
  chart: boolean;
  'results-dir': string;
}

export interface PerformSide {
  json: boolean;
  stdout: Terminal;
  stderr: Terminal;
}

/** Where the flags are a user's. */
export interface PerformTypedSide extends PerformSide {
  /** Names of those that were typed. */
  given: ReadonlySet<string>;
}

export interface Performed {
  result: Result;
  /** The summary for people. */
  text: string;
  exitCode: number;
}

/** A trial whose flags were checked. */
export interface CheckedTrial {
  /** One line for people. */
  description: string;
  /** Half-written files, removed when the program must end at once. */
  partFiles?: readonly string[];
  /** Loads what it needs. */
  perform(hooks: TrialHooks): Promise<{ result: Result }>;
}

/** Runs a trial for a command and stores it. Progress and notes go to standard error. */
export async function performTrial(
  { description, partFiles = [], perform }: CheckedTrial,
  { quiet, chart, 'results-dir': resultsFolder }: PerformFlags,
  { json, stdout, stderr }: PerformSide,
): Promise<Performed> {
  const note = noteWriter({ stderr, quiet, json });
  note(description);
  // Loaded when the flags are right: what is wrong is told without waiting for charts and the data plane.
  const [{ runRecordedTrial }, { renderSummary }] = await Promise.all([
    import('./recorded-trial.js'),
    import('../results/summary.js'),
  ]);
  const progress = createProgressPrinter({ stream: process.stderr, terminal: stderr, quiet, json });
  const { result, folder, exitCode } = await runRecordedTrial({
    ...{ perform, resultsFolder, chart, partFiles, progress, note },
  });
  if (json) note(`stored in ${folder}`);
  const { columns, color } = stdout;
  return { result, text: renderSummary(result, { columns, color, storedIn: folder }), exitCode };
}
