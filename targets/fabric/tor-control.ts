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
  /** Told when the ToR has lost its last way to an fNIC, or found one again. */
  onReachable(fnic: number, isReachable: boolean): void;
}

/**
 * The control plane of a ToR switch: it probes every card, knows the routes that cards announce for fNICs' virtual addresses, and
 * takes for each fNIC the shortest AS path among cards that answer (section 3.2).
 */
export class TorControl {
  /** AS path length by card, for each fNIC. */
  private readonly announced: Map<number, number>[];
  private readonly chosen: (number | undefined)[];
  private readonly misses: number[];
  private readonly writer: RouteWriter<number>;

  constructor(private readonly options: TorControlOptions) {
    const { fabric, schedule, timing, firstProbeNs } = options;
    this.announced = Array.from({ length: fabric.fnicCount }, () => new Map());
    this.chosen = Array.from({ length: fabric.fnicCount }, (_, fnic) => fabric.primaryOf(fnic));
    this.misses = Array.from({ length: fabric.cardCount }, () => 0);
    this.writer = new RouteWriter(schedule, timing.routeInstallNs);
    schedule.at(firstProbeNs, () => this.probe());
  }

  /** A card's announcement of an fNIC's virtual address. */
  announce(fnic: number, card: number, pathLength: number): void {
    this.announced[fnic]?.set(card, pathLength);
    this.choose(fnic);
  }

  withdraw(fnic: number, card: number): void {
    this.announced[fnic]?.delete(card);
    this.choose(fnic);
  }

  private probe(): void {
    const { fabric, schedule, timing, tor } = this.options;
    for (const [card, misses] of this.misses.entries()) {
      const wasAlive = misses < timing.probeMissesMax;
      this.misses[card] = fabric.isCableUp(tor, card) ? 0 : misses + 1;
      if (wasAlive !== this.isAlive(card)) this.chooseAll();
    }
    schedule.after(timing.probeIntervalNs, () => this.probe());
  }

  private isAlive(card: number): boolean {
    return (this.misses[card] ?? 0) < this.options.timing.probeMissesMax;
  }

  private chooseAll(): void {
    for (let fnic = 0; fnic < this.announced.length; fnic++) this.choose(fnic);
  }

  private choose(fnic: number): void {
    const { fabric, tor, onReachable } = this.options;
    const before = this.chosen[fnic];
    const best = this.bestCard(fnic);
    if (best === before) return;
    this.chosen[fnic] = best;
    fabric.setRoute(tor, fnic, undefined);
    if (best === undefined) this.writer.forget(fnic);
    else this.writer.write(fnic, () => fabric.setRoute(tor, fnic, best));
    if ((best === undefined) !== (before === undefined)) onReachable(fnic, best !== undefined);
  }

  /** The shortest path; of two that are as long, the lower card's. */
  private bestCard(fnic: number): number | undefined {
    const alive = [...(this.announced[fnic] ?? [])].filter(([card]) => this.isAlive(card));
    alive.sort(([cardA, lengthA], [cardB, lengthB]) => lengthA - lengthB || cardA - cardB);
    return alive[0]?.[0];
  }
}
