import { arenaAllocate, arenaAllocateItems } from './arena';
import { DROP_REASON_COUNT, DropReason, PACKET_HEADER_BYTES, PACKET_HEADROOM_BYTES, PLACE_COUNT_MAX } from './contract';
import { noteLoss } from './outage';

/** One packet: its own fields (64 bytes), then headroom, then the frame as it stands on the wire without the FCS. */
@unmanaged
export class Packet {
  /** When its last bit reached the app that holds it. First, so that it can be read of no packet at all: see `NEVER_PS`. */
  arrivalPs: i64;
  /** For the app that holds it; the card keeps the start of a ping-pong here, which travels with the packet. */
  stampPs: i64;
  /** Key and hash of the flow, kept by the card from its pipelines to its ARM cores. */
  flowLow: u64;
  flowHigh: u64;
  flowHash: u64;
  /** The next packet of whichever queue holds it. */
  next: usize;
  /** Address of the first byte of the frame. */
  frame: usize;
  frameBytes: u32;
  fnic: u16;
  /** Port of the app through which it came. */
  port: u8;
  /** For the app that holds it: the card keeps the ARM operation, the TCP flags, directions and the place of the inner frame here. */
  operation: u8;
  tcpFlags: u8;
  direction: u8;
  innerOffset: u8;
  /** For the app that holds it: the card keeps the number of the card that a replication packet came from here. */
  origin: u8;
  /** On a link: see `outerDestination`. For the app that holds it; the card keeps the flow's record here, as a hint. */
  flow: usize;

  /**
   * On a link: the outer destination address, when whoever wrote the frame knew it; 0 says that the frame must be read. Whoever
   * changes a frame's bytes otherwise calls `forgetHeaders`. Debug builds read every frame all the same, and compare.
   */
  // @ts-ignore: decorator
  @inline
  get outerDestination(): u32 {
    return <u32>this.flow;
  }

  // @ts-ignore: decorator
  @inline
  set outerDestination(address: u32) {
    this.flow = address;
  }

  /** See `describeFrame`. */
  // @ts-ignore: decorator
  @inline
  get tunnelEnds(): u64 {
    return <u64>this.stampPs;
  }

  // @ts-ignore: decorator
  @inline
  set tunnelEnds(ends: u64) {
    this.stampPs = <i64>ends;
  }
}

/** Bit of `direction`, on a link: `describeFrame` was called for the frame as it stands. */
export const FRAME_DESCRIBED: u32 = 32;

/**
 * Says of a tunnelled frame what a card reads of it, so that the next one need not: in fields that it then uses otherwise.
 * @param tunnelEnds the outer source address in the 32 bits above the 32 of the virtual network
 * @param source inner endpoint: the address in the 32 bits above the 16 of the port
 * @param innerOffset where the inner frame begins
 */
// @ts-ignore: decorator
@inline
export function describeFrame(packet: Packet, tunnelEnds: u64, source: u64, destination: u64, protocol: u32, tcpFlags: u32, innerOffset: u32): void {
  packet.direction = <u8>FRAME_DESCRIBED;
  packet.tunnelEnds = tunnelEnds;
  packet.flowLow = source;
  packet.flowHigh = destination;
  packet.fnic = <u16>protocol;
  packet.tcpFlags = <u8>tcpFlags;
  packet.innerOffset = <u8>innerOffset;
}

/**
 * As `describeFrame`, for a sender that has many frames which differ in ends and flags only.
 * @param ends inner endpoints, the source's in the lower half
 * @param alike address of the 16 bytes that `frameAlike` wrote
 */
// @ts-ignore: decorator
@inline
export function describeFrameAlike(packet: Packet, tunnelEnds: u64, ends: v128, alike: usize, tcpFlags: u32): void {
  const address = changetype<usize>(packet);
  packet.tunnelEnds = tunnelEnds;
  v128.store(address + offsetof<Packet>('flowLow'), ends);
  const described = i8x16.replace_lane(v128.load(alike), <u8>(offsetof<Packet>('tcpFlags') - offsetof<Packet>('frameBytes')), <i8>tcpFlags);
  v128.store(address + offsetof<Packet>('frameBytes'), described);
}

/** Writes what a packet's last 16 bytes are for all frames that differ in ends and flags only. */
export function frameAlike(alike: usize, frameBytes: u32, outerDestination: u32, protocol: u32, innerOffset: u32): void {
  const packet = changetype<Packet>(alike - offsetof<Packet>('frameBytes'));
  packet.frameBytes = frameBytes;
  packet.fnic = <u16>protocol;
  packet.direction = <u8>FRAME_DESCRIBED;
  packet.innerOffset = <u8>innerOffset;
  packet.outerDestination = outerDestination;
}

/** Nothing is known of the packet's frame: the next app has to read it. */
// @ts-ignore: decorator
@inline
export function forgetHeaders(packet: Packet): void {
  packet.outerDestination = 0;
  packet.direction = 0;
}

/**
 * Address 0 stands for no packet, and what lies there says that it never arrives: the arrival at the head of an empty queue is
 * read without asking whether it is empty.
 */
export const NEVER_PS: i64 = i64.MAX_VALUE;
store<i64>(0, NEVER_PS);

/** A first-in first-out queue of packets, linked through the packets themselves. */
@unmanaged
export class PacketQueue {
  head: usize;
  tail: usize;
  count: u32;
  countMax: u32;
}

// @ts-ignore: decorator
@inline
export function queuePush(queue: PacketQueue, packet: Packet): void {
  packet.next = 0;
  if (queue.head == 0) queue.head = changetype<usize>(packet);
  else changetype<Packet>(queue.tail).next = changetype<usize>(packet);
  queue.tail = changetype<usize>(packet);
  queue.count++;
}

