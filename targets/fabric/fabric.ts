/** What the control plane can change of the network around the cards. Indices count from 0; `exports` below are the data plane's. */
export interface Fabric {
  torCount: number;
  cardCount: number;
  fnicCount: number;
  /** The card that the routes of an fNIC lead to at the start, and the one that is its secondary, if any. */
  primaryOf(fnic: number): number;
  secondaryOf(fnic: number): number | undefined;
  isCableUp(tor: number, card: number): boolean;
  /** Cuts a cable in both directions, or joins it again; what is on its wires is lost. */
  setCable(tor: number, card: number, isUp: boolean): void;
  /** A ToR's route for an fNIC's virtual address; undefined: none, its packets are dropped there. */
  setRoute(tor: number, fnic: number, card: number | undefined): void;
  /** By which ToR a card sends what came to it by `tor`. */
  setExit(card: number, tor: number, exit: number): void;
  /** A card's part for an fNIC: whether it takes the traffic, and the card that it replicates state changes to. */
  setRole(card: number, fnic: number, role: CardRole): void;
}

export interface CardRole {
  takesTraffic: boolean;
  peer: number | undefined;
}
