import { monotonicMs, nextTurn } from '../core/clock.js';
import { percentileNs, readLatencyCounts } from '../core/latency-counts.js';
import type { Testbed } from '../core/testbed.js';
import type { Series } from '../results/result.js';
import type { TrialHooks, TrialProgress } from './trial-options.js';

/** Counts so far, of what a series has by interval. */
export type Counts = { [Name in keyof Omit<Series, 'intervalNs'>]: number };

/** What is read of a run while it goes on. */
export interface Meter {
  testbed: Testbed;
  read(): Counts;
  /** Whether connections or packets are offered. */
  unit: TrialProgress['unit'];
  /** Address of a histogram. */
  latency: number;
}

export function lostPackets(testbed: Testbed): number {
  return testbed.drops().reduce((sum, drop) => sum + drop.count, 0);
}

/** Tells of a stretch of a run that begins now: rates and losses are of what comes in it. */
export function progressFrom(
  { testbed, read, unit, latency }: Meter,
  stretch: Pick<TrialProgress, 'durationNs' | 'stage'>,
): (ranNs: number, wallMs: number) => TrialProgress {
  const before = read();
  return (ranNs, wallMs) => {
    const now = read();
    const perSecond = (name: keyof Counts) => (((now[name] ?? 0) - (before[name] ?? 0)) * 1e9) / ranNs;
    return {
      ...{ ...stretch, simulatedNs: ranNs, wallMs, unit },
      offered: perSecond(unit === 'cps' ? 'offeredConnections' : 'sentPackets'),
      achieved: perSecond(unit === 'cps' ? 'completedConnections' : 'deliveredPackets'),
      lostPackets: now.lostPackets - before.lostPackets,
      p99Ns: percentileNs(readLatencyCounts(testbed.dataPlane, latency), 0.99),
    };
  };
}

const PERIOD_MS = 100;

/** Reports ten times a second, and lets signals in; call after each slice of a stretch that begins now. */
export function reporter(
  { onProgress }: TrialHooks,
  progressOf: ReturnType<typeof progressFrom>,
): (ranNs: number, isLast?: boolean) => Promise<void> {
  const startedMs = monotonicMs();
  let reportedMs = startedMs;
  return async (ranNs, isLast = false) => {
    if (monotonicMs() - reportedMs < PERIOD_MS && !isLast) return;
    reportedMs = monotonicMs();
    onProgress(progressOf(ranNs, reportedMs - startedMs));
    await nextTurn();
  };
}
