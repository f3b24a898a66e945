import { loadDataPlane } from '../core/dataplane-module.js';
import { longestLifeNs } from '../generators/connection-life.js';
import type { Ageing, Background, Result, Series } from '../results/result.js';
import { conductTrial } from './conduct-trial.js';
import { measure, type Window } from './measure.js';
import { PACKETS_PER_CONNECTION } from './offered-rate.js';
import { SeriesRecorder } from './series.js';
import { buildTrialBed, meterOf, resetLatencies, type TrialBed } from './trial-bed.js';
import { doubtsOf } from './trial-doubts.js';
import type { CpsTrialOptions, TrialHooks } from './trial-options.js';
import { runVirtual, type Stretch, sliceOf } from './virtual-run.js';

const NANOSECONDS_PER_SECOND = 1e9;
/** Packets between two looks at signals and progress. */
const PACKETS_PER_SLICE = 100_000;
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
}

/**
 * One trial of DASH's hero test under the virtual clock: background flows are learned, connections are offered beside them for the
 * duration, the last ones end, the background stops, and the cards' tables must become empty.
 * @throws SiriusError for a policy file that cannot be used.
 */
export function runHeroTrial(options: CpsTrialOptions, hooks: TrialHooks): Promise<{ result: Result }> {
  return conductTrial('hero', options, async (simulate) => {
    const bed = await buildTrialBed(loadDataPlane(), options, hooks);
    const { lives, ageing, ...offered } = await simulate(() => play({ bed, options, hooks, nowNs: 0 }));
    const background = backgroundOf(bed, options, lives);
    const extra = { ...(background === undefined ? {} : { background }), ageing };
    const measured = measure(bed, options, { ...offered, extra });
    return {
      ...{ measured, invalidReasons: doubtsOf(measured, options) },
      ...{ interrupted: hooks.signal.aborted, sentPackets: measured.packets.sent },
    };
  });
}

async function play(run: HeroRun): Promise<Offered & { lives: Lives; ageing: Ageing }> {
  const { bed } = run;
  await learn(run);
  const learned = bed.generator.background?.read().learned ?? 0;
  const offered = await offer(run);
  await settle(run);
  const lives = { learned, aliveAtEnd: countOpen(bed) };
  return { ...offered, lives, ageing: await age(run) };
}

/** Runs until the connections are to start. */
async function learn(run: HeroRun): Promise<void> {
  await advance(run, {
    stage: 'learning',
    durationNs: run.bed.generator.startNs,
    sliceNs: sliceNsOf(run),
  });
}

interface Offered {
  ranNs: number;
  series: Series;
  window: Window;
}

async function offer(run: HeroRun): Promise<Offered> {
  const { bed, options } = run;
  const { durationNs } = options;
  resetLatencies(bed);
  const before = countsOf(bed);
  const series = new SeriesRecorder(meterOf(bed), { durationNs });
  const ranNs = await advance(run, { durationNs, sliceNs: sliceNsOf(run), stops: [series] });
  const now = countsOf(bed);
  return {
    ranNs,
    series: series.finish(ranNs),
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
  await advance(run, {
    stage: 'last connections',
    durationNs: longestLifeNs(run.options.profile.tcp) + LOOK_NS,
    sliceNs: LOOK_NS,
    goesOn: () => generator.read().open > 0,
  });
}

/** Stops the background and waits for empty tables, no longer than DASH allows. */
async function age(run: HeroRun): Promise<Ageing> {
  const { bed, options } = run;
  const { establishedIdleMs, halfOpenIdleMs, closedLingerMs } = options.model.ageing;
  const idleNs = Math.max(establishedIdleMs, halfOpenIdleMs, closedLingerMs) * 1e6;
  const holdsRecords = () => recordsOf(bed) > 0;
  bed.generator.background?.stop(run.nowNs);
  const waitedNs = await advance(run, {
    ...{ stage: 'ageing', durationNs: idleNs + AGEING_GRACE_NS, sliceNs: LOOK_NS, goesOn: holdsRecords },
  });
  const { exports } = bed.testbed;
  return {
    waitedNs,
    ...(holdsRecords() ? {} : { emptyAfterNs: waitedNs }),
    idleNs,
    cards: bed.target.cards.map(({ name, table }) => ({
      name,
      highWater: exports.flowTableHighWater(table),
      atEnd: exports.flowTableCount(table),
    })),
  };
}

/** Runs the next phase. */
async function advance(run: HeroRun, phase: Omit<Stretch, 'startNs'>): Promise<number> {
  const ranNs = await runVirtual(meterOf(run.bed), { ...phase, startNs: run.nowNs }, run.hooks);
  run.nowNs += ranNs;
  return ranNs;
}

function sliceNsOf({ bed, options }: HeroRun): number {
  const background = options.background;
  const beside = bed.generator.background;
  const packetsPerSecond =
    options.rateCps * PACKETS_PER_CONNECTION +
    (background === undefined || beside === undefined
      ? 0
      : (2 * beside.flowCount * NANOSECONDS_PER_SECOND) / background.refreshNs);
  return Math.max(LOOK_NS, sliceOf(PACKETS_PER_SLICE, packetsPerSecond));
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

function backgroundOf(
  { generator: { background } }: TrialBed,
  { background: traffic }: CpsTrialOptions,
  { learned, aliveAtEnd }: Lives,
): Background | undefined {
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
