import type { Schedule } from '../../core/schedule.js';
import type { ControlTiming } from '../../sirius-card/control/timing.js';
import type { Fabric } from './fabric.js';
import { PRIMARY_PATH_LENGTH } from './path-length.js';
import { RouteWriter } from './route-writer.js';

export interface TorControlOptions {
  tor: number;
  fabric: Fabric;
  schedule: Schedule;
  timing: ControlTiming;
  /** When the first probe is sent. */
  firstProbeNs: number;
  /** Told of the AS path by which the ToR reaches an fNIC; undefined: by none. */
  onPath(fnic: number, pathLength: number | undefined): void;
  /** A card answers again: it is to announce its routes anew. */
  onSession(card: number): void;
}

/**
 * The control plane of a ToR switch: it probes every card, knows the routes that cards announce for fNICs' virtual addresses, and
 * takes for each fNIC the shortest AS path among cards that answer (section 3.2). A card that does not answer has its routes withdrawn.
 */
export class TorControl {
  /** AS path length by card, for each fNIC. */
  private readonly announced: Map<number, number>[];
  private readonly chosen: (number | undefined)[];
  /** Path lengths that the network above knows. */
  private readonly told: (number | undefined)[];
  private readonly misses: number[];
  private readonly writer: RouteWriter<number>;
  private isDown = false;

  constructor(private readonly options: TorControlOptions) {
    const { fabric, schedule, timing, firstProbeNs } = options;
    this.announced = Array.from({ length: fabric.fnicCount }, () => new Map());
    this.chosen = Array.from({ length: fabric.fnicCount }, (_, fnic) => fabric.placementOf(fnic).primary);
    this.told = Array.from({ length: fabric.fnicCount }, () => PRIMARY_PATH_LENGTH);
    this.misses = Array.from({ length: fabric.cardCount }, () => 0);
    this.writer = new RouteWriter(schedule, timing.routeInstallNs);
    schedule.at(firstProbeNs, () => this.probe());
  }

  /** Whether no route of an fNIC waits to be written. */
  isSettled(fnic: number): boolean {
    return !this.writer.isWaiting(fnic);
  }

  /** Whether a card answers its probes. */
  sees(card: number): boolean {
    return !this.isDown && (this.misses[card] ?? 0) < this.options.timing.probeMissesMax;
  }

  /** A card's announcement of an fNIC's virtual address; undefined takes it back. */
  announce(fnic: number, card: number, pathLength: number | undefined): void {
    if (pathLength === undefined) this.announced[fnic]?.delete(card);
    // Without a session nothing is heard: when it begins, the card says it again.
    else if (!this.sees(card)) return;
    else this.announced[fnic]?.set(card, pathLength);
    this.choose(fnic);
  }

  /** The switch dies and forgets everything, or begins anew and hears of cards when they answer its probes. */
  setDown(isDown: boolean): void {
    this.isDown = isDown;
    // The network forgets its paths by itself (`Upstream.torDied`).
    if (isDown) this.told.fill(undefined);
    this.misses.fill(this.options.timing.probeMissesMax);
    for (const [fnic, routes] of this.announced.entries()) {
      routes.clear();
      this.choose(fnic);
    }
  }

  private probe(): void {
    const { fabric, schedule, timing, tor, onSession } = this.options;
    for (const card of this.isDown ? [] : this.misses.keys()) {
      const wasSeen = this.sees(card);
      this.misses[card] = fabric.isCableUp(tor, card) ? 0 : (this.misses[card] ?? 0) + 1;
      if (wasSeen === this.sees(card)) continue;
      if (wasSeen) this.withdrawAll(card);
      else onSession(card);
    }
    schedule.after(timing.probeIntervalNs, () => this.probe());
  }

  private withdrawAll(card: number): void {
    for (const fnic of this.announced.keys()) this.announce(fnic, card, undefined);
  }

  private choose(fnic: number): void {
    const { fabric, tor } = this.options;
    const before = this.chosen[fnic];
    const best = this.bestRoute(fnic)?.card;
    if (best === before) {
      this.tellLengths();
      return;
    }
    this.chosen[fnic] = best;
    fabric.setRoute(tor, fnic, undefined);
    if (best === undefined) {
      this.writer.forget(fnic);
      this.tell(fnic, undefined);
      return;
    }
    this.writer.write(fnic, () => {
      fabric.setRoute(tor, fnic, best);
      if (this.told[fnic] === undefined) this.tell(fnic, this.bestRoute(fnic)?.length);
      this.tellLengths();
    });
  }

  /**
   * Tells of paths that have become longer or shorter, when all routes are written: what changes at both ToRs at nearly one time, as when a card
   * dies, is not to send the network's traffic to and fro.
   */
  private tellLengths(): void {
    if (!this.writer.isIdle) return;
    for (const [fnic, told] of this.told.entries()) {
      const length = this.bestRoute(fnic)?.length;
      if (told !== undefined && length !== undefined) this.tell(fnic, length);
    }
  }

  /** A dead switch says nothing: it has no routes, and has told of none. */
  private tell(fnic: number, pathLength: number | undefined): void {
    if (this.told[fnic] === pathLength) return;
    this.told[fnic] = pathLength;
    this.options.onPath(fnic, pathLength);
  }

  /** The shortest path; of two that are as long, the lower card's. */
  private bestRoute(fnic: number): { card: number; length: number } | undefined {
    const routes = [...(this.announced[fnic] ?? [])].map(([card, length]) => ({ card, length }));
    return routes.sort((one, other) => one.length - other.length || one.card - other.card)[0];
  }
}
