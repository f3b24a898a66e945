import { rmSync } from 'node:fs';
import { renderRunChart } from '../results/charts/run-chart.js';
import { histogramLogOf } from '../results/histogram-log.js';
import type { Result } from '../results/result.js';
import { createStore, type RunFiles } from '../results/store.js';
import { exitCodeOf } from './exit-code.js';
import { catchInterrupts, type InterruptOptions } from './interrupt.js';
import type { ProgressPrinter } from './progress.js';
import { prepareFolder } from './results-folder.js';
import type { TrialHooks } from './trial-options.js';

export interface RecordedTrialOptions {
  /** The trial itself, run once. */
  perform(hooks: TrialHooks): Promise<{ result: Result }>;
  resultsFolder: string;
  chart: boolean;
  /** Half-written files of the trial, removed when the program must end at once. */
  partFiles: readonly string[];
  progress: ProgressPrinter;
  /** One line for people: what is going on, what could not be drawn. */
  note(text: string): void;
  interrupts?: Pick<InterruptOptions, 'source' | 'exit'>;
}

export interface RecordedTrial {
  result: Result;
  /** Where it is stored. */
  folder: string;
  exitCode: number;
}

/**
 * Runs a trial with live progress, ends it cleanly on Ctrl-C, and stores what was measured.
 * @throws SiriusError (exit code 1) when the results folder cannot be written, before the trial where possible.
 */
export async function runRecordedTrial(options: RecordedTrialOptions): Promise<RecordedTrial> {
  const { perform, resultsFolder, chart, partFiles, progress, note } = options;
  prepareFolder(resultsFolder);
  const interrupt = catchInterrupts({
    exit: (code) => process.exit(code),
    ...options.interrupts,
    discard: () => {
      for (const file of partFiles) rmSync(file, { force: true });
    },
    onFirst: () => note('ending at the next slice; press Ctrl-C again to leave at once'),
  });
  try {
    const { result } = await perform({
      onProgress: (update) => progress.update(update),
      signal: interrupt.signal,
    }).finally(() => progress.finish());
    const folder = createStore(resultsFolder).save(result, filesOf(result, { chart, note }));
    return { result, folder, exitCode: exitCodeOf(result) };
  } finally {
    interrupt.release();
  }
}

function filesOf(result: Result, { chart, note }: Pick<RecordedTrialOptions, 'chart' | 'note'>): RunFiles {
  const files: RunFiles = { 'latency.hlog': histogramLogOf(result) };
  if (!chart) return files;
  try {
    files['chart.png'] = renderRunChart(result);
  } catch (error) {
    // A machine that cannot draw still measures; the figures are worth more than their picture.
    note(`no chart was drawn: ${error instanceof Error ? error.message : String(error)}`);
  }
  return files;
}
