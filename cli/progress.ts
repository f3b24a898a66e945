import { createLogUpdate } from 'log-update';
import { formatCount, formatDurationNs, formatRate } from '../core/units.js';
import type { Terminal } from './terminal.js';
import type { TrialProgress } from './trial-options.js';

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
const BAR_COLUMNS = { wide: 20, narrow: 10 };
/** From here on a terminal has room for the wide bar. */
const WIDE_COLUMNS = 100;
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

/** Tells once per interval that it is time; asks no clock, the progress carries it, and begins anew with each stage. */
function everyMs(intervalMs: number, firstAtMs: number): (wallMs: number) => boolean {
  let dueAtMs = firstAtMs;
  let lastMs = 0;
  return (wallMs) => {
    if (wallMs < lastMs) dueAtMs = firstAtMs;
    lastMs = wallMs;
    if (wallMs < dueAtMs) return false;
    dueAtMs = (Math.floor(wallMs / intervalMs) + 1) * intervalMs;
    return true;
  };
}

export function renderLiveProgress(progress: TrialProgress, columns: number): string {
  const { ratio } = estimate(progress);
  const time = `${timeOf(progress)}, ${elapsed(progress)}`;
  const percent = `${Math.floor(ratio * 100)}%`.padStart(4);
  const lines = [`${progressBar(ratio, columns)} ${percent}  ${time}`, figures(progress)];
  // A line that wraps cannot be overwritten.
  return lines.map((line) => line.slice(0, columns - 1)).join('\n');
}

/** A bar that is `ratio` (0 to 1) full, of a width that leaves room for the words beside it. */
export function progressBar(ratio: number, columns: number): string {
  const width = columns < WIDE_COLUMNS ? BAR_COLUMNS.narrow : BAR_COLUMNS.wide;
  const filled = Math.round(ratio * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

export function renderPlainProgress(progress: TrialProgress): string {
  const percent = Math.floor(estimate(progress).ratio * 100);
  return `${timeOf(progress)} (${percent}%), ${elapsed(progress)}: ${figures(progress)}`;
}

function estimate({ simulatedNs, durationNs, wallMs }: TrialProgress) {
  const ratio = durationNs > 0 ? Math.min(1, Math.max(0, simulatedNs / durationNs)) : 0;
  return { ratio, remainingMs: ratio > 0 ? (wallMs / ratio) * (1 - ratio) : undefined };
}

/** What it took so far and, at the speed so far, will take. */
function elapsed(progress: TrialProgress): string {
  const { remainingMs } = estimate(progress);
  const left = remainingMs === undefined ? '' : `, about ${formatSeconds(remainingMs)} left`;
  return `${formatSeconds(progress.wallMs)} elapsed${left}`;
}

function timeOf({ simulatedNs, durationNs, stage }: TrialProgress): string {
  const time = `${formatDurationNs(simulatedNs)} of ${formatDurationNs(durationNs)}`;
  return stage === undefined ? time : `${stage}: ${time}`;
}

function figures({ offered: offeredRate, achieved, unit, lostPackets, p99Ns }: TrialProgress): string {
  const offered = `offered ${formatRate(offeredRate, unit)}, achieved ${formatRate(achieved, unit)}`;
  return `${offered}, lost ${formatCount(lostPackets)}, p99 ${p99Ns > 0 ? formatDurationNs(p99Ns) : '-'}`;
}

export function formatSeconds(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
