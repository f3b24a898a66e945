import { App } from './app';
import { arenaAllocate, arenaAllocateItems } from './arena';
import { CAPTURE_HEADER_BYTES } from './contract';
import { engineSetReceiver } from './engine';
import { Link, linkHeadPs, linkReceive } from './link';
import { Packet, PacketPool, poolGive } from './packet';

/** Where packets end that nobody of the data plane answers; it counts them as delivered, and keeps their bytes if it is asked to. */
@unmanaged
export class Sink extends App {
  pool: PacketPool;
  input: Link;
  delivered: u64;
  /** Slots as those of a capture, whose timestamp is the arrival. */
  records: usize;
  slotBytes: u32;
  recordCount: u32;
  recordCountMax: u32;
}

export function sinkCreate(pool: PacketPool, place: u32, input: Link): Sink {
  const app = changetype<Sink>(arenaAllocate(offsetof<Sink>()));
  const step: (app: usize, untilPs: i64) => void = sinkStep;
  app.step = step.index;
  app.place = place;
  app.nextEventPs = i64.MAX_VALUE;
  app.pool = pool;
  app.input = input;
  engineSetReceiver(input, app);
  return app;
}

export function sinkDelivered(app: Sink): u64 {
  return app.delivered;
}

/** Lets a sink keep the packets that come until they are taken, `capacity` at most; gives the address of the first. */
export function sinkRecord(app: Sink, capacity: u32, frameBytesMax: u32): usize {
  app.slotBytes = (CAPTURE_HEADER_BYTES + frameBytesMax + 15) & ~15;
  app.recordCountMax = capacity;
  app.records = arenaAllocateItems(capacity, app.slotBytes);
  return app.records;
}

export function sinkSlotSize(app: Sink): u32 {
  return app.slotBytes;
}

/** Makes room for those that come next; gives how many there were. */
export function sinkTakeRecorded(app: Sink): u32 {
  const count = app.recordCount;
  app.recordCount = 0;
  return count;
}

function sinkStep(self: usize, untilPs: i64): void {
  const app = changetype<Sink>(self);
  while (linkHeadPs(app.input) < untilPs) {
    const packet = linkReceive(app.input);
    if (app.recordCountMax != 0) record(app, packet);
    poolGive(app.pool, packet);
    app.delivered++;
  }
}

function record(app: Sink, packet: Packet): void {
  assert(app.recordCount < app.recordCountMax, 'what a sink keeps is taken before there is no room');
  if (app.recordCount == app.recordCountMax) return;
  const slot = app.records + app.recordCount * app.slotBytes;
  app.recordCount++;
  store<i64>(slot, packet.arrivalPs);
  store<u32>(slot, 0, 8);
  store<u32>(slot, packet.frameBytes, 12);
  memory.copy(slot + CAPTURE_HEADER_BYTES, packet.frame, packet.frameBytes);
}
