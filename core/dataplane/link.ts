import { arenaAllocate } from './arena';
import { capture } from './capture';
import { DropReason, FCS_BYTES, PREAMBLE_AND_GAP_BYTES } from './contract';
import { Packet, PacketPool, dropPacket } from './packet';

/**
 * One direction of a cable: packets leave one after another at the link's rate, wait in the sender's buffer until then, and
 * arrive whole after the link's latency. It is a queue linked through the packets, in order of arrival.
 */
@unmanaged
export class Link {
  head: usize;
  tail: usize;
  pool: PacketPool;
  place: u32;
  /** Number of the tap on it, from 1; 0 when there is none. */
  tap: u32;
  down: u32;
  /** Time to put one byte on the wire; 0 on an ideal link. */
  psPerByte: u32;
  latencyPs: i64;
  /** The longest that a packet may wait in the sender's buffer. */
  bufferPs: i64;
  busyUntilPs: i64;
  packets: u64;
  bytes: u64;
}

/** The wall clock's present: nothing is sent before it. Stays 0 under the virtual clock. */
let presentPs: i64 = 0;

export function linkSetPresent(nowPs: i64): void {
  presentPs = nowPs;
}

export function linkCreate(pool: PacketPool, place: u32, latencyPs: i64, psPerByte: u32, bufferPs: i64): Link {
  const link = changetype<Link>(arenaAllocate(offsetof<Link>()));
  link.pool = pool;
  link.place = place;
  link.latencyPs = latencyPs;
  link.psPerByte = psPerByte;
  link.bufferPs = bufferPs;
  return link;
}

/**
 * Sends a packet that is ready at `readyPs`, or drops and counts it when the link is down or its buffer is full.
 * Returns when its first bit went out, or -1 for a drop.
 */
export function linkSend(link: Link, packet: Packet, readyPs: i64): i64 {
  if (readyPs < presentPs) readyPs = presentPs;
  const startPs = readyPs > link.busyUntilPs ? readyPs : link.busyUntilPs;
  if (link.down | <u32>(startPs - readyPs > link.bufferPs)) {
    dropPacket(link.pool, packet, link.place, link.down ? DropReason.linkDown : DropReason.linkBuffer);
    return -1;
  }
  const wireBytes = packet.frameBytes + FCS_BYTES + PREAMBLE_AND_GAP_BYTES;
  const endPs = startPs + <i64>wireBytes * <i64>link.psPerByte;
  link.busyUntilPs = endPs;
  link.packets++;
  link.bytes += wireBytes;
  packet.arrivalPs = endPs + link.latencyPs;
  packet.next = 0;
  if (link.head == 0) link.head = changetype<usize>(packet);
  else changetype<Packet>(link.tail).next = changetype<usize>(packet);
  link.tail = changetype<usize>(packet);
  if (link.tap) capture(link.tap, startPs, packet.frame, packet.frameBytes);
  return startPs;
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
  return packet;
}
