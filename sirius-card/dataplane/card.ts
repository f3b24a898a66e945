import { App } from '../../core/dataplane/app';
import { arenaAllocate, arenaAllocateItems } from '../../core/dataplane/arena';
import { DropReason, FCS_BYTES } from '../../core/dataplane/contract';
import { Histogram, histogramCreate } from '../../core/dataplane/histogram';
import { Link, linkSend, linksTake } from '../../core/dataplane/link';
import { NEVER_PS, Packet, PacketPool, dropPacket } from '../../core/dataplane/packet';
import { ArmComplex, armFinish, armLose, armSubmit } from './arm';
import { ArmOperation, CARD_COUNTER_COUNT, CARD_COUNT_MAX, CARD_PORT_COUNT_MAX, CardCounter, REFERENCE_WIRE_BYTES } from './card-layout';
import { Encapsulation } from './encapsulation';
import { FnicPart, endGraces, flowAge, tickEpoch } from './flow-ageing';
import { FlowRecord, FlowTable, flowDeleteAll } from './flow-table';
import { CardMemory } from './memory';
import { pipelineParse, pipelineReceive } from './pipeline';
import { slowPathFinish } from './slow-path';
import { channelReset } from './state-channel';
import { StateExchange, channelTo, exchangeCreate, exchangeStep, exchangeWake } from './state-exchange';

const SWEEP_STEP_PS: i64 = 1_000_000_000;
/** A connection's age is known in whole epochs: the long-lived ones are copied first. */
const EPOCH_MS: u32 = 1000;
const PICOSECONDS_PER_MILLISECOND: i64 = 1_000_000_000;

/** One floating NIC as a card sees it. */
@unmanaged
export class Fnic {
  /** 1 on its primary card: one that takes its traffic. */
  primary: u32;
  /** Way to the card that holds the other copy of its flows' state; 0 when there is none. */
  toPeer: usize;
  /** Number of that card. */
  peer: u32;
  /** Its flows' state is being copied to that card. */
  syncing: u32;
  virtualAddress: u32;
  /** Tunnel end of the virtual machine's host. */
  hostAddress: u32;
  /** Its virtual network as `networkBytes` has it, without a mark. */
  network: u32;
  /** Compiled ACL policy; 0 allows all. */
  acl: usize;
  toHost: Encapsulation;
  toNetwork: Encapsulation;
}

/** A Sirius card: match-processing pipelines (pipeline.ts), ARM cores (arm.ts, slow-path.ts), a flow table, and a peer (replication.ts). */
@unmanaged
export class Card extends App {
  pool: PacketPool;
  portCount: u32;
  inputs: usize;
  outputs: usize;
  /** By which port what came in by a port leaves for another card: u8 each, CARD_PORT_COUNT_MAX by the number of that card. */
  peerPorts: usize;
  address: u32;
  /** Among the cards of the testbed: cards' addresses follow one another. */
  index: u32;
  /** Outer headers on the way to each card, by its number; 0 for none. */
  ways: usize;
  firstVni: u32;
  fnicCount: u32;
  /** Pointers to Fnic. */
  fnics: usize;
  arm: ArmComplex;
  table: FlowTable;
  mpuServicePs: i64;
  mpuQueuePs: i64;
  mpuBusyUntilPs: i64;
  memory: CardMemory;
  transitPs: i64;
  toArmPs: i64;
  reinjectionPs: i64;
  psPerByte: i64;
  /** Time of the event in hand by the card's own clock, in whole milliseconds that wrap, and when the next one begins. */
  nowMs: u32;
  nextMsPs: i64;
  /** How long a millisecond of that clock takes, and what it showed at the start: clocks of cards have nothing to do with each other. */
  msPs: i64;
  startMs: u32;
  /** Of the event in hand; kept by debug builds only. */
  eventPs: i64;
  nextSweepPs: i64;
  nextEpochMs: u32;
  /** The next thing that the card does of its own accord: the sweep, or the exchange of state with other cards. */
  nextChorePs: i64;
  exchange: StateExchange;
  counters: usize;
  transit: Histogram;
  pingPong: Histogram;
}

