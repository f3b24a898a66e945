import { epochMilliseconds, monotonicMs, monotonicNs, nextTurn } from '../core/clock.js';
import { loadDataPlane, touchMemory } from '../core/dataplane-module.js';
import { Schedule } from '../core/schedule.js';
import { picoseconds } from '../core/testbed.js';
import { frameBytesOf } from '../generators/tcp-generator.js';
import type { Measured, Result } from '../results/result.js';
import { startCapture, writeCapture } from './capture.js';
import { describeHost } from './host.js';
import { measure } from './measure.js';
import { SeriesRecorder } from './series.js';
import { buildTrialBed, progressOf, type TrialBed } from './trial-bed.js';
import type { CpsTrialOptions, TrialHooks } from './trial-options.js';
import { assemble } from './trial-result.js';

/** What goes on beside the load under the virtual clock: faults, say. */
export interface Accompaniment {
  /** The run stops at each of its times, with all events before that time handled. */
  schedule: Pick<Schedule, 'nextNs' | 'run'>;
  /** Sections of the result of its own. */
  outcomes(ranNs: number): Pick<Measured, 'faults' | 'endpoints' | 'copies'>;
}

const ALONE: Accompaniment = { schedule: new Schedule(), outcomes: () => ({}) };

/** What a run is interrupted for. */
interface Stops {
  series: SeriesRecorder;
  schedule: Accompaniment['schedule'];
}

const NANOSECONDS_PER_SECOND = 1e9;
const PROGRESS_PERIOD_MS = 100;
/**
 * Under the wall clock, the most of its schedule that the generator makes up in one pass. Without a bound, a late generator sends
 * everything that is due at once, all of it falls out of the caches, and it never gets back on time.
 */
const WALL_STEP_NS = 50_000n;
const PICOSECONDS = 1000n;
/** Under the wall clock, a progress report (which reads a whole histogram) makes the generator late, so there are few. */
const WALL_PROGRESS_NS = 500_000_000;
/** Under the wall clock: passes between two looks at signals. */
const WALL_TURN_NS = 50_000_000n;

/**
 * Runs one trial of connections per second and measures it.
 * @throws SiriusError for a policy file or a capture file that cannot be used.
 */
export async function runCpsTrial(
  options: CpsTrialOptions,
  hooks: TrialHooks,
  accompany: (bed: TrialBed) => Accompaniment = () => ALONE,
): Promise<{ result: Result }> {
  const startedMs = epochMilliseconds();
  const startedNs = monotonicNs();
  const dataPlane = loadDataPlane({ compiles: options.clock === 'wall' ? 'before' : 'meanwhile' });
  const bed = await buildTrialBed(dataPlane, options, hooks);
  const capture = options.pcap ? startCapture(bed, options.pcap, frameBytesOf(options.profile)) : undefined;
  const series = new SeriesRecorder(options.durationNs);
  const accompaniment = accompany(bed);
  const runNs = monotonicNs();
  try {
    const ranNs = await (options.clock === 'virtual' ? runVirtual : runWall)(bed, options, hooks, {
      series,
      schedule: accompaniment.schedule,
    });
    const simulatingNs = Number(monotonicNs() - runNs);
    const measured = measure(bed, options, {
      series: series.finish(bed, ranNs),
      ranNs,
      extra: accompaniment.outcomes(ranNs),
    });
    if (capture) writeCapture(bed, capture);
    const host = describeHost({
      wallTimeNs: Number(monotonicNs() - startedNs),
      simulatingNs,
      sentPackets: measured.packets.sent,
    });
    return {
      result: assemble({
        kind: options.kind ?? 'cps',
        options,
        measured,
        host,
        interrupted: ranNs < options.durationNs,
        startedMs,
      }),
    };
  } finally {
    capture?.release();
  }
}

/** Connections between two looks at signals and progress under the virtual clock: some tens of milliseconds of work. */
const CONNECTIONS_PER_TURN = 20_000;

async function runVirtual(
  bed: TrialBed,
  { durationNs, rateCps }: CpsTrialOptions,
  hooks: TrialHooks,
  { series, schedule }: Stops,
): Promise<number> {
  const turnNs = Math.max(1, Math.round((CONNECTIONS_PER_TURN / rateCps) * NANOSECONDS_PER_SECOND));
  const startedMs = monotonicMs();
  let reportedMs = startedMs;
  let simulatedNs = 0;
  let recordNs = series.intervalNs;
  while (simulatedNs < durationNs && !hooks.signal.aborted) {
    simulatedNs = Math.min(durationNs, recordNs, simulatedNs + turnNs, schedule.nextNs);
    bed.testbed.exports.engineRun(picoseconds(simulatedNs));
    schedule.run(simulatedNs);
    if (simulatedNs === recordNs) {
      series.record(bed);
      recordNs += series.intervalNs;
    }
    if (monotonicMs() - reportedMs < PROGRESS_PERIOD_MS && simulatedNs < durationNs) continue;
    reportedMs = monotonicMs();
    hooks.onProgress(progressOf(bed, simulatedNs, durationNs, reportedMs - startedMs));
    await nextTurn();
  }
  return simulatedNs;
}

async function runWall(
  bed: TrialBed,
  { durationNs }: CpsTrialOptions,
  hooks: TrialHooks,
  { series }: Stops,
): Promise<number> {
  const { exports, dataPlane } = bed.testbed;
  touchMemory(dataPlane);
  const startedNs = monotonicNs();
  const endNs = startedNs + BigInt(Math.round(durationNs));
  let presentNs = startedNs;
  let recordedNs = startedNs;
  let horizonNs = 0n;
  let reportedNs = 0;
  while (presentNs < endNs && !hooks.signal.aborted) {
    const turnNs = presentNs + WALL_TURN_NS;
    while (presentNs < endNs && presentNs < turnNs) {
      const elapsedNs = presentNs - startedNs;
      horizonNs = elapsedNs < horizonNs + WALL_STEP_NS ? elapsedNs : horizonNs + WALL_STEP_NS;
      bed.generator.setHorizon(horizonNs * PICOSECONDS);
      exports.engineStepWall(elapsedNs * PICOSECONDS);
      presentNs = monotonicNs();
      while (Number(presentNs - recordedNs) >= series.intervalNs) {
        recordedNs += BigInt(series.intervalNs);
        series.record(bed);
      }
    }
    const simulatedNs = Number(presentNs - startedNs);
    if (simulatedNs - reportedNs >= WALL_PROGRESS_NS) {
      reportedNs = simulatedNs;
      hooks.onProgress(progressOf(bed, Math.min(simulatedNs, durationNs), durationNs, simulatedNs / 1e6));
    }
    await nextTurn();
    presentNs = monotonicNs();
  }
  const ranNs = Math.min(durationNs, Number(presentNs - startedNs));
  bed.generator.forgo(picoseconds(ranNs));
  return ranNs;
}
