import { type Port, picoseconds, type Testbed, UNBOUNDED_BYTES } from '../core/testbed.js';
import { compilePolicy } from '../sirius-card/acl/compiler.js';
import { createCard } from '../sirius-card/card.js';
import { leastReinjectionNs } from '../sirius-card/model.js';
import { type Cable, createFabric } from './fabric/built-fabric.js';
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
  toPeer: number;
}

/**
 * The testbed of Figure 9a: a generator on two ToR switches, each joined to every card. fNIC f has card f mod count as its
 * primary; in a pair the other card is its secondary. ToRs route statically to the primary.
 */
export function buildCards(testbed: Testbed, cardCount: number, options: TargetOptions): BuiltTarget {
  const switches = buildSwitches(testbed, options);
  const cards = buildCardNodes(testbed, cardCount, options);
  const ports = switches.map((node) => attachGenerator(testbed, node, options));
  const cables = switches.map((node) => {
    const toCards = cards.map((card, index) => attachCard(testbed, node, card, index, cardCount, options));
    testbed.addApp(node.app);
    return toCards;
  });
  for (const card of cards) testbed.addApp(card.app);
  // Once more, so that under the wall clock one pass carries a packet from the generator through the cards and back.
  if (!options.modelledTime) for (const node of switches) testbed.addApp(node.app);
  const fabric = createFabric(testbed, { switches, cards, cables, fnicCount: options.fnicCount });
  return { ports, tunnelEnds: tunnelEndsOf, cards: cards.map((card) => card.reading), fabric };
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
  const images = Array.from({ length: options.fnicCount }, (_, fnic) => loadPolicy(testbed, options, fnic));
  return Array.from({ length: cardCount }, (_, index) => {
    const name = `card${index + 1}`;
    const peer = cardCount === 2 ? 1 - index : undefined;
    const card = createCard(testbed, {
      name,
      model: options.model,
      powerState: options.powerState,
      modelledTime: options.modelledTime,
      address: cardAddress(index),
      peer:
        peer === undefined || !options.replication
          ? undefined
          : { address: cardAddress(peer), mac: macOf(cardAddress(peer)) },
      mac: macOf(cardAddress(index)),
      firstVni: options.firstVni,
      encapsulation: options.encapsulation,
      flowCapacity: options.flowCapacity,
      seed: options.seed * 2 + index,
      fnics: images.map((acl, fnic) => ({
        isPrimary: fnic % cardCount === index,
        acl,
        ends: tunnelEndsOf(fnic),
      })),
    });
    return { app: card.app, name, reading: { name, ...card }, toPeer: card.toPeer };
  });
}

/** Copies an fNIC's compiled policy into the data plane; 0 when all is allowed. Both cards read the same image. */
function loadPolicy(testbed: Testbed, { policyOf }: TargetOptions, fnic: number): number {
  const policy = policyOf(fnic);
  if (policy === undefined) return 0;
  const { bytes } = compilePolicy(policy);
  const address = testbed.exports.arenaAllocate(bytes.length);
  new Uint8Array(testbed.dataPlane.memory.buffer).set(bytes, address);
  return address;
}

function attachGenerator(
  testbed: Testbed,
  { app, name }: Node,
  { model, modelledTime, fnicCount }: TargetOptions,
): Port {
  const { network } = model;
  const common = {
    latencyNs: modelledTime ? network.generatorToTorNs : 0,
    rateGbps: modelledTime ? network.linkRateGbps : 0,
  };
  const toTarget = testbed.addLink({
    ...common,
    name: `generator-${name}`,
    owner: 'generator',
    bufferBytes: UNBOUNDED_BYTES,
    lookaheadNs: 0,
  });
  const fromTarget = testbed.addLink({
    ...common,
    name: `${name}-generator`,
    owner: 'switch',
    bufferBytes: network.linkBufferBytes,
    lookaheadNs: network.torForwardingNs,
  });
  const port = testbed.exports.switchAddPort(app, toTarget, fromTarget);
  for (let fnic = 0; fnic < fnicCount; fnic++) {
    const { hostAddress, networkAddress } = tunnelEndsOf(fnic);
    testbed.exports.switchSetRoute(app, hostAddress, port);
    testbed.exports.switchSetRoute(app, networkAddress, port);
  }
  return { toTarget, fromTarget };
}

function attachCard(
  testbed: Testbed,
  node: Node,
  card: Cards,
  index: number,
  cardCount: number,
  options: TargetOptions,
): Cable {
  const { network } = options.model;
  const common = {
    latencyNs: options.modelledTime ? network.torToCardNs : 0,
    rateGbps: options.modelledTime ? network.linkRateGbps : 0,
    bufferBytes: network.linkBufferBytes,
  };
  const down = testbed.addLink({
    ...common,
    name: `${node.name}-${card.name}`,
    owner: 'switch',
    lookaheadNs: network.torForwardingNs,
  });
  const up = testbed.addLink({
    ...common,
    name: `${card.name}-${node.name}`,
    owner: 'card',
    lookaheadNs: leastReinjectionNs(options.model),
  });
  testbed.exports.cardAddPort(card.app, down, up);
  const port = testbed.exports.switchAddPort(node.app, up, down);
  testbed.exports.switchSetRoute(node.app, cardAddress(index), port);
  for (let fnic = index; fnic < options.fnicCount; fnic += cardCount) {
    testbed.exports.switchSetRoute(node.app, tunnelEndsOf(fnic).virtualAddress, port);
  }
  return { down, up, port };
}
