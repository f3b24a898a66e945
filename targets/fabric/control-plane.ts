import type { Random } from '../../core/random.js';
import { Schedule } from '../../core/schedule.js';
import type { ControlTiming } from '../../sirius-card/control/timing.js';
import type { FaultAction } from '../scenario.js';
import { CardControl } from './card-control.js';
import { Controller } from './controller.js';
import { CopyLog } from './copy-log.js';
import type { Fabric } from './fabric.js';
import { PRIMARY_PATH_LENGTH, SECONDARY_PATH_LENGTH } from './path-length.js';
import { TorControl } from './tor-control.js';
import { Upstream } from './upstream.js';

export interface ControlPlaneOptions {
  fabric: Fabric;
  timing: ControlTiming;
  /** Where probes and heartbeats stand in their intervals when the run begins. */
  random: Random;
  /** How long a second of each card's own clock takes, in seconds; their clocks beat together if left out. */
  clockRates?: readonly number[];
  setEntry(fnic: number, tor: number, entry: number): void;
}

/** What a control plane has done, for the record. */
export interface ControlEvent {
  atNs: number;
  what: string;
}

/** The control planes of ToRs, cards, the network above them and the controller, and what can befall them; all happens on `schedule`. */
export class ControlPlane {
  readonly schedule = new Schedule();
  readonly events: ControlEvent[] = [];
  readonly copies: CopyLog;
  private readonly fabric: Fabric;
  private readonly tors: TorControl[];
  private readonly cards: CardControl[];
  private readonly controller: Controller;
  private readonly upstream: Upstream;
  /** ToRs by which heartbeats are lost, though their cables carry all else. */
  private readonly muteTors = new Set<number>();
  private readonly deadTors = new Set<number>();
  /** Cables that the scenario has cut; a cable of a dead ToR or card is dark besides. */
  private readonly cutCables = new Set<string>();
  private readonly deadCards = new Set<number>();

  constructor(private readonly options: ControlPlaneOptions) {
    const { schedule } = this;
    const { fabric, timing, setEntry } = options;
    this.fabric = fabric;
    const copies = new CopyLog(schedule, fabric);
    this.copies = copies;
    const { torCount, fnicCount } = fabric;
    const { routeInstallNs, linkDownDetectionNs } = timing;
    this.upstream = new Upstream({
      ...{ schedule, torCount, fnicCount, routeInstallNs, linkDownDetectionNs, setEntry },
      pathLength: PRIMARY_PATH_LENGTH,
    });
    this.tors = Array.from({ length: torCount }, (_, tor) => this.createTor(tor));
    const firstHeartbeatNs = options.random.below(timing.heartbeatIntervalNs);
    this.cards = Array.from({ length: fabric.cardCount }, (_, card) => {
      const rate = options.clockRates?.[card];
      if (rate === undefined) return this.createCard(card, firstHeartbeatNs, timing);
      const heartbeatIntervalNs = Math.round(timing.heartbeatIntervalNs * rate);
      const own = { ...timing, heartbeatIntervalNs };
      return this.createCard(card, options.random.below(heartbeatIntervalNs), own);
    });
    this.controller = new Controller({
      ...{ fabric, schedule, timing, copies, cards: this.cards, tors: this.tors },
    });
    for (let fnic = 0; fnic < fnicCount; fnic++) {
      const { primary, secondary } = fabric.placementOf(fnic);
      for (const tor of this.tors.keys()) {
        this.announce(tor, primary, fnic, PRIMARY_PATH_LENGTH);
        if (secondary !== undefined) this.announce(tor, secondary, fnic, SECONDARY_PATH_LENGTH);
      }
    }
  }

  /** Lets something happen, a fault or a planned change. */
  act(action: FaultAction): void {
    switch (action.kind) {
      case 'cut':
      case 'join':
        for (const { tor, card } of action.cables) this.setCable(tor, card, action.kind === 'join');
        return;
      case 'switchOver':
        this.note(`card${action.card + 1} is to leave`);
        this.controller.leave(action.card);
        return;
      case 'kill':
      case 'revive':
        for (const { node, index } of action.nodes) {
          if (node === 'card') this.setCardDead(index, action.kind === 'kill');
          else this.setTorDead(index, action.kind === 'kill');
        }
        return;
      case 'mute':
      case 'unmute':
        for (const tor of action.tors) {
          if (action.kind === 'mute') this.muteTors.add(tor);
          else this.muteTors.delete(tor);
        }
        return;
      case 'pauseController':
      case 'resumeController':
        this.controller.setPaused(action.kind === 'pauseController');
    }
  }

