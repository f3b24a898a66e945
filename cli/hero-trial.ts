import { epochMilliseconds, monotonicMs, monotonicNs, nextTurn } from '../core/clock.js';
import { loadDataPlane } from '../core/dataplane-module.js';
import { picoseconds } from '../core/testbed.js';
import type { Ageing, Background, Result } from '../results/result.js';
import { describeHost } from './host.js';
import { measure, type Window } from './measure.js';
import { PACKETS_PER_CONNECTION } from './offered-rate.js';
import { SeriesRecorder } from './series.js';
import { buildTrialBed, progressOf, type TrialBed } from './trial-bed.js';
import type { CpsTrialOptions, TrialHooks } from './trial-options.js';
import { assemble } from './trial-result.js';

const NANOSECONDS_PER_SECOND = 1e9;
const PROGRESS_PERIOD_MS = 100;
/** Packets between two looks at signals and progress: some tens of milliseconds of work. */
const PACKETS_PER_TURN = 100_000;
/** Resolution in which the end of the connections and of the flow records is seen. */
const LOOK_NS = 1e6;
/** DASH: the table is empty within 1 s of the flows' deadline. */
const AGEING_GRACE_NS = 1e9;

/** A run in its phases, each of which ends at once when the user ends the run. */
interface HeroRun {
  bed: TrialBed;
  options: CpsTrialOptions;
  hooks: TrialHooks;
  /** Simulated time up to now. */
  nowNs: number;
  startedMs: number;
  reportedMs: number;
}

/**
 * One trial of DASH's hero test under the virtual clock: background flows are learned, connections are offered beside them for the
 * duration, the last ones end, the background stops, and the cards' tables must become empty.
 * @throws SiriusError for a policy file that cannot be used.
 */
export async function runHeroTrial(options: CpsTrialOptions, hooks: TrialHooks): Promise<{ result: Result }> {
  const startedMs = epochMilliseconds();
  const startedNs = monotonicNs();
  const bed = await buildTrialBed(loadDataPlane(), options, hooks);
  const runNs = monotonicNs();
  const run: HeroRun = { bed, options, hooks, nowNs: 0, startedMs: monotonicMs(), reportedMs: 0 };
  await learn(run);
  const learned = bed.generator.background?.read().learned ?? 0;
  const { ranNs, series, window } = await offer(run);
  await settle(run);
  const aliveAtEnd = countOpen(bed);
  const ageing = await age(run);
  const simulatingNs = Number(monotonicNs() - runNs);
  const background = backgroundOf(run, { learned, aliveAtEnd });
  const measured = measure(bed, options, {
    series: series.finish(bed, ranNs),
    ranNs,
    window,
    extra: { ...(background === undefined ? {} : { background }), ageing },
  });
  const host = describeHost({
    wallTimeNs: Number(monotonicNs() - startedNs),
    simulatingNs,
    sentPackets: measured.packets.sent,
  });
  const interrupted = hooks.signal.aborted;
  return { result: assemble({ kind: 'hero', options, measured, host, interrupted, startedMs }) };
}

/** Runs until the connections are to start. */
async function learn(run: HeroRun): Promise<void> {
  const { startNs } = run.bed.generator;
  const turnNs = turnOf(run);
  while (run.nowNs < startNs && !run.hooks.signal.aborted) {
    await runTo(run, Math.min(startNs, run.nowNs + turnNs), { stage: 'learning', durationNs: startNs });
  }
}

interface Offered {
  ranNs: number;
  series: SeriesRecorder;
  window: Window;
}

async function offer(run: HeroRun): Promise<Offered> {
  const { bed, options } = run;
  const { startNs } = bed.generator;
  const { durationNs } = options;
  for (const card of bed.target.cards) {
    bed.testbed.exports.histogramReset(card.transit);
    bed.testbed.exports.histogramReset(card.pingPong);
  }
  const before = countsOf(bed);
  const series = new SeriesRecorder(durationNs);
  series.begin(bed);
  const turnNs = turnOf(run);
  let recordNs = startNs + series.intervalNs;
  while (run.nowNs < startNs + durationNs && !run.hooks.signal.aborted) {
    await runTo(run, Math.min(startNs + durationNs, recordNs, run.nowNs + turnNs), { startNs, durationNs });
    if (run.nowNs !== recordNs) continue;
    series.record(bed);
    recordNs += series.intervalNs;
  }
  const now = countsOf(bed);
  return {
    ranNs: Math.max(0, run.nowNs - startNs),
    series,
    window: {
      completed: now.completed - before.completed,
      sent: now.sent - before.sent,
      delivered: now.delivered - before.delivered,
      backgroundDue: now.backgroundDue - before.backgroundDue,
      backgroundDelivered: now.backgroundDelivered - before.backgroundDelivered,
    },
  };
}

