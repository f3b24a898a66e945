import type { Schedule } from '../../core/schedule.js';
import { HeartbeatMonitor } from '../../sirius-card/control/heartbeats.js';
import type { ControlTiming } from '../../sirius-card/control/timing.js';
import { partOf } from '../placement.js';
import type { CardRole, Fabric } from './fabric.js';
import { PRIMARY_PATH_LENGTH, SECONDARY_PATH_LENGTH } from './path-length.js';

export interface CardControlOptions {
  card: number;
  fabric: Fabric;
  schedule: Schedule;
  timing: ControlTiming;
  firstHeartbeatNs: number;
  /** Announces an fNIC's virtual address to every ToR that the card reaches, or (undefined) withdraws it. */
  announce(fnic: number, pathLength: number | undefined): void;
  /** Sends a heartbeat to every other card, by every path that there is. */
  sendHeartbeats(): void;
  tell: CardReports;
}

/** What a card tells the controller (appendix A.1: "we notify all card role changes"). */
export interface CardReports {
  peerLost(peer: number): void;
  peerHeard(peer: number): void;
  promoted(fnic: number): void;
  /** There is one copy only of the fNIC's state from now on. */
  alone(fnic: number): void;
  /** The card serves nothing any more. */
  out(): void;
}

/** What a card hears of another one, by any way and by way of each ToR, and by which ToRs it sends to that one. */
interface PeerMonitors {
  any: HeartbeatMonitor;
  byTor: HeartbeatMonitor[];
  /** By which ToR it sends to that card what came by each ToR. */
  exits: number[];
}

/** The control plane of a card: heartbeats with the other cards, its parts for fNICs, and which of its ports it sends by. */
export class CardControl {
  private readonly monitors: (PeerMonitors | undefined)[];
  private readonly lost = new Set<number>();
  private readonly roles: CardRole[];
  /** AS path length that it announces for each fNIC; undefined: it announces none. */
  private readonly paths: (number | undefined)[];
  /** Dead, or cut off from everybody: it takes nothing until the controller gives it parts anew. */
  private isOut = false;
  private isDead = false;
  private hadLight = true;
  /** Counts how often it has forgotten its parts; each heartbeat says so, for others may not have missed it meanwhile. */
  private ownLife = 0;
  /** What the others said last. */
  private readonly lives: number[];

  constructor(private readonly options: CardControlOptions) {
    const { card, fabric, schedule, timing, firstHeartbeatNs } = options;
    this.roles = Array.from({ length: fabric.fnicCount }, (_, fnic) =>
      partOf(fabric.placementOf(fnic), card, fabric.replicates),
    );
    this.paths = Array.from({ length: fabric.fnicCount }, (_, fnic) => {
      const { primary, secondary } = fabric.placementOf(fnic);
      if (card === primary) return PRIMARY_PATH_LENGTH;
      return card === secondary ? SECONDARY_PATH_LENGTH : undefined;
    });
    this.lives = Array.from({ length: fabric.cardCount }, () => 0);
    this.monitors = Array.from({ length: fabric.cardCount }, (_, peer) =>
      peer === card
        ? undefined
        : {
            any: new HeartbeatMonitor(timing, firstHeartbeatNs),
            byTor: Array.from(
              { length: fabric.torCount },
              () => new HeartbeatMonitor(timing, firstHeartbeatNs),
            ),
            exits: Array.from({ length: fabric.torCount }, (_tor, tor) => tor),
          },
    );
    if (fabric.cardCount > 1) schedule.at(firstHeartbeatNs, () => this.beat());
  }

  get isServing(): boolean {
    return !this.isOut;
  }

  role(fnic: number): CardRole {
    return this.roles[fnic] as CardRole;
  }

  /** Whether another card's heartbeats come. */
  hears(peer: number): boolean {
    return !this.lost.has(peer);
  }

  get life(): number {
    return this.ownLife;
  }

  /** A heartbeat came by way of a ToR, from a card in one of its lives. */
  hear(peer: number, { tor, life }: { tor: number; life: number }): void {
    const { nowNs } = this.options.schedule;
    this.monitors[peer]?.any.hear(nowNs);
    this.monitors[peer]?.byTor[tor]?.hear(nowNs);
    if (life === this.lives[peer]) return;
    this.lives[peer] = life;
    if (this.isOut || this.lost.has(peer)) return;
    // It was away for less time than a card is missed in, and knows nothing any more.
    this.losePeer(peer);
    this.options.tell.peerLost(peer);
    this.options.tell.peerHeard(peer);
  }

  /** Takes a part for an fNIC, and announces it with a path length, or not at all. */
  assign(fnic: number, role: CardRole, pathLength: number | undefined): void {
    const { card, fabric, tell } = this.options;
    const promoted = role.takesTraffic && !this.role(fnic).takesTraffic;
    this.roles[fnic] = role;
    fabric.setRole(card, fnic, role);
    this.announce(fnic, pathLength);
    if (promoted) tell.promoted(fnic);
  }

