import type { Series } from '../results/result.js';
import type { TrialBed } from './trial-bed.js';

const INTERVAL_COUNT = 100;
const INTERVAL_NS_MIN = 1_000_000;

interface Totals {
  attempted: number;
  completed: number;
  sent: number;
  lost: number;
}

/** Counts of a run by interval: a hundredth of the duration, and no less than a millisecond. */
export class SeriesRecorder {
  readonly intervalNs: number;
  private last: Totals = { attempted: 0, completed: 0, sent: 0, lost: 0 };
  private readonly series: Omit<Series, 'intervalNs'> = {
    offeredConnections: [],
    completedConnections: [],
    lostPackets: [],
    sentPackets: [],
  };

  constructor(durationNs: number) {
    this.intervalNs = Math.max(INTERVAL_NS_MIN, Math.ceil(durationNs / INTERVAL_COUNT));
  }

  /** Leaves out what was counted before the first interval. */
  begin(bed: TrialBed): void {
    this.last = totalsOf(bed);
  }

  /** Call at the end of each interval. */
  record(bed: TrialBed): void {
    const now = totalsOf(bed);
    this.series.offeredConnections.push(now.attempted - this.last.attempted);
    this.series.completedConnections.push(now.completed - this.last.completed);
    this.series.sentPackets.push(now.sent - this.last.sent);
    this.series.lostPackets.push(now.lost - this.last.lost);
    this.last = now;
  }

  /** The series of a run that lasted `ranNs`; a last part that was not recorded yet becomes the last element. */
  finish(bed: TrialBed, ranNs: number): Series {
    if (this.series.sentPackets.length * this.intervalNs < ranNs) this.record(bed);
    return { intervalNs: this.intervalNs, ...this.series };
  }
}

function totalsOf({ generator, testbed }: TrialBed): Totals {
  const { attempted, unsent, completed, sent } = generator.read();
  const lost = testbed.drops().reduce((sum, drop) => sum + drop.count, 0);
  const beside = generator.background?.read().sent ?? 0;
  return { attempted: attempted + unsent, completed, sent: sent + beside, lost };
}
