import { picoseconds, type Testbed, UNBOUNDED_BYTES } from '../core/testbed.js';
import { createCard } from '../sirius-card/card.js';
import { leastReinjectionNs } from '../sirius-card/model-checks.js';
import { type CableEnd, type LaidCable, layCable } from './cable.js';
import { type Cable, createFabric } from './fabric/built-fabric.js';
import { partOf, placementOf } from './placement.js';
import type { BuiltCard, BuiltTarget, TargetOptions } from './target.js';
import { cardAddress, GENERATOR_PORT_COUNT, macOf, tunnelEndsOf, UNDERLAY_PREFIX } from './underlay.js';

/** One for each port of the generator. */
const SWITCH_COUNT = GENERATOR_PORT_COUNT;

interface Node {
  app: number;
  name: string;
}

interface Cards extends Node {
  reading: BuiltCard;
}

/** Frames between cards that can be under way at once, over all channels. */
const CONTROL_PACKET_COUNT = 2048;
const ETHERNET_FRAME_BYTES_MAX = 1514;

/** The testbed of Figure 9a: a generator on two ToR switches, each joined to every card. ToRs route statically to each fNIC's primary. */
export function buildCards(testbed: Testbed, cardCount: number, options: TargetOptions): BuiltTarget {
  if (cardCount > 1) testbed.exports.controlPoolCreate(CONTROL_PACKET_COUNT, ETHERNET_FRAME_BYTES_MAX);
  const switches = buildSwitches(testbed, options);
  const cards = buildCardNodes(testbed, cardCount, options);
  const uplinks = switches.map((node) => attachGenerator(testbed, node, options));
  const cables = switches.map((node) => {
    const toCards = cards.map((card, index) => attachCard(testbed, node, card, index, options));
    routeToPrimaries(testbed, node, toCards, options);
    testbed.addApp(node.app);
    return toCards;
  });
  for (const card of cards) testbed.addApp(card.app);
  // Once more, so that under the wall clock one pass carries a packet from the generator through the cards and back.
  if (!options.modelledTime) for (const node of switches) testbed.addApp(node.app);
  const fabric = createFabric(testbed, {
    switches,
    cards,
    cables,
    uplinks: uplinks.map(({ links }) => links),
    fnicCount: options.fnicCount,
    replicates: options.replication,
  });
  const ports = uplinks.map(({ left }) => ({ toTarget: left.output, fromTarget: left.input }));
  const built = cards.map((card) => card.reading);
  const impaired = { uplinks: impairmentsOf(uplinks), cables: cables.map(impairmentsOf) };
  return { ports, tunnelEnds: tunnelEndsOf, cards: built, fabric, impairments: impaired };
}

function impairmentsOf(cables: readonly LaidCable[]): number[] {
  return cables.flatMap(({ impairment }) => impairment ?? []);
}

function buildSwitches(testbed: Testbed, { model, modelledTime }: TargetOptions): Node[] {
  return Array.from({ length: SWITCH_COUNT }, (_, index) => {
    const name = `tor${index + 1}`;
    const forwardingPs = picoseconds(modelledTime ? model.network.torForwardingNs : 0);
    const app = testbed.exports.switchCreate(
      testbed.pool,
      testbed.addPlace(name, 'switch'),
      UNDERLAY_PREFIX,
      forwardingPs,
    );
    return { app, name };
  });
}

function buildCardNodes(testbed: Testbed, cardCount: number, options: TargetOptions): Cards[] {
  const addresses = Array.from({ length: cardCount }, (_, index) => {
    const address = cardAddress(index);
    return { address, mac: macOf(address) };
  });
  return addresses.map((_, index) => {
    const name = `card${index + 1}`;
    const card = createCard(testbed, {
      name,
      model: options.model,
      powerState: options.powerState,
      modelledTime: options.modelledTime,
      index,
      addresses,
      firstVni: options.firstVni,
      encapsulation: options.encapsulation,
      flowCapacity: options.flowCapacity,
      seed: options.seed * 2 + index,
      fnics: Array.from({ length: options.fnicCount }, (_, fnic) => ({
        ...partOf(placementOf(fnic, cardCount), index, options.replication),
        acl: options.acls[fnic] ?? 0,
        ends: tunnelEndsOf(fnic),
      })),
    });
    return { app: card.app, name, reading: { name, ...card } };
  });
}

function attachGenerator(testbed: Testbed, { app, name }: Node, options: TargetOptions): LaidCable {
  const { network } = options.model;
  const cable = layCable(testbed, {
    ...pathOf(options, network.generatorToTorNs),
    left: { name: 'generator', owner: 'generator', bufferBytes: UNBOUNDED_BYTES, lookaheadNs: 0 },
    right: switchEnd(name, options),
  });
  const { input, output } = cable.right;
  const port = testbed.exports.switchAddPort(app, input, output);
  for (let fnic = 0; fnic < options.fnicCount; fnic++) {
    const { hostAddress, networkAddress } = tunnelEndsOf(fnic);
    testbed.exports.switchSetRoute(app, hostAddress, port);
    testbed.exports.switchSetRoute(app, networkAddress, port);
  }
  return cable;
}

function attachCard(testbed: Testbed, node: Node, card: Cards, index: number, options: TargetOptions): Cable {
  const { network } = options.model;
  const cable = layCable(testbed, {
    ...pathOf(options, network.torToCardNs),
    left: switchEnd(node.name, options),
    right: {
      ...{ name: card.name, owner: 'card', bufferBytes: network.linkBufferBytes },
      lookaheadNs: leastReinjectionNs(options.model),
    },
  });
  testbed.exports.cardAddPort(card.app, cable.right.input, cable.right.output);
  const port = testbed.exports.switchAddPort(node.app, cable.left.input, cable.left.output);
  testbed.exports.switchSetRoute(node.app, cardAddress(index), port);
  return { ...cable, port };
}

function switchEnd(name: string, { model: { network } }: TargetOptions): CableEnd {
  const { linkBufferBytes, torForwardingNs } = network;
  return { name, owner: 'switch', bufferBytes: linkBufferBytes, lookaheadNs: torForwardingNs };
}

function pathOf({ model, modelledTime, impairmentSeed }: TargetOptions, latencyNs: number) {
  return {
    latencyNs: modelledTime ? latencyNs : 0,
    rateGbps: modelledTime ? model.network.linkRateGbps : 0,
    ...(impairmentSeed === undefined ? {} : { impairmentSeed: impairmentSeed() }),
  };
}

function routeToPrimaries(
  testbed: Testbed,
  { app }: Node,
  toCards: readonly Cable[],
  { fnicCount }: TargetOptions,
): void {
  for (let fnic = 0; fnic < fnicCount; fnic++) {
    const { primary } = placementOf(fnic, toCards.length);
    const { port } = toCards[primary] as Cable;
    testbed.exports.switchSetRoute(app, tunnelEndsOf(fnic).virtualAddress, port);
  }
}
