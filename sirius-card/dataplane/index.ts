// What the control plane calls to set cards up and to read them.
import { arenaAllocate } from '../../core/dataplane/arena';
import { engineSetReceiver, engineSetSender } from '../../core/dataplane/engine';
import { Histogram } from '../../core/dataplane/histogram';
import { Link } from '../../core/dataplane/link';
import { ArmComplex } from './arm';
import { Card, Fnic } from './card';
import { Encapsulation } from './encapsulation';
import { memorySet } from './memory';
import { flowCountOpen } from './flow-ageing';
import { FlowTable, flowTableBytes, flowTableInit } from './flow-table';

export { aclClassify, aclClassifyMany } from './acl';
export { armCreate } from './arm';
export { cardCreate } from './card';
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

export function flowTableCapacity(table: FlowTable): u32 {
  return table.capacity;
}

export function armSetService(arm: ArmComplex, operation: u32, servicePs: i64): void {
  store<i64>(arm.servicePs + (operation << 3), servicePs);
}

export function armBusyPs(arm: ArmComplex): i64 {
  return arm.busyPs;
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

/** Buckets read from DRAM, and found in the cache. */
export function cardMemoryReads(card: Card): u64 {
  return card.memory.reads;
}

export function cardMemoryHits(card: Card): u64 {
  return card.memory.hits;
}

/** Gives a card its part for an fNIC. @param primary 1: it takes the fNIC's traffic; @param toPeer way to the card with the other copy of the state, 0 for none */
export function cardSetRole(card: Card, index: u32, primary: u32, toPeer: usize): void {
  const fnic = changetype<Fnic>(load<usize>(card.fnics + (index << 2)));
  fnic.primary = primary;
  fnic.toPeer = toPeer;
}

/** Lets what came in by a port leave by another link: the card's own has gone down. */
export function cardSetOutput(card: Card, port: u32, output: Link): void {
  assert(port < card.portCount);
  store<usize>(card.outputs + (port << 2), changetype<usize>(output));
}

export function cardSetFnic(card: Card, index: u32, virtualAddress: u32, hostAddress: u32, acl: usize, toHost: Encapsulation, toNetwork: Encapsulation): void {
  const fnic = changetype<Fnic>(arenaAllocate(offsetof<Fnic>()));
  fnic.virtualAddress = virtualAddress;
  fnic.hostAddress = hostAddress;
  fnic.vni = card.firstVni + index;
  fnic.acl = acl;
  fnic.toHost = toHost;
  fnic.toNetwork = toNetwork;
  store<usize>(card.fnics + (index << 2), changetype<usize>(fnic));
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
