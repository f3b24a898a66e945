import { OUTAGE_QUIET_PS, PICOSECONDS_PER_NANOSECOND } from '../../core/dataplane/contract.js';
import type { Schedule } from '../../core/schedule.js';
import type { Drop } from '../../core/testbed.js';
import {
  LOSS_COUNTER_COUNT,
  LossCounter,
  WATCHED_OUTAGE_COUNT,
} from '../../generators/dataplane/generator-layout.js';
import type { FaultLoss, FaultOutcome, FaultTimeline } from '../../results/result.js';
import type { FaultEvent } from '../../targets/scenario.js';
import type { TrialBed } from '../trial-bed.js';

/** How long before an event its timeline begins, and how long after it ends. */
const LEAD_NS = 5_000_000;
const TRAIL_NS = 50_000_000;
const TIMELINE_BIN_NS = 100_000;

/** Everything that an outcome is the difference of. */
interface Totals {
  sent: number;
  delivered: number;
  open: number;
  drops: Drop[];
}

/** Packets so far. */
interface Tick {
  sent: number;
  delivered: number;
  lost: number;
}

/** One event under observation. */
interface Watch {
  event: FaultEvent;
  atNs: number;
  before: Totals;
  /** Known when the next event comes, or the end. */
  outage: Outage;
}

interface Outage {
  lastedNs: number;
  /** Packets. */
  lost: number;
  /** When the last of them was. */
  lastNs: number;
}

/**
 * Sees what each event does to the traffic: losses, from when to when, a timeline in bins of 100 us, and what became of the connections that lost
 * packets: they count for the event after which they lost them, however much later they send again or break.
 */
export class FaultObserver {
  private readonly watches: Watch[] = [];
  /** By time; timelines of events that are close share them. */
  private readonly ticks = new Map<number, Tick>();
  /** Address of the data plane's counters. */
  private readonly lossCounters: number;

  constructor(
    private readonly bed: TrialBed,
    private readonly schedule: Schedule,
    /** That the load has while nothing breaks. */
    private readonly offeredPps: number,
  ) {
    this.lossCounters = bed.testbed.exports.lossWatchStart();
  }

  /** Asks for an event to be observed; call before the run, in order of time. */
  watch(event: FaultEvent, atNs: number): void {
    const { schedule } = this;
    const watch: Watch = { event, atNs, before: this.totals(), outage: { lastedNs: 0, lost: 0, lastNs: 0 } };
    const previous = this.watches.at(-1);
    this.watches.push(watch);
    schedule.every(TIMELINE_BIN_NS, { fromNs: firstTickNs(atNs), untilNs: atNs + TRAIL_NS }, () =>
      this.tick(),
    );
    schedule.at(atNs, () => {
      // Before the event, whose own losses belong to the bin that begins here.
      this.tick();
      watch.before = this.totals();
      if (previous) previous.outage = this.outage();
      this.bed.testbed.exports.outageReset();
    });
  }

  /** What came of each event; call once, at the end. */
  outcomes(ranNs: number): FaultOutcome[] {
    const end = this.totals();
    // A run that was ended early has not come to all of them.
    const seen = this.watches.filter(({ atNs }) => atNs < ranNs);
    const last = seen.at(-1);
    if (last) last.outage = this.outage();
    this.bed.testbed.exports.lossWatchEnd();
    return seen.map((watch, index) => ({
      ...outcomeOf(watch, seen[index + 1]?.before ?? end, this.offeredPps),
      ...(watch === last && mayGoOn(watch.outage, ranNs) ? { outageMayGoOn: true as const } : {}),
      flows: { underWay: watch.before.open, ...this.connections(index) },
      timeline: timelineOf(watch.atNs, this.ticks),
    }));
  }

