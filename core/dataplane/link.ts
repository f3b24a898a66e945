import { arenaAllocate } from './arena';
import { capture } from './capture';
import { DropReason, FCS_BYTES, PACKET_HEADER_BYTES, PREAMBLE_AND_GAP_BYTES } from './contract';
import { Packet, PacketPool, dropPacket, forgetHeaders } from './packet';

/**
 * One direction of a cable: packets leave one after another at the link's rate, wait in the sender's buffer until then, and
 * arrive whole after the link's latency. It is a queue linked through the packets, in order of arrival.
 */
@unmanaged
export class Link {
  /** First, so that an empty link can pass for the packet before its first one: see `linkEmptied`. */
  head: usize;
  /** The last packet, or what passes for it. */
  tail: usize;
  pool: PacketPool;
  place: u16;
  /** Number of the tap on it, from 1; 0 when there is none. */
  tap: u8;
  tapsArrival: u8;
  down: u8;
  /** Time to put one byte on the wire; 0 on an ideal link. */
  psPerByte: u32;
  latencyPs: i64;
  /** The longest that a packet may wait in the sender's buffer without a second look; below zero when each needs one. */
  plainWaitPs: i64;
  busyUntilPs: i64;
  /** The longest that a packet may wait in the sender's buffer. */
  bufferPs: i64;
  /** Of the engine: the app that sends into it (0: none that the engine steps), the least time from an event there to the arrival of the packet that it sends for it, and the next of the links that lead to the same app. */
  sender: usize;
  nextInput: usize;
  aheadPs: i64;
}

const NO_WAIT_IS_PLAIN: i64 = -1;

/** The wall clock's present: nothing is sent before it. Stays 0 under the virtual clock. */
let presentPs: i64 = 0;

export function linkSetPresent(nowPs: i64): void {
  presentPs = nowPs;
}

/** From now on the link's packets are sent in the present: it is stepped by the wall clock. */
export function linkSetWall(link: Link): void {
  link.plainWaitPs = NO_WAIT_IS_PLAIN;
}

/** Captures what passes, with the time at which it leaves or, at the receiver's end, at which it has arrived. */
export function linkSetTap(link: Link, tap: u32, atArrival: u32): void {
  link.tap = <u8>tap;
  link.tapsArrival = <u8>atArrival;
  link.plainWaitPs = NO_WAIT_IS_PLAIN;
}

/** Cuts a link, or joins it again. What is on the wire of a link that is cut is lost. */
export function linkSetDown(link: Link, down: u32): void {
  link.down = <u8>down;
  link.plainWaitPs = down || link.tap || presentPs != 0 ? NO_WAIT_IS_PLAIN : link.bufferPs;
  if (down) linkLose(link);
}

export function linkCreate(pool: PacketPool, place: u32, latencyPs: i64, psPerByte: u32, bufferPs: i64): Link {
  const link = changetype<Link>(arenaAllocate(offsetof<Link>()));
  linkEmptied(link);
  link.pool = pool;
  link.place = <u16>place;
  link.latencyPs = latencyPs;
  link.aheadPs = latencyPs;
  link.psPerByte = psPerByte;
  link.bufferPs = bufferPs;
  link.plainWaitPs = bufferPs;
  return link;
}

/**
 * Sends a packet that is ready at `readyPs`, or drops and counts it when the link is down or its buffer is full.
 * Returns when its first bit went out, or -1 for a drop.
 */
// @ts-ignore: decorator
@inline
export function linkSend(link: Link, packet: Packet, readyPs: i64): i64 {
  const busyUntilPs = link.busyUntilPs;
  const startPs = select(busyUntilPs, readyPs, busyUntilPs > readyPs);
  if (startPs - readyPs > link.plainWaitPs) return sendWithCare(link, packet, readyPs);
  put(link, packet, startPs);
  return startPs;
}

/** Puts a packet on the wire. */
// @ts-ignore: decorator
@inline
function put(link: Link, packet: Packet, startPs: i64): void {
  const wireBytes = packet.frameBytes + FCS_BYTES + PREAMBLE_AND_GAP_BYTES;
  const endPs = startPs + <i64>wireBytes * <i64>link.psPerByte;
  link.busyUntilPs = endPs;
  packet.arrivalPs = endPs + link.latencyPs;
  packet.next = 0;
  changetype<Packet>(link.tail).next = changetype<usize>(packet);
  link.tail = changetype<usize>(packet);
}

/** Sends what `linkSend` does not without a second look: the buffer is full, the link is down, tapped or of the wall clock. */
function sendWithCare(link: Link, packet: Packet, readyPs: i64): i64 {
  if (presentPs != 0) readyPs = sendInThePresent(packet, readyPs);
  const startPs = link.busyUntilPs > readyPs ? link.busyUntilPs : readyPs;
  if (link.down || startPs - readyPs > link.bufferPs) {
    refuse(link, packet, readyPs);
    return -1;
  }
  put(link, packet, startPs);
  if (link.tap) capture(link.tap, link.tapsArrival ? packet.arrivalPs : startPs, packet.frame, packet.frameBytes);
  return startPs;
}

