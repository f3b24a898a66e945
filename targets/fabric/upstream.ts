import type { Schedule } from '../../core/schedule.js';
import { RouteWriter } from './route-writer.js';

export interface UpstreamOptions {
  schedule: Schedule;
  torCount: number;
  fnicCount: number;
  /** Of every ToR to every fNIC at the start. */
  pathLength: number;
  routeInstallNs: number;
  /** Until the network sees that the light of a ToR has gone. */
  linkDownDetectionNs: number;
  /** Sends an fNIC's packets that would enter the network at one ToR into another one. */
  setEntry(fnic: number, tor: number, entry: number): void;
}

/**
 * The network on the other side of the ToRs, which takes the shortest AS path too: an fNIC's packets enter by the ToR where they always did as long as
 * no other one has a shorter path, else by the next that has the shortest. So while one ToR reaches an fNIC's secondary only, all its packets go by
 * the other one to the primary (appendix A.1).
 */
export class Upstream {
  /** For each ToR, the length of its path to each fNIC; undefined: it has none. */
  private readonly lengths: (number | undefined)[][];
  /** For each ToR and fNIC, where its packets are to enter. */
  private readonly entries: number[][];
  /** One for each ToR: every ToR's neighbours change their routes on their own. */
  private readonly writers: RouteWriter<number>[];

  constructor(private readonly options: UpstreamOptions) {
    const { torCount, fnicCount, pathLength, schedule, routeInstallNs } = options;
    this.lengths = Array.from({ length: torCount }, () =>
      Array.from({ length: fnicCount }, () => pathLength),
    );
    this.entries = Array.from({ length: torCount }, (_, tor) => Array.from({ length: fnicCount }, () => tor));
    this.writers = Array.from({ length: torCount }, () => new RouteWriter(schedule, routeInstallNs));
  }

  setPath(tor: number, fnic: number, length: number | undefined): void {
    (this.lengths[tor] as (number | undefined)[])[fnic] = length;
    this.chooseAll(fnic);
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

  /** The ToR itself when its path is as short as any, else the next one with the shortest; the ToR itself again when none has a path. */
  private entryFor(tor: number, fnic: number): number {
    const { torCount } = this.options;
    const lengths = this.lengths.map((ofTor) => ofTor[fnic] ?? Number.POSITIVE_INFINITY);
    const shortest = Math.min(...lengths);
    const order = Array.from({ length: torCount }, (_, step) => (tor + step) % torCount);
    return order.find((entry) => lengths[entry] === shortest) ?? tor;
  }
}
