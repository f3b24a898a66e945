import type { Series } from '../results/result.js';
import type { Counts, Meter } from './trial-progress.js';
import type { Stops } from './virtual-run.js';

const INTERVAL_COUNT = 100;

/** Counts of a run by interval, a hundredth of the duration and no less than the least, from where the recorder is made. */
export class SeriesRecorder implements Stops {
  nextNs: number;
  private readonly intervalNs: number;
  /** Where the first interval begins, and at the end of each. */
  private readonly readings: Counts[];

  constructor(
    private readonly meter: Pick<Meter, 'read'>,
    { durationNs, intervalNsMin = 1_000_000 }: { durationNs: number; intervalNsMin?: number },
  ) {
    this.intervalNs = Math.max(intervalNsMin, Math.ceil(durationNs / INTERVAL_COUNT));
    this.nextNs = this.intervalNs;
    this.readings = [meter.read()];
  }

  run(nowNs: number): void {
    for (; this.nextNs <= nowNs; this.nextNs += this.intervalNs) this.readings.push(this.meter.read());
  }

  /** Call at the end of a run that lasted `ranNs`: a part of an interval becomes the last element. */
  finish(ranNs: number): Series {
    const { intervalNs, readings } = this;
    if (this.nextNs - intervalNs < ranNs) readings.push(this.meter.read());
    const names = Object.keys(readings[0] as Counts) as (keyof Counts)[];
    const countsOf = (name: keyof Counts) =>
      readings.slice(1).map((end, index) => (end[name] ?? 0) - (readings[index]?.[name] ?? 0));
    const counts = Object.fromEntries(names.map((name) => [name, countsOf(name)]));
    return { intervalNs, ...(counts as Omit<Series, 'intervalNs'>) };
  }
}