export function cardCreate(pool: PacketPool, place: u32, index: u32, address: u32, firstVni: u32, fnicCount: u32, arm: ArmComplex, table: FlowTable): Card {
  const card = changetype<Card>(arenaAllocate(offsetof<Card>()));
  const step: (app: usize, untilPs: i64) => void = cardStep;
  card.step = step.index;
  card.place = place;
  card.pool = pool;
  card.index = index;
  card.address = address;
  card.ways = arenaAllocate(4 * CARD_COUNT_MAX);
  card.firstVni = firstVni;
  card.fnicCount = fnicCount;
  card.arm = arm;
  card.table = table;
  card.inputs = arenaAllocate(4 * CARD_PORT_COUNT_MAX);
  card.outputs = arenaAllocate(4 * CARD_PORT_COUNT_MAX);
  card.peerPorts = arenaAllocate(CARD_COUNT_MAX * CARD_PORT_COUNT_MAX);
  for (let entry: u32 = 0; entry < <u32>(CARD_COUNT_MAX * CARD_PORT_COUNT_MAX); entry++) store<u8>(card.peerPorts + entry, <u8>(entry % CARD_PORT_COUNT_MAX));
  card.fnics = arenaAllocate(4 * fnicCount);
  card.memory = changetype<CardMemory>(arenaAllocate(offsetof<CardMemory>()));
  card.counters = arenaAllocate(8 * CARD_COUNTER_COUNT);
  card.transit = histogramCreate();
  card.pingPong = histogramCreate();
  card.exchange = exchangeCreate(index);
  table.parts = arenaAllocateItems(fnicCount, offsetof<FnicPart>());
  card.msPs = PICOSECONDS_PER_MILLISECOND;
  card.nextSweepPs = SWEEP_STEP_PS;
  card.nextEpochMs = EPOCH_MS;
  card.nextChorePs = SWEEP_STEP_PS;
  card.nextEventPs = SWEEP_STEP_PS;
  return card;
}

// @ts-ignore: decorator
@inline
export function countCard(card: Card, counter: CardCounter): void {
  const address = card.counters + (<usize>counter << 3);
  store<u64>(address, load<u64>(address) + 1);
}

function cardStep(self: usize, untilPs: i64): void {
  const card = changetype<Card>(self);
  const arm = card.arm;
  let address = linksTake(card.inputs, card.portCount, untilPs);
  if (address != 0) pipelineParse(card, address);
  for (;;) {
    const inputPs = load<i64>(address);
    const ownPs = arm.nextDonePs < card.nextChorePs ? arm.nextDonePs : card.nextChorePs;
    // What is due at one instant is done before what arrives then: a core that is done makes room first.
    if (inputPs < ownPs) {
      const packet = changetype<Packet>(address);
      address = packet.next;
      advance(card, inputPs);
      pipelineReceive(card, packet);
      continue;
    }
    if (ownPs >= untilPs) {
      card.nextEventPs = ownPs;
      return;
    }
    advance(card, ownPs);
    if (arm.nextDonePs == ownPs) {
      countCard(card, CardCounter.armOperations);
      slowPathFinish(card, armFinish(arm), ownPs);
    } else {
      doChores(card, ownPs);
    }
  }
}

/** Lets flows age, and exchanges state with other cards. */
function doChores(card: Card, nowPs: i64): void {
  if (nowPs >= card.nextSweepPs) {
    flowAge(card.table, card.nowMs);
    card.nextSweepPs = nowPs + SWEEP_STEP_PS;
    if (<i32>(card.nowMs - card.nextEpochMs) >= 0) {
      tickEpoch(card.table);
      endGraces(card.table, card.fnicCount, card.nowMs);
      card.nextEpochMs += EPOCH_MS;
    }
    exchangeWake(card, nowPs);
  }
  if (nowPs >= card.exchange.nextPs) exchangeStep(card, nowPs);
  scheduleChores(card);
}