/** Lets the connections that are under way end, with the background going on. */
async function settle(run: HeroRun): Promise<void> {
  const { generator } = run.bed;
  const { connectionTimeoutNs, holdNs } = run.options.profile.tcp;
  // A SYN, a FIN and a FIN-ACK may each be tried for the whole of the time-out.
  const startNs = run.nowNs;
  const durationNs = 3 * connectionTimeoutNs + holdNs + LOOK_NS;
  while (run.nowNs < startNs + durationNs && generator.read().open > 0 && !run.hooks.signal.aborted) {
    await runTo(run, run.nowNs + LOOK_NS, { stage: 'last connections', startNs, durationNs });
  }
}

/** Stops the background and waits for empty tables, no longer than DASH allows. */
async function age(run: HeroRun): Promise<Ageing> {
  const { bed, options } = run;
  const { establishedIdleMs, halfOpenIdleMs, closedLingerMs } = options.model.ageing;
  const idleNs = Math.max(establishedIdleMs, halfOpenIdleMs, closedLingerMs) * 1e6;
  const startNs = run.nowNs;
  const durationNs = idleNs + AGEING_GRACE_NS;
  bed.generator.background?.stop(startNs);
  let isEmpty = recordsOf(bed) === 0;
  while (!isEmpty && run.nowNs < startNs + durationNs && !run.hooks.signal.aborted) {
    await runTo(run, run.nowNs + LOOK_NS, { stage: 'ageing', startNs, durationNs });
    isEmpty = recordsOf(bed) === 0;
  }
  const { exports } = bed.testbed;
  return {
    waitedNs: run.nowNs - startNs,
    ...(isEmpty ? { emptyAfterNs: run.nowNs - startNs } : {}),
    idleNs,
    cards: bed.target.cards.map(({ name, table }) => ({
      name,
      highWater: exports.flowTableHighWater(table),
      atEnd: exports.flowTableCount(table),
    })),
  };
}

interface Phase {
  stage?: string;
  startNs?: number;
  durationNs: number;
}

/** Advances the simulation, and now and then reports and looks for signals. */
async function runTo(
  run: HeroRun,
  untilNs: number,
  { stage, startNs = 0, durationNs }: Phase,
): Promise<void> {
  run.bed.testbed.exports.engineRun(picoseconds(untilNs));
  run.nowNs = untilNs;
  const nowMs = monotonicMs();
  if (nowMs - run.reportedMs < PROGRESS_PERIOD_MS) return;
  run.reportedMs = nowMs;
  const progress = progressOf(run.bed, untilNs - startNs, durationNs, nowMs - run.startedMs);
  run.hooks.onProgress({ ...progress, ...(stage === undefined ? {} : { stage }) });
  await nextTurn();
}

function turnOf({ bed, options }: HeroRun): number {
  const background = options.background;
  const beside = bed.generator.background;
  const packetsPerSecond =
    options.rateCps * PACKETS_PER_CONNECTION +
    (background === undefined || beside === undefined
      ? 0
      : (2 * beside.flowCount * NANOSECONDS_PER_SECOND) / background.refreshNs);
  return Math.max(LOOK_NS, Math.round((PACKETS_PER_TURN / packetsPerSecond) * NANOSECONDS_PER_SECOND));
}

function countsOf({ generator }: TrialBed): Window {
  const { completed, sent, delivered } = generator.read();
  const background = generator.background?.read();
  return {
    completed,
    sent,
    delivered,
    backgroundDue: background?.refreshes ?? 0,
    backgroundDelivered: background?.refreshed ?? 0,
  };
}

function recordsOf({ testbed, target }: TrialBed): number {
  return target.cards.reduce((sum, { table }) => sum + testbed.exports.flowTableCount(table), 0);
}

function countOpen({ testbed, target }: TrialBed): number {
  return target.cards.reduce((sum, { table }) => sum + testbed.exports.flowTableCountOpen(table), 0);
}

interface Lives {
  learned: number;
  aliveAtEnd: number;
}

function backgroundOf({ bed, options }: HeroRun, { learned, aliveAtEnd }: Lives): Background | undefined {
  const { background } = bed.generator;
  const traffic = options.background;
  if (background === undefined || traffic === undefined) return undefined;
  const { sent, delivered, unexpected, unsent } = background.read();
  return {
    tcpFlows: traffic.tcpFlowCount,
    udpFlows: traffic.udpFlowCount,
    refreshNs: traffic.refreshNs,
    learned,
    learningNs: background.learnedNs,
    packets: { sent, delivered, unexpected },
    unsent,
    aliveAtEnd,
  };
}
