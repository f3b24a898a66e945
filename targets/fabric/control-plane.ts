import type { Random } from '../../core/random.js';
import { Schedule } from '../../core/schedule.js';
import type { ControlTiming } from '../../sirius-card/control/timing.js';
import { CardControl, PRIMARY_PATH_LENGTH, SECONDARY_PATH_LENGTH } from './card-control.js';
import type { Fabric } from './fabric.js';
import { TorControl } from './tor-control.js';
import { Upstream } from './upstream.js';

export interface ControlPlaneOptions {
  fabric: Fabric;
  timing: ControlTiming;
  /** Where probes and heartbeats stand in their intervals when the run begins. */
  random: Random;
  setEntry(fnic: number, tor: number, entry: number): void;
}

/** What a control plane has done, for the record. */
export interface ControlEvent {
  atNs: number;
  what: string;
}

/** The control planes of ToRs, cards and the network above them, and what can be asked of them; all happens on `schedule`. */
export class ControlPlane {
  readonly schedule = new Schedule();
  readonly events: ControlEvent[] = [];
  private readonly fabric: Fabric;
  private readonly tors: TorControl[];
  private readonly cards: CardControl[];

  constructor({ fabric, timing, random, setEntry }: ControlPlaneOptions) {
    const { schedule } = this;
    this.fabric = fabric;
    const { torCount, cardCount, fnicCount } = fabric;
    const { routeInstallNs } = timing;
    const upstream = new Upstream({ schedule, torCount, routeInstallNs, setEntry });
    this.tors = Array.from({ length: torCount }, (_, tor) => {
      return new TorControl({
        tor,
        fabric,
        schedule,
        timing,
        firstProbeNs: random.below(timing.probeIntervalNs),
        onReachable: (fnic, isReachable) => upstream.setReachable(tor, fnic, isReachable),
      });
    });
    const firstHeartbeatNs = random.below(timing.heartbeatIntervalNs);
    this.cards = Array.from({ length: cardCount }, (_, card) => {
      const options = {
        card,
        fabric,
        schedule,
        timing,
        firstHeartbeatNs,
        announce: (fnic: number, pathLength: number) => this.announce(card, fnic, pathLength),
        onPromoted: (fnic: number) => this.note(`card${card + 1} primary for fNIC ${fnic}`),
      };
      return new CardControl(
        options,
        () => this.cards.find((_card, index) => index === fabric.cardCount - 1 - card)?.heartbeats,
      );
    });
    for (let fnic = 0; fnic < fnicCount; fnic++) {
      const secondary = fabric.secondaryOf(fnic);
      this.announce(fabric.primaryOf(fnic), fnic, PRIMARY_PATH_LENGTH);
      if (secondary !== undefined) this.announce(secondary, fnic, SECONDARY_PATH_LENGTH);
    }
  }

  /** Cuts or joins the cable between a ToR and a card. */
  setCable(tor: number, card: number, isUp: boolean): void {
    if (this.fabric.isCableUp(tor, card) === isUp) return;
    this.fabric.setCable(tor, card, isUp);
    this.note(`cable tor${tor + 1}-card${card + 1} ${isUp ? 'up' : 'down'}`);
    this.cards[card]?.cableChanged();
  }

  /** The planned change of section 6.3 (a): the other card of the pair takes all fNICs of a card. */
  switchOver(from: number): void {
    const { fabric } = this;
    for (let fnic = 0; fnic < fabric.fnicCount; fnic++) {
      const secondary = fabric.secondaryOf(fnic);
      if (fabric.primaryOf(fnic) !== from || secondary === undefined) continue;
      this.cards[secondary]?.promote(fnic);
      this.cards[from]?.stepDown(fnic);
    }
  }

  private announce(card: number, fnic: number, pathLength: number): void {
    for (const [tor, control] of this.tors.entries()) {
      if (this.fabric.isCableUp(tor, card)) control.announce(fnic, card, pathLength);
    }
  }

  private note(what: string): void {
    this.events.push({ atNs: this.schedule.nowNs, what });
  }
}