/** Everything in the card is lost: packets on its ARM cores, flows, and what was to be said to other cards. Its parts for fNICs are the control plane's. */
export function cardLoseAll(card: Card, nowPs: i64): void {
  for (let address = armLose(card.arm); address != 0; address = armLose(card.arm)) {
    const packet = changetype<Packet>(address);
    packet.arrivalPs = nowPs;
    dropPacket(card.pool, packet, card.place, DropReason.cardDown);
  }
  flowDeleteAll(card.table);
  for (let peer: u32 = 0; peer < <u32>CARD_COUNT_MAX; peer++) {
    if (peer != card.index) channelReset(channelTo(card, peer), 0);
  }
  card.exchange.nextPs = NEVER_PS;
  scheduleChores(card);
}

/** Notes when the next chore is due. */
export function scheduleChores(card: Card): void {
  const exchangePs = card.exchange.nextPs;
  card.nextChorePs = card.nextSweepPs < exchangePs ? card.nextSweepPs : exchangePs;
}

/** Moves the card's clock on to an event; events come in order of time. */
// @ts-ignore: decorator
@inline
function advance(card: Card, eventPs: i64): void {
  if (!ASC_NO_ASSERT) {
    assert(eventPs >= card.eventPs, 'events come in order of time');
    card.eventPs = eventPs;
  }
  if (eventPs < card.nextMsPs) return;
  const elapsedMs = eventPs / card.msPs;
  card.nowMs = <u32>elapsedMs + card.startMs;
  card.nextMsPs = (elapsedMs + 1) * card.msPs;
}

/** What the card's clock shows at a time. */
export function cardMs(card: Card, atPs: i64): u32 {
  return <u32>(atPs / card.msPs) + card.startMs;
}

/** Sets a card's clock before the first event. */
export function cardSetClock(card: Card, msPs: i64, startMs: u32): void {
  card.msPs = msPs;
  card.startMs = startMs;
  card.nowMs = startMs;
  card.nextMsPs = msPs;
  card.nextEpochMs = startMs + EPOCH_MS;
  card.table.sweptAtMs = startMs;
}

/** Takes a turn in the pipelines that reads no flow state: when it starts, or -1 when the input queue is full. */
// @ts-ignore: decorator
@inline
export function pipelineTurn(card: Card, nowPs: i64): i64 {
  const startPs = nowPs > card.mpuBusyUntilPs ? nowPs : card.mpuBusyUntilPs;
  if (startPs - nowPs > card.mpuQueuePs) return -1;
  card.mpuBusyUntilPs = startPs + card.mpuServicePs;
  return startPs;
}

/** What a packet's size adds to the latency of the reference packet; less than zero for a smaller one. */
// @ts-ignore: decorator
@inline
export function sizePs(card: Card, packet: Packet): i64 {
  return (<i64>(packet.frameBytes + FCS_BYTES) - <i64>REFERENCE_WIRE_BYTES) * card.psPerByte;
}

/** Hands a packet, with the record that was found for it, to its flow's ARM core, which it reaches `toArmPs` after its turn in the pipelines; drops it when the core's queue is full. */
export function punt(card: Card, packet: Packet, operation: ArmOperation, record: FlowRecord, startPs: i64): void {
  packet.flow = changetype<usize>(record);
  packet.operation = <u8>operation;
  packet.arrivalPs = startPs + card.toArmPs;
  if (armSubmit(card.arm, packet)) return;
  const isNew = operation == ArmOperation.newFlowPrimary;
  dropPacket(card.pool, packet, card.place, isNew ? DropReason.armNewFlowQueue : DropReason.armUpdateQueue);
}

/** The port by which a packet that came in by `port` reaches another card: the same, as long as that way is known to carry. */
// @ts-ignore: decorator
@inline
export function portTowards(card: Card, peer: u32, port: u32): u8 {
  return load<u8>(card.peerPorts + peer * CARD_PORT_COUNT_MAX + port);
}

/** Sends a packet, encapsulated already, by `packet.port`: the port through which it came, or for another card that of `portTowards`. */
// @ts-ignore: decorator
@inline
export function transmit(card: Card, packet: Packet, readyPs: i64): void {
  linkSend(changetype<Link>(load<usize>(card.outputs + (<usize>packet.port << 2))), packet, readyPs);
}
