import type { Testbed } from '../../core/testbed.js';
import { tunnelEndsOf } from '../underlay.js';
import type { Fabric } from './fabric.js';

/** One cable between a ToR and a card, as addresses in the data plane. */
export interface Cable {
  /** From the ToR to the card. */
  down: number;
  up: number;
  /** The ToR's port. */
  port: number;
}

export interface FabricParts {
  switches: readonly { app: number }[];
  cards: readonly { app: number; toPeer: number }[];
  /** By ToR, then by card; a card's port number is the ToR's index. */
  cables: readonly (readonly Cable[])[];
  fnicCount: number;
}

/** The network around the cards of a built target: fNIC f has card f mod count as its primary, and in a pair the other one as its secondary. */
export function createFabric(
  { exports }: Testbed,
  { switches, cards, cables, fnicCount }: FabricParts,
): Fabric {
  const isUp = cables.map((row) => row.map(() => true));
  const cable = (tor: number, card: number) => cables[tor]?.[card] as Cable;
  const cardCount = cards.length;
  return {
    torCount: switches.length,
    cardCount,
    fnicCount,
    primaryOf: (fnic) => fnic % cardCount,
    secondaryOf: (fnic) => (cardCount === 2 ? 1 - (fnic % cardCount) : undefined),
    isCableUp: (tor, card) => isUp[tor]?.[card] === true,
    setCable: (tor, card, up) => {
      (isUp[tor] as boolean[])[card] = up;
      const { down, up: back } = cable(tor, card);
      for (const link of [down, back]) exports.linkSetDown(link, up ? 0 : 1);
    },
    setRoute: (tor, fnic, card) => {
      const app = switches[tor]?.app as number;
      const { virtualAddress } = tunnelEndsOf(fnic);
      if (card === undefined) exports.switchClearRoute(app, virtualAddress);
      else exports.switchSetRoute(app, virtualAddress, cable(tor, card).port);
    },
    setExit: (card, tor, exit) =>
      exports.cardSetOutput(cards[card]?.app as number, tor, cable(exit, card).up),
    setRole: (card, fnic, { takesTraffic, peer }) => {
      const { app, toPeer } = cards[card] as { app: number; toPeer: number };
      exports.cardSetRole(app, fnic, takesTraffic ? 1 : 0, peer === undefined ? 0 : toPeer);
    },
  };
}
