import type { Testbed } from '../../core/testbed.js';
import { NO_PEER } from '../../sirius-card/card.js';
import { STATE_COUNTER_COUNT, StateCounter } from '../../sirius-card/dataplane/card-layout.js';
import type { LaidCable } from '../cable.js';
import { placementOf } from '../placement.js';
import { tunnelEndsOf } from '../underlay.js';
import type { ChannelReading, Fabric } from './fabric.js';

/** One cable between a ToR, at its left, and a card. */
export interface Cable extends LaidCable {
  /** The ToR's port. */
  port: number;
}

export interface FabricParts {
  switches: readonly { app: number }[];
  cards: readonly { app: number }[];
  /** By ToR, then by card; a card's port number is the ToR's index. */
  cables: readonly (readonly Cable[])[];
  /** By ToR: its links to and from the generator. */
  uplinks: readonly (readonly number[])[];
  fnicCount: number;
  replicates: boolean;
}

/** The network around the cards of a built target, and the cards. */
export function createFabric(
  testbed: Testbed,
  { switches, cards, cables, uplinks, fnicCount, replicates }: FabricParts,
): Fabric {
  const isUp = cables.map((row) => row.map(() => true));
  const cable = (tor: number, card: number) => cables[tor]?.[card] as Cable;
  const { exports } = testbed;
  const cardCount = cards.length;
  const appOf = (card: number) => (cards[card] as { app: number }).app;
  return {
    torCount: switches.length,
    cardCount,
    fnicCount,
    replicates,
    placementOf: (fnic) => placementOf(fnic, cardCount),
    isCableUp: (tor, card) => isUp[tor]?.[card] === true,
    setCable: (tor, card, up) => {
      (isUp[tor] as boolean[])[card] = up;
      for (const link of cable(tor, card).links) exports.linkSetDown(link, up ? 0 : 1);
    },
    setUplink: (tor, up) => {
      for (const link of uplinks[tor] as readonly number[]) exports.linkSetDown(link, up ? 0 : 1);
    },
    setRoute: (tor, fnic, card) => {
      const app = switches[tor]?.app as number;
      const { virtualAddress } = tunnelEndsOf(fnic);
      if (card === undefined) exports.switchClearRoute(app, virtualAddress);
      else exports.switchSetRoute(app, virtualAddress, cable(tor, card).port);
    },
    setExit: (card, tor, exit) => exports.cardSetOutput(appOf(card), tor, cable(exit, card).right.output),
    setPeerExit: (card, peer, tor, exit) => exports.cardSetPeerPort(appOf(card), peer, tor, exit),
    setRole: (card, fnic, { takesTraffic, peer }) =>
      exports.cardSetRole(appOf(card), fnic, takesTraffic ? 1 : 0, peer ?? NO_PEER),
    cards: {
      clear: (card) => exports.cardClear(appOf(card)),
      forget: (card, fnic) => exports.cardForgetFnic(appOf(card), fnic),
      openChannel: (card, peer) => exports.cardOpenChannel(appOf(card), peer),
      closeChannel: (card, peer) => exports.cardCloseChannel(appOf(card), peer),
      beginSync: (card, peer, fnics) => {
        for (const fnic of fnics) exports.cardMarkForSync(appOf(card), fnic);
        exports.cardBeginSync(appOf(card), peer);
      },
      readChannel: (card, peer) => readChannel(testbed, appOf(card), peer),
      isSyncing: (card, peer) => Boolean(exports.cardIsSyncing(appOf(card), peer)),
    },
  };
}

function readChannel(testbed: Testbed, app: number, peer: number): ChannelReading {
  const counters = testbed.counters(testbed.exports.cardStateCounters(app, peer), STATE_COUNTER_COUNT);
  const count = (counter: StateCounter) => Number(counters[counter]);
  return {
    batches: count(StateCounter.batches) + count(StateCounter.batchesAgain),
    batchesAgain: count(StateCounter.batchesAgain),
    records: count(StateCounter.records),
    forgets: count(StateCounter.forgets),
    bytes: count(StateCounter.bytes),
    refused: count(StateCounter.refused),
  };
}
