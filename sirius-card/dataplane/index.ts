// What the control plane calls to set cards up and to read them.
import { arenaAllocate } from '../../core/dataplane/arena';
import { engineNowPs, engineSetReceiver, engineSetSender } from '../../core/dataplane/engine';
import { Histogram } from '../../core/dataplane/histogram';
import { Link } from '../../core/dataplane/link';
import { ArmComplex } from './arm';
import { bulkBegin } from './bulk-sync';
import { Card, Fnic, cardLoseAll, cardMs, scheduleChores } from './card';
import { CARD_COUNT_MAX, CARD_PORT_COUNT_MAX } from './card-layout';
import { Encapsulation, networkBytes } from './encapsulation';
import { memorySet } from './memory';
import { FnicPart, flowCountOpen } from './flow-ageing';
import { FlowTable, flowDeleteFnic, flowTableBytes, flowTableInit } from './flow-table';
import { channelReset } from './state-channel';
import { channelTo, exchangeWake } from './state-exchange';

export { aclClassify, aclClassifyMany } from './acl';
export { armCreate } from './arm';
export { cardCreate, cardMs, cardSetClock } from './card';
export { encapsulationCreate } from './encapsulation';
export * from './flow-table-exports';

export function flowTableCreate(capacityRecords: u32, seed: u64, establishedIdleMs: u32, halfOpenIdleMs: u32, closedLingerMs: u32, sweepPeriodMs: u32): FlowTable {
  const table = changetype<FlowTable>(arenaAllocate(offsetof<FlowTable>()));
  flowTableInit(table, arenaAllocate(<usize>flowTableBytes(capacityRecords)), capacityRecords, seed);
  table.establishedIdleMs = establishedIdleMs;
  table.halfOpenIdleMs = halfOpenIdleMs;
  table.closedLingerMs = closedLingerMs;
  table.sweepPeriodMs = sweepPeriodMs;
  return table;
}

export function flowTableCount(table: FlowTable): u32 {
  return table.count;
}

/** Records of open connections that the card serves itself; walks the whole table. */
export function flowTableCountOpen(table: FlowTable): u32 {
  return flowCountOpen(table);
}

export function flowTableHighWater(table: FlowTable): u32 {
  return table.highWater;
}

/** Records beyond which a table refuses more, at most those that it was laid out for: fewer while other tenants of its memory need room. */
export function flowTableSetCapacity(table: FlowTable, capacity: u32): void {
  table.capacity = capacity;
}

export function flowTableCapacity(table: FlowTable): u32 {
  return table.capacity;
}

export function armSetService(arm: ArmComplex, operation: u32, servicePs: i64): void {
  store<i64>(arm.servicePs + (operation << 3), servicePs);
}

export function cardAddPort(card: Card, input: Link, output: Link): void {
  store<usize>(card.inputs + (card.portCount << 2), changetype<usize>(input));
  store<usize>(card.outputs + (card.portCount << 2), changetype<usize>(output));
  engineSetReceiver(input, card);
  engineSetSender(output, card);
  card.portCount++;
}

export function cardSetPipelines(card: Card, servicePs: i64, queuePs: i64, transitPs: i64, toArmPs: i64, reinjectionPs: i64, psPerByte: i64): void {
  card.mpuServicePs = servicePs;
  card.mpuQueuePs = queuePs;
  card.transitPs = transitPs;
  card.toArmPs = toArmPs;
  card.reinjectionPs = reinjectionPs;
  card.psPerByte = psPerByte;
}

/** @param readPs time to read one bucket's state, 0 for none; @param lineCount a power of two */
export function cardSetMemory(card: Card, readPs: i64, lineCount: u32): void {
  memorySet(card.memory, readPs, lineCount);
}

/** Says how a card reaches another one, by its number. */
export function cardSetWay(card: Card, peer: u32, way: Encapsulation): void {
  assert(peer < <u32>CARD_COUNT_MAX && peer != card.index);
  store<usize>(card.ways + (peer << 2), changetype<usize>(way));
  channelReset(channelTo(card, peer), 1);
}

/** Between two looks at what there is to tell other cards, between two batches of a bulk synchronisation, and until a batch is sent again. */
export function cardSetExchange(card: Card, intervalPs: i64, bulkIntervalPs: i64, resendPs: i64): void {
  card.exchange.intervalPs = intervalPs;
  card.exchange.bulkIntervalPs = bulkIntervalPs;
  card.exchange.resendPs = resendPs;
}

/**
 * Gives a card its part for an fNIC.
 * @param takesTraffic 1: it takes the fNIC's traffic
 * @param peer number of the card with the other copy of the state, -1 for none; a card that has neither traffic nor peer has no part
 */
