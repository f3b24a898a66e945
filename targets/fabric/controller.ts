import type { Schedule } from '../../core/schedule.js';
import type { ControlTiming } from '../../sirius-card/control/timing.js';
import type { Placement } from '../placement.js';
import type { CardControl } from './card-control.js';
import type { CopyLog } from './copy-log.js';
import type { Fabric } from './fabric.js';
import { PRIMARY_PATH_LENGTH, SECONDARY_PATH_LENGTH } from './path-length.js';
import type { TorControl } from './tor-control.js';

export interface ControllerOptions {
  fabric: Fabric;
  schedule: Schedule;
  timing: ControlTiming;
  cards: readonly CardControl[];
  tors: readonly TorControl[];
  copies: CopyLog;
}

/** Between two looks whether routes are written, or a copy is complete. */
const POLL_NS = 1_000_000;

/**
 * The logically centralised controller (section 3.2, appendix A.1): it is told of every change, and at its slower pace decides who serves an
 * fNIC when several cards do or none does, provisions new secondaries and lets state be copied to them. It reaches every card that runs, by a
 * network of its own.
 */
export class Controller {
  private readonly placements: Placement[];
  /** fNICs in the middle of a planned change: two cards take their traffic until routes have changed. */
  private readonly changing = new Set<number>();
  /** Cards that are to be taken offline: they get no part any more until they come back. */
  private readonly leaving = new Set<number>();
  private isReviewDue = false;
  private isPaused = false;

  constructor(private readonly options: ControllerOptions) {
    const { fabric } = options;
    this.placements = Array.from({ length: fabric.fnicCount }, (_, fnic) => fabric.placementOf(fnic));
  }

  /** Something changed: to be looked at after the controller's reaction time. */
  notify(): void {
    if (this.isReviewDue) return;
    this.isReviewDue = true;
    const { schedule, timing } = this.options;
    schedule.after(timing.controllerReactionNs, () => {
      this.isReviewDue = false;
      this.review();
    });
  }

  /** A card is offline: if it had to leave, it has, and may get a part when it comes back. */
  cardOut(card: number): void {
    this.leaving.delete(card);
  }

  /** A controller that is paused hears of changes, and does nothing about them until it goes on. */
  setPaused(isPaused: boolean): void {
    this.isPaused = isPaused;
    if (!isPaused) this.notify();
  }

  /**
   * Moves all fNICs off a card, as before maintenance (section 3.2): X1, the secondary is promoted, with a third card as the new
   * secondary; when routes have changed X2, a checkpoint, and X3, bulk synchronisation. In a pair there is no third card: the old primary stays as secondary.
   */
  leave(card: number): void {
    const moved: number[] = [];
    for (const [fnic, { primary, secondary }] of this.placements.entries()) {
      if (secondary === undefined || (primary !== card && secondary !== card)) continue;
      const third = this.pickSecondary(primary === card ? secondary : primary, [primary, secondary]);
      if (primary !== card && third === undefined) continue;
      this.move(fnic, { primary: primary === card ? secondary : primary, secondary: third ?? card });
      if (third !== undefined) this.card(card).announce(fnic, undefined);
      else this.card(card).announce(fnic, SECONDARY_PATH_LENGTH);
      moved.push(fnic);
      this.changing.add(fnic);
    }
    const isFree = moved.every((fnic) => this.placements[fnic]?.secondary !== card);
    if (moved.length > 0 && isFree) this.leaving.add(card);
    this.countCards();
    if (moved.length > 0) this.whenSettled(moved, () => this.finishLeaving(card, moved));
  }

  private card(index: number): CardControl {
    return this.options.cards[index] as CardControl;
  }

  /** X1: the roles of the cards that serve an fNIC from now on. */
  private move(fnic: number, { primary, secondary }: Placement): void {
    const { fabric, copies } = this.options;
    const before = this.placements[fnic];
    this.placements[fnic] = { primary, secondary };
    const isNew = secondary !== undefined && secondary !== before?.primary && secondary !== before?.secondary;
    if (isNew) this.prepare(fnic, primary, secondary);
    const peer = fabric.replicates ? secondary : undefined;
    if (isNew && fabric.replicates) copies.lose(fnic);
    this.card(primary).assign(fnic, { takesTraffic: true, peer }, PRIMARY_PATH_LENGTH);
  }

