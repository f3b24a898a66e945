import { createLogUpdate } from 'log-update';
import { formatCount, formatDurationNs, formatRate } from '../core/units.js';
import type { Terminal } from './terminal.js';
import type { TrialProgress } from './trial.js';

export interface ProgressPrinter {
  update(progress: TrialProgress): void;
  /** Takes the live lines away, so that the result stands alone. */
  finish(): void;
}

export interface ProgressPrinterOptions {
  stream: NodeJS.WriteStream;
  terminal: Terminal;
  quiet: boolean;
  /** With `--json` only a person who watches gets progress; a log gets none. */
  json: boolean;
}

const LIVE_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 1000;
const BAR_COLUMNS = 20;
/** A terminal of no height (a recorder's) shows nothing that is overwritten. */
const LIVE_ROWS_MIN = 4;

/** Live lines on a terminal, one plain line a second elsewhere, nothing when quiet. */
export function createProgressPrinter(options: ProgressPrinterOptions): ProgressPrinter {
  const { stream, terminal, quiet, json } = options;
  if (quiet || (json && !terminal.isTerminal)) return { update: () => {}, finish: () => {} };
  if (!terminal.isTerminal || (stream.rows ?? 0) < LIVE_ROWS_MIN) {
    const due = everyMs(PLAIN_INTERVAL_MS, PLAIN_INTERVAL_MS);
    return {
      update: (progress) => {
        if (due(progress.wallMs)) stream.write(`${renderPlainProgress(progress)}\n`);
      },
      finish: () => {},
    };
  }
  const live = createLogUpdate(stream);
  const due = everyMs(LIVE_INTERVAL_MS, 0);
  return {
    update: (progress) => {
      if (due(progress.wallMs)) live(renderLiveProgress(progress, terminal.columns));
    },
    finish: () => {
      live.clear();
      live.done();
    },
  };
}

/** Tells once per interval that it is time; asks no clock, the progress carries it. */
function everyMs(intervalMs: number, firstAtMs: number): (wallMs: number) => boolean {
  let dueAtMs = firstAtMs;
  return (wallMs) => {
    if (wallMs < dueAtMs) return false;
    dueAtMs = (Math.floor(wallMs / intervalMs) + 1) * intervalMs;
    return true;
  };
}

export function renderLiveProgress(progress: TrialProgress, columns: number): string {
  const { ratio, remainingMs } = estimate(progress);
  const filled = Math.round(ratio * BAR_COLUMNS);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_COLUMNS - filled);
  const left = remainingMs === undefined ? '' : `, about ${formatSeconds(remainingMs)} left`;
  const time = `${timeOf(progress)}, ${formatSeconds(progress.wallMs)} elapsed${left}`;
  const percent = `${Math.floor(ratio * 100)}%`.padStart(4);
  const lines = [`${bar} ${percent}  ${time}`, figures(progress)];
  // A line that wraps cannot be overwritten.
  return lines.map((line) => line.slice(0, columns - 1)).join('\n');
}

export function renderPlainProgress(progress: TrialProgress): string {
  const percent = Math.floor(estimate(progress).ratio * 100);
  return `${timeOf(progress)} (${percent}%), ${formatSeconds(progress.wallMs)} elapsed: ${figures(progress)}`;
}

function estimate({ simulatedNs, durationNs, wallMs }: TrialProgress) {
  const ratio = durationNs > 0 ? Math.min(1, Math.max(0, simulatedNs / durationNs)) : 0;
  return { ratio, remainingMs: ratio > 0 ? (wallMs / ratio) * (1 - ratio) : undefined };
}

function timeOf({ simulatedNs, durationNs }: TrialProgress): string {
  return `${formatDurationNs(simulatedNs)} of ${formatDurationNs(durationNs)}`;
}

function figures({ offeredCps, achievedCps, lostPackets, p99Ns }: TrialProgress): string {
  const offered = `offered ${formatRate(offeredCps, 'cps')}, achieved ${formatRate(achievedCps, 'cps')}`;
  return `${offered}, lost ${formatCount(lostPackets)}, p99 ${formatDurationNs(p99Ns)}`;
}

function formatSeconds(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
