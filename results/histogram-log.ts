import type { LatencySummary, Result } from './result.js';
import { runStartMs } from './run-id.js';

/** The log that is stored beside `result.json`: each latency under its name, and the generator's own lag. */
export function histogramLogOf({ id, measured }: Pick<Result, 'id' | 'measured'>): string {
  return writeHistogramLog({
    startMs: runStartMs(id),
    durationNs: measured.durationNs,
    latencies: { ...measured.latencyNs, scheduleLag: measured.generator.scheduleLagNs },
  });
}

export interface HistogramLog {
  /** Milliseconds since the epoch: when the run started. */
  startMs: number;
  durationNs: number;
  /** By tag; a tag holds no comma, space or line end. */
  latencies: Record<string, LatencySummary>;
}

/**
 * An HdrHistogram log (`.hlog`, format 1.3): one interval, the whole run, with one tagged line per histogram. Values are
 * nanoseconds and the interval's maximum is in milliseconds, as HdrHistogram's own writers scale it.
 */
export function writeHistogramLog({ startMs, durationNs, latencies }: HistogramLog): string {
  const startSeconds = (startMs / 1e3).toFixed(3);
  const seconds = (durationNs / 1e9).toFixed(3);
  const lines = [
    '#[Histogram log format version 1.3]',
    `#[StartTime: ${startSeconds} (seconds since epoch), ${new Date(startMs).toISOString()}]`,
    `#[BaseTime: ${startSeconds} (seconds since epoch)]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
  ];
  for (const [tag, { max, hdr }] of Object.entries(latencies)) {
    if (!TAG.test(tag)) throw new Error(`not a tag of a histogram log: "${tag}"`);
    lines.push(`Tag=${tag},0.000,${seconds},${(max / 1e6).toFixed(3)},${hdr}`);
  }
  return `${lines.join('\n')}\n`;
}

const TAG = /^[^\s,]+$/;