  /** Lets a card keep copies of an fNIC's flows from now on, beginning with none. */
  private prepare(fnic: number, primary: number, secondary: number): void {
    const { fabric } = this.options;
    fabric.cards.forget(secondary, fnic);
    if (fabric.replicates) {
      fabric.cards.openChannel(primary, secondary);
      fabric.cards.openChannel(secondary, primary);
    }
    const peer = fabric.replicates ? primary : undefined;
    this.card(secondary).assign(fnic, { takesTraffic: false, peer }, SECONDARY_PATH_LENGTH);
  }

  private finishLeaving(card: number, moved: readonly number[]): void {
    const { fabric } = this.options;
    const copies: [number, Placement][] = [];
    for (const fnic of moved) {
      this.changing.delete(fnic);
      const placement = this.placements[fnic] as Placement;
      if (!this.card(card).isServing) continue;
      if (placement.secondary === card) {
        const peer = fabric.replicates ? placement.primary : undefined;
        this.card(card).assign(fnic, { takesTraffic: false, peer }, SECONDARY_PATH_LENGTH);
        continue;
      }
      this.card(card).assign(fnic, { takesTraffic: false, peer: undefined }, undefined);
      fabric.cards.forget(card, fnic);
      copies.push([fnic, placement]);
    }
    this.copyAll(copies);
  }

  /** Waits until every ToR has written the routes of some fNICs, and then as long again as a look takes: nothing is on its way any more. */
  private whenSettled(fnics: readonly number[], then: () => void): void {
    const { schedule, tors } = this.options;
    schedule.after(POLL_NS, () => {
      if (fnics.every((fnic) => tors.every((tor) => tor.isSettled(fnic)))) schedule.after(POLL_NS, then);
      else this.whenSettled(fnics, then);
    });
  }

  /** Sees to it that exactly one card serves each fNIC, and another one has a copy. */
  private review(): void {
    if (this.isPaused) return;
    this.countCards();
    const fnics = [...this.placements.keys()].filter((fnic) => !this.changing.has(fnic));
    for (const fnic of fnics) this.reviewPrimary(fnic);
    if (!this.options.fabric.replicates) return;
    const copies: [number, Placement][] = [];
    for (const fnic of fnics) {
      if (this.reviewSecondary(fnic)) copies.push([fnic, this.placements[fnic] as Placement]);
    }
    this.copyAll(copies);
  }

  /** What can be allocated falls and rises with the number of cards that can be given a part (section 3.2). */
  private countCards(): void {
    const { cards, copies } = this.options;
    const usable = [...cards.keys()].filter((card) => this.isUsable(card) && !this.leaving.has(card));
    copies.allocate(usable.length);
  }

  private isUsable(card: number): boolean {
    return this.card(card).isServing && this.options.tors.some((tor) => tor.sees(card));
  }

  private reviewPrimary(fnic: number): void {
    const { cards } = this.options;
    const { primary, secondary } = this.placements[fnic] as Placement;
    const usable = [...cards.keys()].filter((card) => this.isUsable(card));
    const takers = usable.filter((card) => this.card(card).role(fnic).takesTraffic);
    // A primary that is back knows nothing: whoever has copies comes first.
    const keepers = usable.filter((card) => this.card(card).role(fnic).peer !== undefined);
    const eligible = [takers, keepers, usable].find(({ length }) => length > 0) ?? [];
    const order = [primary, secondary, ...cards.keys()];
    const chosen = order.find((card) => card !== undefined && eligible.includes(card));
    if (chosen === undefined) return;
    // Both sides of a split brain serve: the one that announced the shorter path keeps what it has (appendix A.1).
    for (const [card, control] of cards.entries()) {
      if (card !== chosen && control.role(fnic).takesTraffic) this.dismiss(card, fnic);
    }
    const { peer } = this.card(chosen).role(fnic);
    this.card(chosen).assign(fnic, { takesTraffic: true, peer }, PRIMARY_PATH_LENGTH);
    if (chosen !== primary) this.placements[fnic] = { primary: chosen, secondary: undefined };
  }