  /** Of those that lost a packet after an event, by its place in the order of events, and before the next one. */
  private connections(index: number): Omit<FaultOutcome['flows'], 'underWay'> {
    const counters = this.bed.testbed.counters(this.lossCounters, WATCHED_OUTAGE_COUNT * LOSS_COUNTER_COUNT);
    // What was lost before the first event stands first.
    const counter = (which: LossCounter) => Number(counters[(index + 1) * LOSS_COUNTER_COUNT + which]);
    return {
      broken: counter(LossCounter.broken),
      brokenOfStalled: counter(LossCounter.brokenOfStalled),
      stalled: counter(LossCounter.stalled),
      recovered: counter(LossCounter.recovered),
    };
  }

  /** The burst since the last event in which most packets were lost, from its first to its last one. */
  private outage(): Outage {
    const { exports } = this.bed.testbed;
    const nanoseconds = (ps: bigint) => Math.round(Number(ps) / PICOSECONDS_PER_NANOSECOND);
    return {
      lastedNs: nanoseconds(exports.outageLastPs() - exports.outageFirstPs()),
      lost: Number(exports.outageLosses()),
      lastNs: nanoseconds(exports.outageLastPs()),
    };
  }

  private tick(): void {
    if (this.ticks.has(this.schedule.nowNs)) return;
    const { sent, delivered } = this.bed.generator.read();
    this.ticks.set(this.schedule.nowNs, { sent, delivered, lost: this.lost() });
  }

  private lost(): number {
    return Number(this.bed.testbed.exports.droppedPackets());
  }

  private totals(): Totals {
    const { sent, delivered, open } = this.bed.generator.read();
    return { sent, delivered, open, drops: this.bed.testbed.drops() };
  }
}

function outcomeOf(
  watch: Watch,
  after: Totals,
  offeredPps: number,
): Omit<FaultOutcome, 'timeline' | 'flows'> {
  const { event, atNs, before, outage } = watch;
  const lost = lossesBetween(before.drops, after.drops);
  return {
    kind: event.action.kind,
    place: event.place,
    atNs,
    recoveryNs: Math.round((outage.lost / offeredPps) * 1e9),
    outageNs: outage.lastedNs,
    packetsLost: {
      total: sum(lost),
      inOutage: outage.lost,
      atCards: sum(lost.filter(({ owner }) => owner === 'card')),
      byPlace: lost.map(({ place, reason, count }): FaultLoss => ({ place, reason, count })),
    },
  };
}

/** Whether a burst had no time to end before the run did. */
function mayGoOn({ lost, lastNs }: Outage, ranNs: number): boolean {
  return lost > 0 && ranNs - lastNs <= OUTAGE_QUIET_PS / PICOSECONDS_PER_NANOSECOND;
}

/** On the event's own grid of bins. */
function firstTickNs(atNs: number): number {
  return atNs - TIMELINE_BIN_NS * Math.floor(Math.min(LEAD_NS, atNs) / TIMELINE_BIN_NS);
}

function timelineOf(atNs: number, ticks: ReadonlyMap<number, Tick>): FaultTimeline {
  const startNs = firstTickNs(atNs);
  const own: Tick[] = [];
  for (let ns = startNs; ns <= atNs + TRAIL_NS; ns += TIMELINE_BIN_NS) {
    const tick = ticks.get(ns);
    if (tick) own.push(tick);
  }
  const perBin = (value: (tick: Tick) => number) =>
    own.slice(1).map((tick, index) => value(tick) - value(own[index] as Tick));
  return {
    startNs: startNs - atNs,
    binNs: TIMELINE_BIN_NS,
    sentPackets: perBin(({ sent }) => sent),
    deliveredPackets: perBin(({ delivered }) => delivered),
    lostPackets: perBin(({ lost }) => lost),
  };
}

function lossesBetween(before: readonly Drop[], after: readonly Drop[]): Drop[] {
  const known = new Map(before.map(({ place, reason, count }) => [`${place} ${reason}`, count]));
  return after
    .map((drop) => ({ ...drop, count: drop.count - (known.get(`${drop.place} ${drop.reason}`) ?? 0) }))
    .filter(({ count }) => count > 0);
}

function sum(drops: readonly { count: number }[]): number {
  return drops.reduce((total, { count }) => total + count, 0);
}
