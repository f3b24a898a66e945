import type { Schedule } from '../../core/schedule.js';
import { RouteWriter } from './route-writer.js';

export interface UpstreamOptions {
  schedule: Schedule;
  torCount: number;
  fnicCount: number;
  routeInstallNs: number;
  /** Until the network sees that the light of a ToR has gone. */
  linkDownDetectionNs: number;
  /** Sends an fNIC's packets that would enter the network at one ToR into another one. */
  setEntry(fnic: number, tor: number, entry: number): void;
}

/** The network on the other side of the ToRs: while a ToR has no way to an fNIC, its packets for that fNIC go to the next ToR that has one. */
export class Upstream {
  /** For each ToR, the fNICs that it cannot reach. */
  private readonly unreachable: Set<number>[];
  /** For each ToR and fNIC, where its packets are to enter. */
  private readonly entries: number[][];
  /** One for each ToR: every ToR's neighbours change their routes on their own. */
  private readonly writers: RouteWriter<number>[];

  constructor(private readonly options: UpstreamOptions) {
    const { torCount, fnicCount, schedule, routeInstallNs } = options;
    this.unreachable = Array.from({ length: torCount }, () => new Set());
    this.entries = Array.from({ length: torCount }, (_, tor) => Array.from({ length: fnicCount }, () => tor));
    this.writers = Array.from({ length: torCount }, () => new RouteWriter(schedule, routeInstallNs));
  }

  setReachable(tor: number, fnic: number, isReachable: boolean): void {
    const lost = this.unreachable[tor];
    if (isReachable) lost?.delete(fnic);
    else lost?.add(fnic);
    this.chooseAll(fnic);
  }

  /** A ToR has died, and says nothing. */
  torDied(tor: number): void {
    const { schedule, fnicCount, linkDownDetectionNs } = this.options;
    schedule.after(linkDownDetectionNs, () => {
      for (let fnic = 0; fnic < fnicCount; fnic++) this.setReachable(tor, fnic, false);
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

  /** The ToR itself when it can, else the next one that can; the ToR itself again when none can. */
  private entryFor(tor: number, fnic: number): number {
    const { torCount } = this.options;
    for (let step = 0; step < torCount; step++) {
      const entry = (tor + step) % torCount;
      if (!this.unreachable[entry]?.has(fnic)) return entry;
    }
    return tor;
  }
}
