import type { CardRole } from './fabric/fabric.js';

/** The cards that an fNIC is served by; both count from 0. */
export interface Placement {
  primary: number;
  /** Takes its traffic when the primary can't, and keeps a copy of its flows' state where cards replicate; undefined: none does. */
  secondary: number | undefined;
}

/**
 * Where an fNIC begins: "evenly allocated to the two Sirius cards" (section 6.3); among more than two
 * the secondaries of one card's fNICs are spread as evenly over the others, so that no card takes all of a dead one's load.
 */
export function placementOf(fnic: number, cardCount: number): Placement {
  const primary = fnic % cardCount;
  if (cardCount === 1) return { primary, secondary: undefined };
  const step = 1 + (Math.floor(fnic / cardCount) % (cardCount - 1));
  return { primary, secondary: (primary + step) % cardCount };
}

/** A card's part in a placement. */
export function partOf({ primary, secondary }: Placement, card: number, replicates: boolean): CardRole {
  if (card === primary) return { takesTraffic: true, peer: replicates ? secondary : undefined };
  return { takesTraffic: false, peer: replicates && card === secondary ? primary : undefined };
}