/** When the first packet arrives, or NEVER_PS. */
// @ts-ignore: decorator
@inline
export function queueHeadPs(queue: PacketQueue): i64 {
  return load<i64>(queue.head);
}

/** Takes the first packet; the queue must not be empty. */
// @ts-ignore: decorator
@inline
export function queueShift(queue: PacketQueue): Packet {
  assert(queue.head != 0);
  const packet = changetype<Packet>(queue.head);
  queue.head = packet.next;
  queue.count--;
  return packet;
}

const CACHE_LINE_BYTES: u32 = 64;

/** Packets of one size, all laid out at start; the free ones form a stack, so that the warmest is used next. */
@unmanaged
export class PacketPool {
  free: usize;
  /** Packets taken and not yet given back. */
  outstanding: u32;
  capacity: u32;
  slotBytes: u32;
}

export function poolCreate(capacity: u32, frameBytesMax: u32): PacketPool {
  const pool = changetype<PacketPool>(arenaAllocate(offsetof<PacketPool>()));
  // An odd number of cache lines, so that the packets' own fields spread over all sets of the cache: a power of two would crowd them into a few.
  const slotBytes = ((PACKET_HEADER_BYTES + PACKET_HEADROOM_BYTES + frameBytesMax + CACHE_LINE_BYTES - 1) & ~(CACHE_LINE_BYTES - 1)) | CACHE_LINE_BYTES;
  pool.capacity = capacity;
  pool.slotBytes = slotBytes;
  let slot = arenaAllocateItems(capacity, slotBytes) + <usize>capacity * slotBytes;
  for (let i: u32 = 0; i < capacity; i++) {
    slot -= slotBytes;
    changetype<Packet>(slot).next = pool.free;
    pool.free = slot;
  }
  return pool;
}

/** A packet with its frame at the usual headroom, or null when all are out. */
// @ts-ignore: decorator
@inline
export function poolTake(pool: PacketPool): Packet | null {
  const packet = poolTakeUndescribed(pool);
  if (packet != null) forgetHeaders(packet);
  return packet;
}

/** As `poolTake`, for a sender that describes the frame itself: what stands in the packet's fields is of its last frame. */
// @ts-ignore: decorator
@inline
export function poolTakeUndescribed(pool: PacketPool): Packet | null {
  const slot = pool.free;
  if (slot == 0) return null;
  const packet = changetype<Packet>(slot);
  pool.free = packet.next;
  pool.outstanding++;
  packet.frame = slot + PACKET_HEADER_BYTES + PACKET_HEADROOM_BYTES;
  return packet;
}

// @ts-ignore: decorator
@inline
export function poolGive(pool: PacketPool, packet: Packet): void {
  assert(pool.outstanding > 0);
  packet.next = pool.free;
  pool.free = changetype<usize>(packet);
  pool.outstanding--;
}

/** Packets that cards send one another on their own account, large ones: they come from nobody's load and stand in no ledger of it. */
let controlPool: PacketPool = changetype<PacketPool>(0);
let controlFirst: usize = 0;
let controlBytes: usize = 0;
let controlDroppedCount: u64 = 0;

/** Lays the control packets out, once for the whole testbed. */
export function controlPoolCreate(capacity: u32, frameBytesMax: u32): PacketPool {
  controlPool = poolCreate(capacity, frameBytesMax);
  controlFirst = controlPool.free;
  controlBytes = <usize>capacity * controlPool.slotBytes;
  return controlPool;
}

export function controlTake(): Packet | null {
  return changetype<usize>(controlPool) == 0 ? null : poolTake(controlPool);
}

export function controlGive(packet: Packet): void {
  poolGive(controlPool, packet);
}

// @ts-ignore: decorator
@inline
export function isControlPacket(packet: Packet): bool {
  return changetype<usize>(packet) - controlFirst < controlBytes;
}

/** A second packet of the same bytes, of which is known what is known of the first; null when none is free. */
export function copyPacket(pool: PacketPool, packet: Packet): Packet | null {
  const copy = isControlPacket(packet) ? controlTake() : poolTake(pool);
  if (copy == null) return null;
  const frameOffset = packet.frame - changetype<usize>(packet);
  memory.copy(changetype<usize>(copy), changetype<usize>(packet), frameOffset + packet.frameBytes);
  copy.frame = changetype<usize>(copy) + frameOffset;
  return copy;
}

/** Control packets under way. */
export function controlOutstanding(): u32 {
  return changetype<usize>(controlPool) == 0 ? 0 : controlPool.outstanding;
}

/** Control packets dropped so far. */
export function controlDropped(): u64 {
  return controlDroppedCount;
}

/** Drops by place and reason, u64 each: half of the ledger. */
export const dropCounters: usize = memory.data(8 * DROP_REASON_COUNT * PLACE_COUNT_MAX, 64);

/** The packet's arrival is when it was lost. */
// @ts-ignore: decorator
@inline
export function dropPacket(pool: PacketPool, packet: Packet, place: u32, reason: DropReason): void {
  assert(place < <u32>PLACE_COUNT_MAX);
  if (isControlPacket(packet)) {
    controlDroppedCount++;
    return controlGive(packet);
  }
  const counter = dropCounters + (<usize>(place * DROP_REASON_COUNT + <u32>reason) << 3);
  store<u64>(counter, load<u64>(counter) + 1);
  droppedCount++;
  noteLoss(changetype<usize>(packet), packet.arrivalPs, <u32>reason);
  poolGive(pool, packet);
}

let droppedCount: u64 = 0;

/** Packets dropped so far, wherever and for whatever reason. */
export function droppedPackets(): u64 {
  return droppedCount;
}