function refuse(link: Link, packet: Packet, readyPs: i64): void {
  packet.arrivalPs = readyPs;
  dropPacket(link.pool, packet, link.place, link.down ? DropReason.linkDown : DropReason.linkBuffer);
}

/** Under the wall clock nothing is sent before the present, and the work is what is measured: every app reads every frame itself. */
function sendInThePresent(packet: Packet, readyPs: i64): i64 {
  forgetHeaders(packet);
  return readyPs > presentPs ? readyPs : presentPs;
}

/** Drops all packets that are under way. */
export function linkLose(link: Link): void {
  while (link.head != 0) dropPacket(link.pool, linkReceive(link), link.place, DropReason.linkDown);
}

/** When the first packet arrives, or NEVER_PS when there is none. */
// @ts-ignore: decorator
@inline
export function linkHeadPs(link: Link): i64 {
  return load<i64>(link.head);
}

/** Takes the first packet; the link must not be empty. */
// @ts-ignore: decorator
@inline
export function linkReceive(link: Link): Packet {
  assert(link.head != 0);
  const packet = changetype<Packet>(link.head);
  link.head = packet.next;
  if (packet.next == 0) linkEmptied(link);
  return packet;
}

/** Makes the link's own head the `next` of what passes for its last packet: a packet is added to an empty link as to any other, without asking. */
// @ts-ignore: decorator
@inline
function linkEmptied(link: Link): void {
  link.tail = changetype<usize>(link) + offsetof<Link>('head') - offsetof<Packet>('next');
}

/**
 * Takes what arrives before `untilPs` by any of `count` links (an array of pointers), as one list in order of arrival, those of the
 * lower link first at one instant. The list is linked through the packets and ends with 0; `port` says by which link each came.
 */
export function linksTake(links: usize, count: u32, untilPs: i64): usize {
  if (count < 2) return count == 0 ? 0 : linkTake(linkAt(links, 0), 0, untilPs);
  let list = linkPairTake(linkAt(links, 0), linkAt(links, 1), untilPs);
  for (let port: u32 = 2; port < count; port++) {
    const taken = linkTake(linkAt(links, port), port, untilPs);
    if (taken != 0) list = list == 0 ? taken : mergeLists(list, taken);
  }
  return list;
}

// @ts-ignore: decorator
@inline
function linkAt(links: usize, port: u32): Link {
  return changetype<Link>(load<usize>(links + (port << 2)));
}

/** Whether anything arrives before `untilPs` by any of `count` links. */
// @ts-ignore: decorator
@inline
export function linksHavePacket(links: usize, count: u32, untilPs: i64): bool {
  for (let port: u32 = 0; port < count; port++) {
    if (linkHeadPs(changetype<Link>(load<usize>(links + (port << 2)))) < untilPs) return true;
  }
  return false;
}

// @ts-ignore: decorator
@inline
function linkTake(link: Link, port: u32, untilPs: i64): usize {
  const first = link.head;
  if (load<i64>(first) >= untilPs) return 0;
  let last = first;
  let next: usize;
  for (;;) {
    changetype<Packet>(last).port = <u8>port;
    next = changetype<Packet>(last).next;
    if (load<i64>(next) >= untilPs) break;
    last = next;
  }
  changetype<Packet>(last).next = 0;
  link.head = next;
  if (next == 0) linkEmptied(link);
  return first;
}

/** Where a merged list begins: its `next` is all that is used of it. */
const mergeStart: usize = memory.data(PACKET_HEADER_BYTES, 64);

/** Takes from links 0 and 1. Selected, not branched: which packet comes first cannot be guessed. */
// @ts-ignore: decorator
@inline
function linkPairTake(linkA: Link, linkB: Link, untilPs: i64): usize {
  let a = linkA.head;
  let b = linkB.head;
  let last = mergeStart;
  for (;;) {
    const aPs = load<i64>(a);
    const bPs = load<i64>(b);
    const takesB = bPs < aPs;
    if (select(bPs, aPs, takesB) >= untilPs) break;
    const earliest = select(b, a, takesB);
    const next = changetype<Packet>(earliest).next;
    changetype<Packet>(earliest).port = <u8>takesB;
    a = select(a, next, takesB);
    b = select(next, b, takesB);
    changetype<Packet>(last).next = earliest;
    last = earliest;
  }
  changetype<Packet>(last).next = 0;
  linkA.head = a;
  linkB.head = b;
  if (a == 0) linkEmptied(linkA);
  if (b == 0) linkEmptied(linkB);
  return changetype<Packet>(mergeStart).next;
}

/** Merges two lists in order of arrival, the first one's packets before the second's at one instant. Selected, not branched: which comes first cannot be guessed. */
function mergeLists(a: usize, b: usize): usize {
  let last = mergeStart;
  while (a != 0 && b != 0) {
    const takesB = load<i64>(b) < load<i64>(a);
    const earliest = select(b, a, takesB);
    const next = changetype<Packet>(earliest).next;
    a = select(a, next, takesB);
    b = select(next, b, takesB);
    changetype<Packet>(last).next = earliest;
    last = earliest;
  }
  changetype<Packet>(last).next = a | b;
  return changetype<Packet>(mergeStart).next;
}
