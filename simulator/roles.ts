import type { CardRole, Fabric } from '../targets/fabric/fabric.js';
import { partOf } from '../targets/placement.js';

/** What the control plane has told cards and ToRs, seen on its way. */
export interface Roles {
  /** The cards that take an fNIC's traffic. */
  takers(fnic: number): number[];
  role(card: number, fnic: number): CardRole;
  /** When a card's part for an fNIC last changed. */
  changedNs(card: number, fnic: number): number;
  /**
   * Whether some card took an fNIC over that kept no copies at the time: all who did were lost. What it still knows from before, if anything, is as old
   * as its last part.
   */
  wasAdopted(fnic: number): boolean;
  /** The card that a ToR sends an fNIC's packets to. */
  route(tor: number, fnic: number): number | undefined;
}

/** Sees what goes through a fabric: gives the fabric to use instead, and what it has seen. */
export function watchRoles(fabric: Fabric, nowNs: () => number): { fabric: Fabric; roles: Roles } {
  const { cardCount, fnicCount, torCount, replicates } = fabric;
  const fnics = Array.from({ length: fnicCount }, (_, fnic) => fnic);
  const roles = Array.from({ length: cardCount }, (_, card) =>
    fnics.map((fnic) => partOf(fabric.placementOf(fnic), card, replicates)),
  );
  const changes = roles.map((row) => row.map(() => 0));
  const holders = fnics.map((fnic) => {
    const { primary, secondary } = fabric.placementOf(fnic);
    return new Set([primary, secondary]);
  });
  const adopted = new Set<number>();
  const noteHolders = (card: number, fnic: number, { takesTraffic, peer }: CardRole) => {
    if (!takesTraffic) return;
    if (!holders[fnic]?.has(card)) adopted.add(fnic);
    holders[fnic] = new Set([card, peer]);
  };
  const routes: (number | undefined)[][] = Array.from({ length: torCount }, () =>
    fnics.map((fnic) => fabric.placementOf(fnic).primary),
  );
  return {
    fabric: {
      ...fabric,
      setRole: (card, fnic, role) => {
        (roles[card] as CardRole[])[fnic] = role;
        (changes[card] as number[])[fnic] = nowNs();
        noteHolders(card, fnic, role);
        fabric.setRole(card, fnic, role);
      },
      setRoute: (tor, fnic, card) => {
        (routes[tor] as (number | undefined)[])[fnic] = card;
        fabric.setRoute(tor, fnic, card);
      },
    },
    roles: {
      takers: (fnic) =>
        [...roles.keys()].filter((card) => (roles[card] as CardRole[])[fnic]?.takesTraffic === true),
      role: (card, fnic) => roles[card]?.[fnic] as CardRole,
      changedNs: (card, fnic) => changes[card]?.[fnic] as number,
      wasAdopted: (fnic) => adopted.has(fnic),
      route: (tor, fnic) => routes[tor]?.[fnic],
    },
  };
}
