import { usageError } from '../core/errors.js';
import { formatDurationNs, formatRate } from '../core/units.js';

/** Longer than any queue, timer or table of the model takes to settle: what is longer is a slip. The data plane's clocks hold 40 hours. */
export const RUN_NS_MAX = 24 * 3600e9;

export interface RunLength {
  durationNs: number;
  /** What goes before the measurement. */
  warmupNs?: number;
  /** Of what is to be offered. */
  rate: number;
  unit: 'cps' | 'pps';
}

/**
 * A run in which nothing is due measures nothing, and one of days is not meant.
 * @throws SiriusError (usage)
 */
export function checkRunLength({ durationNs, warmupNs = 0, rate, unit }: RunLength): void {
  const what = unit === 'cps' ? 'connection' : 'packet';
  if (warmupNs + durationNs > RUN_NS_MAX) {
    throw usageError({
      code: 'duration',
      where: '--duration',
      expected: `at most ${formatDurationNs(RUN_NS_MAX)}${warmupNs > 0 ? `, ${formatDurationNs(warmupNs)} of warm-up among them` : ''}`,
      got: formatDurationNs(warmupNs + durationNs),
      hint: 'Seconds are enough: --duration 10s outlives every time-out of the built-in profiles.',
    });
  }
  if ((rate * durationNs) / 1e9 >= 1) return;
  throw usageError({
    code: 'duration',
    where: '--duration',
    expected: `at least ${formatDurationNs(Math.ceil(1e9 / rate))}, in which one ${what} is due at ${formatRate(rate, unit)}`,
    got: formatDurationNs(durationNs),
    hint: 'Run for longer, or offer a higher rate.',
  });
}
