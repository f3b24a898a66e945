import { App } from './app';
import { arenaAllocate } from './arena';
import { DropReason, IMPAIRMENT_COUNTER_COUNT, IMPAIRMENT_CHANCE_ONE, ImpairmentCounter } from './contract';
import { engineSetReceiver, engineSetSender } from './engine';
import { Link, linkSend, linksTake } from './link';
import { NEVER_PS, Packet, PacketPool, copyPacket, dropPacket, forgetHeaders, isControlPacket } from './packet';
import { Random, mix64 } from './random';

const LANE_COUNT_MAX: u32 = 2;
const ETHERNET_BYTES: u32 = 14;
/** Where an inner IPv4 header begins behind VXLAN and plain headers. */
const INNER_IPV4_OFFSET: u32 = 64;
const IPV4_BYTES: u32 = 20;
const BITS_PER_BYTE: u32 = 8;

/**
 * A cable that is not well: between two links each way it loses packets, doubles them, spoils them, and holds some of them back, so that others overtake
 * them. Chance comes from a seed of its own. What a flipped bit spoils is an IPv4 header, whose checksum tells: anywhere else the frame check sequence
 * would, which frames in memory don't have.
 */
@unmanaged
export class Impairment extends App {
  pool: PacketPool;
  laneCount: u32;
  /** Link pointers, one per lane. */
  inputs: usize;
  outputs: usize;
  randomState: u64;
  /** Chances in parts of IMPAIRMENT_CHANCE_ONE. */
  loss: u32;
  duplication: u32;
  corruption: u32;
  delay: u32;
  /** The longest that a packet is held back. */
  delayMaxPs: i64;
  /** Packets that are held back, in order of the time at which they go on. */
  held: usize;
  counters: usize;
}

export function impairmentCreate(pool: PacketPool, place: u32, seed: u64): Impairment {
  const app = changetype<Impairment>(arenaAllocate(offsetof<Impairment>()));
  const step: (app: usize, untilPs: i64) => void = impairmentStep;
  app.step = step.index;
  app.place = place;
  app.nextEventPs = NEVER_PS;
  app.pool = pool;
  app.randomState = mix64(seed);
  app.inputs = arenaAllocate(4 * LANE_COUNT_MAX);
  app.outputs = arenaAllocate(4 * LANE_COUNT_MAX);
  app.counters = arenaAllocate(8 * IMPAIRMENT_COUNTER_COUNT);
  return app;
}

/** Lets what comes by one link go on by another. */
export function impairmentAddLane(app: Impairment, input: Link, output: Link): void {
  assert(app.laneCount < LANE_COUNT_MAX);
  store<usize>(app.inputs + (app.laneCount << 2), changetype<usize>(input));
  store<usize>(app.outputs + (app.laneCount << 2), changetype<usize>(output));
  engineSetReceiver(input, app);
  engineSetSender(output, app);
  app.laneCount++;
}

/** Sets how likely each harm is; all zero: the cable is well again, and only what is held back comes late. */
export function impairmentSet(app: Impairment, loss: u32, duplication: u32, corruption: u32, delay: u32, delayMaxPs: i64): void {
  app.loss = loss;
  app.duplication = duplication;
  app.corruption = corruption;
  app.delay = delay;
  app.delayMaxPs = delayMaxPs;
}

/** Address of IMPAIRMENT_COUNTER_COUNT counters, u64 each, of packets that stand in the ledger. */
export function impairmentCounters(app: Impairment): usize {
  return app.counters;
}

function impairmentStep(self: usize, untilPs: i64): void {
  const app = changetype<Impairment>(self);
  let address = linksTake(app.inputs, app.laneCount, untilPs);
  for (;;) {
    const heldPs = load<i64>(app.held);
    if (heldPs < untilPs && heldPs <= load<i64>(address)) {
      const packet = changetype<Packet>(app.held);
      app.held = packet.next;
      send(app, packet);
    } else if (address != 0) {
      const packet = changetype<Packet>(address);
      address = packet.next;
      receive(app, packet);
    } else {
      break;
    }
  }
  app.nextEventPs = load<i64>(app.held);
}

function receive(app: Impairment, packet: Packet): void {
  if (happens(app, app.loss)) {
    count(app, packet, ImpairmentCounter.lost);
    return dropPacket(app.pool, packet, app.place, DropReason.impairment);
  }
  if (happens(app, app.duplication)) {
    const copy = copyPacket(app.pool, packet);
    if (copy != null) {
      count(app, packet, ImpairmentCounter.duplicated);
      pass(app, copy);
    }
  }
  pass(app, packet);
}

/** Lets a packet go on, spoilt or late if it has to be. */
function pass(app: Impairment, packet: Packet): void {
  if (happens(app, app.corruption)) corrupt(app, packet);
  if (!happens(app, app.delay)) return send(app, packet);
  count(app, packet, ImpairmentCounter.delayed);
  packet.arrivalPs += <i64>(Random.nextU64(state(app)) % <u64>(app.delayMaxPs + 1));
  hold(app, packet);
}

function hold(app: Impairment, packet: Packet): void {
  let before: usize = 0;
  let after = app.held;
  while (after != 0 && changetype<Packet>(after).arrivalPs <= packet.arrivalPs) {
    before = after;
    after = changetype<Packet>(after).next;
  }
  packet.next = after;
  if (before == 0) app.held = changetype<usize>(packet);
  else changetype<Packet>(before).next = changetype<usize>(packet);
}

function corrupt(app: Impairment, packet: Packet): void {
  const bit = <u32>(Random.nextU64(state(app)) >> 32);
  const spoilsInner = (bit & 1) != 0 && !isControlPacket(packet) && packet.frameBytes >= INNER_IPV4_OFFSET + IPV4_BYTES && load<u16>(packet.frame, INNER_IPV4_OFFSET - 2) == 8;
  const offset = (spoilsInner ? INNER_IPV4_OFFSET : ETHERNET_BYTES) + (bit >> 8) % IPV4_BYTES;
  const address = packet.frame + offset;
  store<u8>(address, load<u8>(address) ^ <u8>(<u32>1 << ((bit >> 1) % BITS_PER_BYTE)));
  count(app, packet, ImpairmentCounter.corrupted);
  forgetHeaders(packet);
}

// @ts-ignore: decorator
@inline
function send(app: Impairment, packet: Packet): void {
  linkSend(changetype<Link>(load<usize>(app.outputs + (<usize>packet.port << 2))), packet, packet.arrivalPs);
}

// @ts-ignore: decorator
@inline
function state(app: Impairment): usize {
  return changetype<usize>(app) + offsetof<Impairment>('randomState');
}

// @ts-ignore: decorator
@inline
function happens(app: Impairment, chance: u32): bool {
  if (chance == 0) return false;
  return <u32>(Random.nextU64(state(app)) >> 32) % <u32>IMPAIRMENT_CHANCE_ONE < chance;
}

/** What cards send one another on their own account stands in no ledger. */
function count(app: Impairment, packet: Packet, counter: ImpairmentCounter): void {
  if (isControlPacket(packet)) return;
  const address = app.counters + (<usize>counter << 3);
  store<u64>(address, load<u64>(address) + 1);
}