  announce(fnic: number, pathLength: number | undefined): void {
    if (this.paths[fnic] === pathLength) return;
    this.paths[fnic] = pathLength;
    this.options.announce(fnic, pathLength);
  }

  pathLength(fnic: number): number | undefined {
    return this.paths[fnic];
  }

  /** The card dies: nothing is left of it but its place. */
  die(): void {
    this.isDead = true;
    this.standAside();
    this.options.fabric.cards.clear(this.options.card);
  }

  /** The card runs again, and knows nothing. */
  revive(): void {
    this.isDead = false;
  }

  /** One of the card's cables went dark, or light again. */
  cableChanged(): void {
    const { schedule, timing } = this.options;
    const hasLight = this.hasLight();
    // In the dark it heard nobody: that says nothing of the others, and it begins to miss them anew.
    if (hasLight && !this.hadLight) for (const monitor of this.monitors) monitor?.any.hear(schedule.nowNs);
    this.hadLight = hasLight;
    schedule.after(timing.linkDownDetectionNs, () => this.chooseExits());
  }

  /** What goes to another card takes a way by which its heartbeats come, the same as until now if that is one. */
  private choosePeerExits(peer: number, { byTor, exits }: PeerMonitors): void {
    const { card, fabric, schedule } = this.options;
    const carries = byTor.map((monitor) => monitor.isPeerAlive(schedule.nowNs));
    for (const tor of byTor.keys()) {
      const order = byTor.map((_, step) => (tor + step) % fabric.torCount);
      const exit = order.find((candidate) => carries[candidate]) ?? tor;
      if (exits[tor] === exit) continue;
      exits[tor] = exit;
      fabric.setPeerExit(card, peer, tor, exit);
    }
  }

  private chooseExits(): void {
    const { card, fabric } = this.options;
    for (let tor = 0; tor < fabric.torCount; tor++) {
      const exits = Array.from({ length: fabric.torCount }, (_, step) => (tor + step) % fabric.torCount);
      fabric.setExit(card, tor, exits.find((exit) => fabric.isCableUp(exit, card)) ?? tor);
    }
  }

  /** Sends heartbeats, and looks whether the others' have come. */
  private beat(): void {
    const { schedule, timing } = this.options;
    if (!this.isOut) {
      this.options.sendHeartbeats();
      for (const [peer, monitor] of this.monitors.entries()) {
        // Without light at any port it stands aside meanwhile, and has no opinion any more.
        if (monitor === undefined || this.isOut) continue;
        this.look(peer, monitor.any.isPeerAlive(schedule.nowNs));
        this.choosePeerExits(peer, monitor);
      }
    } else if (!this.isDead && this.hasLight()) {
      // It listens, and waits for the controller to give it parts.
      this.isOut = false;
    }
    schedule.after(timing.heartbeatIntervalNs, () => this.beat());
  }

  private look(peer: number, isAlive: boolean): void {
    const { tell } = this.options;
    if (isAlive && this.lost.delete(peer)) tell.peerHeard(peer);
    if (isAlive || this.lost.has(peer)) return;
    this.lost.add(peer);
    if (this.hasLight()) this.losePeer(peer);
    else this.standAside();
    tell.peerLost(peer);
  }

  private hasLight(): boolean {
    const { card, fabric } = this.options;
    return Array.from({ length: fabric.torCount }, (_, tor) => tor).some((tor) =>
      fabric.isCableUp(tor, card),
    );
  }

  /**
   * The peer is dead, for all that is known: the card replicates to it no more, and takes the traffic of its fNICs. Routes follow by themselves,
   * since its own are the second best; announcing better ones is left to the controller, for the peer may live (appendix A.1).
   */
  private losePeer(peer: number): void {
    const { card, fabric, tell } = this.options;
    fabric.cards.closeChannel(card, peer);
    for (let fnic = 0; fnic < fabric.fnicCount; fnic++) {
      if (!this.standsInFor(fnic, peer)) continue;
      this.assign(fnic, { takesTraffic: true, peer: undefined }, this.paths[fnic]);
      if (fabric.replicates) tell.alone(fnic);
    }
  }

  private standsInFor(fnic: number, peer: number): boolean {
    const { card, fabric } = this.options;
    if (this.role(fnic).peer === peer) return true;
    // A pair that doesn't replicate fails over as well, without the state.
    const { primary, secondary } = fabric.placementOf(fnic);
    return !fabric.replicates && primary === peer && secondary === card;
  }

  /** Takes nothing more: without light at any port it can't know who serves its fNICs now. */
  private standAside(): void {
    const { card, fabric, tell } = this.options;
    this.isOut = true;
    this.ownLife++;
    tell.out();
    for (const [peer, monitor] of this.monitors.entries()) {
      if (monitor === undefined) continue;
      this.lost.add(peer);
      fabric.cards.closeChannel(card, peer);
    }
    for (let fnic = 0; fnic < fabric.fnicCount; fnic++) {
      this.assign(fnic, { takesTraffic: false, peer: undefined }, undefined);
    }
  }
}