export function cardSetRole(card: Card, index: u32, takesTraffic: u32, peer: i32): void {
  const fnic = fnicAt(card, index);
  fnic.primary = takesTraffic;
  fnic.toPeer = peer < 0 ? 0 : load<usize>(card.ways + (peer << 2));
  if (fnic.peer != <u32>peer) fnic.syncing = 0;
  fnic.peer = <u32>peer;
  const part = changetype<FnicPart>(card.table.parts + <usize>index * offsetof<FnicPart>());
  const wasStandby = part.isStandby;
  part.isStandby = <u32>(!takesTraffic && peer >= 0);
  if (wasStandby && !part.isStandby) {
    part.servesSinceMs = cardMs(card, engineNowPs());
    part.inGrace = 1;
  }
  part.toStandby = takesTraffic && peer >= 0 ? changetype<usize>(channelTo(card, peer)) : 0;
}

/** Lets a card tell another one of flows; what is under way already goes on. */
export function cardOpenChannel(card: Card, peer: u32): void {
  const channel = channelTo(card, peer);
  if (!channel.isOpen) channelReset(channel, 1);
}

/** Gives up whatever a card had to tell another one. */
export function cardCloseChannel(card: Card, peer: u32): void {
  channelReset(channelTo(card, peer), 0);
}

/** Lets an fNIC's flows take part in the next bulk synchronisation with its peer. */
export function cardMarkForSync(card: Card, index: u32): void {
  fnicAt(card, index).syncing = 1;
}

/** Takes a checkpoint and copies it to a card: the flows of every fNIC that is marked for it (section 3.2, X2 and X3). */
export function cardBeginSync(card: Card, peer: u32): void {
  const nowPs = engineNowPs();
  bulkBegin(card, channelTo(card, peer), nowPs);
  exchangeWake(card, nowPs);
  scheduleChores(card);
  if (card.nextChorePs < card.nextEventPs) card.nextEventPs = card.nextChorePs;
}

/** Whether a bulk synchronisation with a card goes on, or batches of it are under way. */
export function cardIsSyncing(card: Card, peer: u32): bool {
  const channel = channelTo(card, peer);
  return (channel.isSyncing | channel.used) != 0;
}

/** Address of the counters of a channel to another card: STATE_COUNTER_COUNT of them. */
export function cardStateCounters(card: Card, peer: u32): usize {
  return channelTo(card, peer).counters;
}

/** The card dies, and with it all that it holds. */
export function cardClear(card: Card): void {
  cardLoseAll(card, engineNowPs());
}

/** Forgets what a card knows of an fNIC's flows. Walks the whole table. */
export function cardForgetFnic(card: Card, index: u32): void {
  flowDeleteFnic(card.table, index);
}

// @ts-ignore: decorator
@inline
function fnicAt(card: Card, index: u32): Fnic {
  return changetype<Fnic>(load<usize>(card.fnics + (index << 2)));
}

/** Lets what came in by a port leave by another link: the card's own has gone down. */
export function cardSetOutput(card: Card, port: u32, output: Link): void {
  assert(port < card.portCount);
  store<usize>(card.outputs + (port << 2), changetype<usize>(output));
}

/** Lets what came in by a port leave for another card by another port: the ToR behind it has no way there. */
export function cardSetPeerPort(card: Card, peer: u32, port: u32, exit: u32): void {
  assert(peer < <u32>CARD_COUNT_MAX && port < card.portCount && exit < card.portCount);
  store<u8>(card.peerPorts + peer * CARD_PORT_COUNT_MAX + port, <u8>exit);
}

export function cardSetFnic(card: Card, index: u32, virtualAddress: u32, hostAddress: u32, acl: usize, toHost: Encapsulation, toNetwork: Encapsulation): void {
  const fnic = changetype<Fnic>(arenaAllocate(offsetof<Fnic>()));
  fnic.virtualAddress = virtualAddress;
  fnic.hostAddress = hostAddress;
  fnic.network = networkBytes(card.firstVni + index);
  fnic.acl = acl;
  fnic.toHost = toHost;
  fnic.toNetwork = toNetwork;
  store<usize>(card.fnics + (index << 2), changetype<usize>(fnic));
}

/** Judges an fNIC's new connections by another policy from now on; those that are open stay as they were judged (section 6.1). */
export function cardSetPolicy(card: Card, index: u32, acl: usize): void {
  fnicAt(card, index).acl = acl;
}

export function cardCounters(card: Card): usize {
  return card.counters;
}

export function cardTransit(card: Card): Histogram {
  return card.transit;
}

export function cardPingPong(card: Card): Histogram {
  return card.pingPong;
}
