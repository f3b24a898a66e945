import type { Schedule } from '../../core/schedule.js';
import type { ControlTiming } from '../../sirius-card/control/timing.js';
import type { Fabric } from './fabric.js';
import { RouteWriter } from './route-writer.js';

export interface TorControlOptions {
  tor: number;
  fabric: Fabric;
  schedule: Schedule;
  timing: ControlTiming;
  /** When the first probe is sent. */
  firstProbeNs: number;
  /** Told how long the AS path to an fNIC is that the ToR has written; undefined: it has lost its last one. */
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
  private readonly misses: number[];
  private readonly writer: RouteWriter<number>;
  private isDown = false;

  constructor(private readonly options: TorControlOptions) {
    const { fabric, schedule, timing, firstProbeNs } = options;
    this.announced = Array.from({ length: fabric.fnicCount }, () => new Map());
    this.chosen = Array.from({ length: fabric.fnicCount }, (_, fnic) => fabric.placementOf(fnic).primary);
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
    const { fabric, tor, onPath } = this.options;
    const before = this.chosen[fnic];
    const { card: best, pathLength } = this.bestRoute(fnic);
    if (best === before) {
      // A longer or shorter way by the same card; one that waits to be written is told of then.
      if (best !== undefined && this.isSettled(fnic)) onPath(fnic, pathLength);
      return;
    }
    this.chosen[fnic] = best;
    fabric.setRoute(tor, fnic, undefined);
    if (best === undefined) {
      this.writer.forget(fnic);
      // A dead switch says nothing.
      if (!this.isDown) onPath(fnic, undefined);
      return;
    }
    this.writer.write(fnic, () => {
      fabric.setRoute(tor, fnic, best);
      onPath(fnic, this.bestRoute(fnic).pathLength);
    });
  }

  /** The shortest path; of two that are as long, the lower card's. */
  private bestRoute(fnic: number): { card?: number; pathLength?: number } {
    const routes = [...(this.announced[fnic] ?? [])];
    routes.sort(([cardA, lengthA], [cardB, lengthB]) => lengthA - lengthB || cardA - cardB);
    const [route] = routes;
    return route === undefined ? {} : { card: route[0], pathLength: route[1] };
  }
}
