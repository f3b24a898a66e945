import type { Placement } from '../placement.js';

/** What the control plane can change of the network and the cards, and what it can see of them. Indices count from 0. */
export interface Fabric {
  torCount: number;
  cardCount: number;
  fnicCount: number;
  /** Whether cards keep copies of one another's state. */
  replicates: boolean;
  /** Where an fNIC is served at the start: the card that its routes lead to, and the one with the copies. */
  placementOf(fnic: number): Placement;
  isCableUp(tor: number, card: number): boolean;
  /** Cuts a cable in both directions, or joins it again; what is on its wires is lost. */
  setCable(tor: number, card: number, isUp: boolean): void;
  /** Gives a ToR's link to the rest of the network its light, or takes it. */
  setUplink(tor: number, isUp: boolean): void;
  /** A ToR's route for an fNIC's virtual address; undefined: none, its packets are dropped there. */
  setRoute(tor: number, fnic: number, card: number | undefined): void;
  /** By which ToR a card sends what came to it by `tor`. */
  setExit(card: number, tor: number, exit: number): void;
  /** By which ToR a card sends another card what came to it by `tor`. */
  setPeerExit(card: number, peer: number, tor: number, exit: number): void;
  /** A card's part for an fNIC: whether it takes the traffic, and the card that it replicates state changes to. */
  setRole(card: number, fnic: number, role: CardRole): void;
  cards: CardMemories;
}

/** What cards remember of flows, and how they copy it to one another. */
export interface CardMemories {
  /** All that a card holds is lost: packets, flows, what it had to tell others. */
  clear(card: number): void;
  /** What a card knows of an fNIC's flows is forgotten. */
  forget(card: number, fnic: number): void;
  /** Lets one card tell another one of flows. */
  openChannel(card: number, peer: number): void;
  /** Gives up whatever one card had to tell another one. */
  closeChannel(card: number, peer: number): void;
  /** Takes a checkpoint on a card, and copies to another card the state of the fNICs that they share (X2 and X3 of section 3.2). */
  beginSync(card: number, peer: number, fnics: readonly number[]): void;
  isSyncing(card: number, peer: number): boolean;
  /** What a card has told another one so far. */
  readChannel(card: number, peer: number): ChannelReading;
}

/** What went over the channel from one card to another. */
export interface ChannelReading {
  /** Frames with records or the ends of flows, those sent again among them. */
  batches: number;
  batchesAgain: number;
  /** Records copied in bulk, and flows told to be over. */
  records: number;
  forgets: number;
  /** Of all frames, with headers, without FCS. */
  bytes: number;
  /** Records that came from the other card and found no room. */
  refused: number;
}

export interface CardRole {
  takesTraffic: boolean;
  peer: number | undefined;
}
