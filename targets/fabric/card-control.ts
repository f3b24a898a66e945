import type { Schedule } from '../../core/schedule.js';
import { HeartbeatMonitor } from '../../sirius-card/control/heartbeats.js';
import type { ControlTiming } from '../../sirius-card/control/timing.js';
import type { Fabric } from './fabric.js';

/** AS path lengths of the routes that cards announce: the primary's is the shorter one (section 3.2). */
export const PRIMARY_PATH_LENGTH = 1;
export const SECONDARY_PATH_LENGTH = 2;

export interface CardControlOptions {
  card: number;
  fabric: Fabric;
  schedule: Schedule;
  timing: ControlTiming;
  firstHeartbeatNs: number;
  /** Announces an fNIC's virtual address to every ToR that the card reaches. */
  announce(fnic: number, pathLength: number): void;
  /** What the controller is told. */
  onPromoted(fnic: number): void;
}

/** The control plane of a card in a pair: heartbeats to its peer, its parts for fNICs, and which of its ports it sends by. */
export class CardControl {
  private readonly peer: number | undefined;
  private readonly monitor: HeartbeatMonitor;
  private readonly takes: boolean[];
  private isAlone = false;

  constructor(
    private readonly options: CardControlOptions,
    private readonly peerMonitor: () => HeartbeatMonitor | undefined,
  ) {
    const { card, fabric, schedule, timing, firstHeartbeatNs } = options;
    const pairs = Array.from({ length: fabric.fnicCount }, (_, fnic) => [
      fabric.primaryOf(fnic),
      fabric.secondaryOf(fnic),
    ]);
    this.peer = pairs.find((pair) => pair.includes(card))?.find((member) => member !== card);
    this.takes = pairs.map(([primary]) => primary === card);
    this.monitor = new HeartbeatMonitor(timing, firstHeartbeatNs);
    if (this.peer !== undefined) schedule.at(firstHeartbeatNs, () => this.beat());
  }

  get heartbeats(): HeartbeatMonitor {
    return this.monitor;
  }

  /** Takes an fNIC's traffic from now on, with the card that had it as its secondary: step X1 of a planned change (section 3.2). */
  promote(fnic: number): void {
    const { card, fabric, announce, onPromoted } = this.options;
    if (this.takes[fnic]) return;
    this.takes[fnic] = true;
    fabric.setRole(card, fnic, { takesTraffic: true, peer: this.isAlone ? undefined : this.peer });
    announce(fnic, PRIMARY_PATH_LENGTH);
    onPromoted(fnic);
  }

  /** Becomes the fNIC's secondary; what still comes here is taken until routes have changed. */
  stepDown(fnic: number): void {
    this.options.announce(fnic, SECONDARY_PATH_LENGTH);
  }

  /** One of the card's cables went dark, or light again. */
  cableChanged(): void {
    const { schedule, timing } = this.options;
    schedule.after(timing.linkDownDetectionNs, () => this.chooseExits());
  }

  private chooseExits(): void {
    const { card, fabric } = this.options;
    for (let tor = 0; tor < fabric.torCount; tor++) {
      const exits = Array.from({ length: fabric.torCount }, (_, step) => (tor + step) % fabric.torCount);
      fabric.setExit(card, tor, exits.find((exit) => fabric.isCableUp(exit, card)) ?? tor);
    }
  }

  /** Sends a heartbeat over every path that there is, and looks whether the peer's have come. */
  private beat(): void {
    const { card, fabric, schedule, timing } = this.options;
    const peer = this.peer as number;
    for (let tor = 0; tor < fabric.torCount; tor++) {
      if (fabric.isCableUp(tor, card) && fabric.isCableUp(tor, peer))
        this.peerMonitor()?.hear(schedule.nowNs);
    }
    if (!this.isAlone && !this.monitor.isPeerAlive(schedule.nowNs)) this.losePeer();
    schedule.after(timing.heartbeatIntervalNs, () => this.beat());
  }

  /** The peer is dead: replicate to it no more, and take its fNICs' traffic. */
  private losePeer(): void {
    const { card, fabric } = this.options;
    this.isAlone = true;
    for (let fnic = 0; fnic < fabric.fnicCount; fnic++) {
      if (this.takes[fnic]) fabric.setRole(card, fnic, { takesTraffic: true, peer: undefined });
      else this.promote(fnic);
    }
  }
}