  /** Takes an fNIC from a card that runs, whether or not ToRs see it; one that doesn't has no part any more. */
  private dismiss(card: number, fnic: number): void {
    if (!this.card(card).isServing) return;
    this.card(card).assign(fnic, { takesTraffic: false, peer: undefined }, undefined);
  }

  /** Whether the fNIC has a new secondary, which knows nothing yet. */
  private reviewSecondary(fnic: number): boolean {
    const { primary, secondary } = this.placements[fnic] as Placement;
    if (!this.isUsable(primary)) return false;
    const { peer } = this.card(primary).role(fnic);
    if (peer !== undefined && this.isUsable(peer) && this.card(peer).role(fnic).peer === primary)
      return false;
    const chosen = this.pickSecondary(primary, [primary], secondary);
    if (chosen === undefined) return false;
    this.placements[fnic] = { primary, secondary: chosen };
    for (const card of this.options.cards.keys()) {
      // Whoever kept copies before and wasn't seen is not told of flows any more.
      if (card !== primary && card !== chosen && this.card(card).role(fnic).peer !== undefined)
        this.dismiss(card, fnic);
    }
    this.prepare(fnic, primary, chosen);
    this.card(primary).assign(fnic, { takesTraffic: true, peer: chosen }, PRIMARY_PATH_LENGTH);
    return true;
  }

  /** A card that runs, hears the primary and is heard by it: the favourite, else the one with the fewest fNICs. */
  private pickSecondary(primary: number, taken: readonly number[], favourite?: number): number | undefined {
    const { cards } = this.options;
    const hearsPrimary = (card: number) => this.card(card).hears(primary) && this.card(primary).hears(card);
    const candidates = [...cards.keys()].filter(
      (card) => !taken.includes(card) && !this.leaving.has(card) && this.isUsable(card) && hearsPrimary(card),
    );
    if (favourite !== undefined && candidates.includes(favourite)) return favourite;
    const load = (card: number) =>
      this.placements.filter(({ primary: one, secondary: other }) => one === card || other === card).length;
    return candidates.sort((cardA, cardB) => load(cardA) - load(cardB) || cardA - cardB)[0];
  }

  /** X2 and X3 for each pair of cards that has new copies to make. */
  private copyAll(copies: readonly [number, Placement][]): void {
    const pairs = new Map<string, { primary: number; secondary: number; fnics: number[] }>();
    for (const [fnic, { primary, secondary }] of copies) {
      if (secondary === undefined) continue;
      const key = `${primary} ${secondary}`;
      const pair = pairs.get(key) ?? { primary, secondary, fnics: [] };
      pair.fnics.push(fnic);
      pairs.set(key, pair);
    }
    for (const pair of pairs.values()) this.copy(pair);
  }

  private copy(pair: { primary: number; secondary: number; fnics: readonly number[] }): void {
    const { fabric, copies } = this.options;
    fabric.cards.beginSync(pair.primary, pair.secondary, pair.fnics);
    const sync = copies.begin(pair);
    this.awaitCopy(pair, () => sync.end());
  }

  private awaitCopy(
    pair: { primary: number; secondary: number; fnics: readonly number[] },
    end: () => void,
  ): void {
    const { schedule, fabric, copies } = this.options;
    schedule.after(POLL_NS, () => {
      if (fabric.cards.isSyncing(pair.primary, pair.secondary)) return this.awaitCopy(pair, end);
      const kept = pair.fnics.filter((fnic) => this.card(pair.primary).role(fnic).peer === pair.secondary);
      if (kept.length === 0) return;
      end();
      for (const fnic of kept) copies.gain(fnic);
    });
  }
}
