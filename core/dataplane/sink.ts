import { App } from './app';
import { arenaAllocate } from './arena';
import { engineSetReceiver } from './engine';
import { Link, linkHeadPs, linkReceive } from './link';
import { PacketPool, poolGive } from './packet';

/** Where packets end that nobody answers; it counts them as delivered. */
@unmanaged
export class Sink extends App {
  pool: PacketPool;
  input: Link;
  delivered: u64;
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

function sinkStep(self: usize, untilPs: i64): void {
  const app = changetype<Sink>(self);
  while (linkHeadPs(app.input) < untilPs) {
    poolGive(app.pool, linkReceive(app.input));
    app.delivered++;
  }
}