  private createTor(tor: number): TorControl {
    const { schedule } = this;
    const { fabric, timing, random } = this.options;
    return new TorControl({
      ...{ tor, fabric, schedule, timing },
      firstProbeNs: random.below(timing.probeIntervalNs),
      onPath: (fnic, pathLength) => this.upstream.setPath(tor, fnic, pathLength),
      onSession: (card) => {
        this.announceAll(tor, card);
        this.controller.notify();
      },
    });
  }

  private createCard(card: number, firstHeartbeatNs: number, timing: ControlTiming): CardControl {
    const { schedule, copies } = this;
    const { fabric } = this.options;
    return new CardControl({
      ...{ card, fabric, schedule, timing, firstHeartbeatNs },
      announce: (fnic, pathLength) => {
        for (const tor of this.tors.keys()) this.announce(tor, card, fnic, pathLength);
      },
      sendHeartbeats: () => this.sendHeartbeats(card),
      tell: {
        peerLost: (peer) => {
          this.note(`card${card + 1} hears card${peer + 1} no more`);
          this.controller.notify();
        },
        peerHeard: (peer) => {
          this.note(`card${card + 1} hears card${peer + 1} again`);
          this.controller.notify();
        },
        promoted: (fnic) => {
          this.note(`card${card + 1} takes fNIC ${fnic}`);
          this.controller.notify();
        },
        alone: (fnic) => copies.lose(fnic),
        out: () => this.controller.cardOut(card),
      },
    });
  }

  /** By every ToR that both cards have light to, but not by one that loses heartbeats. */
  private sendHeartbeats(card: number): void {
    const { fabric } = this;
    for (const tor of this.tors.keys()) {
      if (this.muteTors.has(tor) || !fabric.isCableUp(tor, card)) continue;
      for (const [peer, control] of this.cards.entries()) {
        if (peer === card || !fabric.isCableUp(tor, peer)) continue;
        control.hear(card, { tor, life: this.cards[card]?.life ?? 0 });
      }
    }
  }

  private announceAll(tor: number, card: number): void {
    for (let fnic = 0; fnic < this.fabric.fnicCount; fnic++) {
      this.announce(tor, card, fnic, this.cards[card]?.pathLength(fnic));
    }
  }

  private announce(tor: number, card: number, fnic: number, pathLength: number | undefined): void {
    if (this.fabric.isCableUp(tor, card)) this.tors[tor]?.announce(fnic, card, pathLength);
  }

  private setCable(tor: number, card: number, isUp: boolean): void {
    if (isUp) this.cutCables.delete(`${tor} ${card}`);
    else this.cutCables.add(`${tor} ${card}`);
    this.lightCable(tor, card);
  }

  /** Gives a cable the light that it should have. */
  private lightCable(tor: number, card: number): void {
    const isUp =
      !this.cutCables.has(`${tor} ${card}`) && !this.deadCards.has(card) && !this.deadTors.has(tor);
    if (this.fabric.isCableUp(tor, card) === isUp) return;
    this.fabric.setCable(tor, card, isUp);
    this.note(`cable tor${tor + 1}-card${card + 1} ${isUp ? 'up' : 'down'}`);
    this.cards[card]?.cableChanged();
    if (!isUp) return;
    const { linkDownDetectionNs } = this.options.timing;
    // What the card would have said of its routes meanwhile has not come through.
    this.schedule.after(linkDownDetectionNs, () => this.announceAll(tor, card));
  }

  private setCardDead(card: number, isDead: boolean): void {
    if (this.deadCards.has(card) === isDead) return;
    if (isDead) this.deadCards.add(card);
    else this.deadCards.delete(card);
    this.note(`card${card + 1} ${isDead ? 'dies' : 'runs again, empty'}`);
    for (const tor of this.tors.keys()) this.lightCable(tor, card);
    if (isDead) this.cards[card]?.die();
    else this.cards[card]?.revive();
  }

  private setTorDead(tor: number, isDead: boolean): void {
    if (this.deadTors.has(tor) === isDead) return;
    if (isDead) this.deadTors.add(tor);
    else this.deadTors.delete(tor);
    this.note(`tor${tor + 1} ${isDead ? 'dies' : 'runs again'}`);
    this.fabric.setUplink(tor, !isDead);
    for (const card of this.cards.keys()) this.lightCable(tor, card);
    if (isDead) this.upstream.torDied(tor);
    this.tors[tor]?.setDown(isDead);
  }

  private note(what: string): void {
    this.events.push({ atNs: this.schedule.nowNs, what });
  }
}
