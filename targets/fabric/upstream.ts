import type { Schedule } from '../../core/schedule.js';
import { RouteWriter } from './route-writer.js';

export interface UpstreamOptions {
  schedule: Schedule;
  torCount: number;
  fnicCount: number;
  routeInstallNs: number;
  /** Until the network sees that the light of a ToR has gone. */
  linkDownDetectionNs: number;
  /** AS path length of every fNIC at the start. */
  firstPathLength: number;
  /** For how long a ToR keeps to itself that its way has become longer: a card that has died is missed by the other ToRs meanwhile, and nothing has to change. */
  longerPathHoldNs: number;
  /** Sends an fNIC's packets that would enter the network at one ToR into another one. */
  setEntry(fnic: number, tor: number, entry: number): void;
}

/**
 * The network on the other side of the ToRs: an fNIC's packets enter by a ToR with the shortest AS path to it, by the one that they would enter by anyway if
 * that has no longer one than others. A ToR that is cut off from the primary alone reaches the secondary only, which doesn't take traffic.
 */
export class Upstream {
  /** For each ToR and fNIC, how long its way is; undefined: it has none. */
  private readonly paths: (number | undefined)[][];
  /** Counts what each ToR has said of each fNIC, so that a word that is held back and out of date is known. */
  private readonly words: number[][];
  /** For each ToR and fNIC, where its packets are to enter. */
  private readonly entries: number[][];
  /** One for each ToR: every ToR's neighbours change their routes on their own. */
  private readonly writers: RouteWriter<number>[];

  constructor(private readonly options: UpstreamOptions) {
    const { torCount, fnicCount, schedule, routeInstallNs, firstPathLength } = options;
    const forAll = (value: number) =>
      Array.from({ length: torCount }, () => new Array<number>(fnicCount).fill(value));
    this.paths = forAll(firstPathLength);
    this.words = forAll(0);
    this.entries = Array.from({ length: torCount }, (_, tor) => Array.from({ length: fnicCount }, () => tor));
    this.writers = Array.from({ length: torCount }, () => new RouteWriter(schedule, routeInstallNs));
  }

  setPath(tor: number, fnic: number, pathLength: number | undefined): void {
    const { schedule, longerPathHoldNs } = this.options;
    const words = this.words[tor] as number[];
    const word = (words[fnic] ?? 0) + 1;
    words[fnic] = word;
    const before = this.paths[tor]?.[fnic];
    const take = () => {
      if (words[fnic] !== word) return;
      (this.paths[tor] as (number | undefined)[])[fnic] = pathLength;
      this.chooseAll(fnic);
    };
    const isLonger = before !== undefined && pathLength !== undefined && pathLength > before;
    if (isLonger) schedule.after(longerPathHoldNs, take);
    else take();
  }

  /** A ToR has died, and says nothing. */
  torDied(tor: number): void {
    const { schedule, fnicCount, linkDownDetectionNs } = this.options;
    schedule.after(linkDownDetectionNs, () => {
      for (let fnic = 0; fnic < fnicCount; fnic++) this.setPath(tor, fnic, undefined);
    });
  }

  private chooseAll(fnic: number): void {
    for (const [tor, entries] of this.entries.entries()) {
      const entry = this.entryFor(tor, fnic);
      if (entry === entries[fnic]) continue;
      entries[fnic] = entry;
      this.writers[tor]?.write(fnic, () => this.options.setEntry(fnic, tor, entry));
    }
  }

  /** The ToR itself when none has a shorter way, else the next one with the shortest; the ToR itself again when none has any. */
  private entryFor(tor: number, fnic: number): number {
    const { torCount } = this.options;
    const lengthOf = (entry: number) => this.paths[entry]?.[fnic] ?? Number.POSITIVE_INFINITY;
    const entries = Array.from({ length: torCount }, (_, step) => (tor + step) % torCount);
    const shortest = Math.min(...entries.map(lengthOf));
    return entries.find((entry) => lengthOf(entry) === shortest) ?? tor;
  }
}
