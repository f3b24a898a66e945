import { performance } from 'node:perf_hooks';
import { setImmediate as immediate } from 'node:timers/promises';

// The one file that knows the real clock. Everything else takes time as an argument.

/** Wall-clock time, milliseconds since 1970 (UTC): for names and records, never for measuring. */
export function epochMilliseconds(): number {
  return Date.now();
}

/** Nanoseconds since some fixed moment; never goes back. */
export function monotonicNs(): bigint {
  return process.hrtime.bigint();
}

/** The same in milliseconds with a fraction: enough for progress and time-outs. */
export function monotonicMs(): number {
  return performance.now();
}

/** `20261122T213000Z`: ISO 8601 basic format, to the second, fit for a file name; sorts by time. */
export function utcStamp(epochMs: number = epochMilliseconds()): string {
  return new Date(epochMs).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Lets the event loop turn once, so that signals and output get their chance within long work. */
export async function nextTurn(): Promise<void> {
  await immediate();
}
