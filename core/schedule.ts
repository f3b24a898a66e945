/** What the control plane does at a time of the virtual clock. */
type Action = () => void;

interface Entry {
  atNs: number;
  action: Action;
}

/** Things to do at given times, done in order of time and, at one time, in the order in which they were asked for. */
export class Schedule {
  private readonly entries: Entry[] = [];
  private presentNs = 0;

  /** Time of the entry in hand, or of the last one done. */
  get nowNs(): number {
    return this.presentNs;
  }

  /** When the next entry is due; Infinity when there is none. */
  get nextNs(): number {
    return this.entries[0]?.atNs ?? Number.POSITIVE_INFINITY;
  }

  at(atNs: number, action: Action): void {
    if (!(atNs >= this.presentNs))
      throw new RangeError(`${atNs} ns is before the present, ${this.presentNs} ns`);
    const before = this.entries.findLastIndex((entry) => entry.atNs <= atNs);
    this.entries.splice(before + 1, 0, { atNs, action });
  }

  /** Does something at a time, and again every `periodNs` until a time (included). */
  every(periodNs: number, { fromNs, untilNs }: { fromNs: number; untilNs: number }, action: Action): void {
    this.at(fromNs, () => {
      action();
      const fromNextNs = fromNs + periodNs;
      if (fromNextNs <= untilNs) this.every(periodNs, { fromNs: fromNextNs, untilNs }, action);
    });
  }

  after(delayNs: number, action: Action): void {
    this.at(this.presentNs + delayNs, action);
  }

  /** Does what is due at or before a time, what that asks for included. */
  run(untilNs: number): void {
    while (this.nextNs <= untilNs) {
      const { atNs, action } = this.entries.shift() as Entry;
      this.presentNs = atNs;
      action();
    }
    this.presentNs = Math.max(this.presentNs, untilNs);
  }
}
