import { App } from './app';
import { arenaAllocate } from './arena';
import { DropReason } from './contract';
import { engineSetReceiver, engineSetSender } from './engine';
import { Link, linkSend, linksTake } from './link';
import { Packet, PacketPool, dropPacket } from './packet';
import { headers, parseOuter } from './tunnel';

const SWITCH_PORT_COUNT_MAX: u32 = 16;
/** Underlay hosts that a switch has routes for: the low bits of their addresses. */
const ROUTE_COUNT: u32 = 4096;

/** A top-of-rack switch: forwards by outer destination address, one route per host of the underlay prefix. */
@unmanaged
export class Switch extends App {
  pool: PacketPool;
  underlayPrefix: u32;
  forwardingPs: i64;
  portCount: u32;
  /** Link pointers, one per port. */
  inputs: usize;
  outputs: usize;
  /** Link pointer per host, 0 for no route. */
  routes: usize;
}

export function switchCreate(pool: PacketPool, place: u32, underlayPrefix: u32, forwardingPs: i64): Switch {
  const app = changetype<Switch>(arenaAllocate(offsetof<Switch>()));
  const step: (app: usize, untilPs: i64) => void = switchStep;
  app.step = step.index;
  app.place = place;
  app.nextEventPs = i64.MAX_VALUE;
  app.pool = pool;
  app.underlayPrefix = underlayPrefix;
  app.forwardingPs = forwardingPs;
  app.inputs = arenaAllocate(4 * SWITCH_PORT_COUNT_MAX);
  app.outputs = arenaAllocate(4 * SWITCH_PORT_COUNT_MAX);
  app.routes = arenaAllocate(4 * ROUTE_COUNT);
  return app;
}

/** Adds a port and returns its number. */
export function switchAddPort(app: Switch, input: Link, output: Link): u32 {
  assert(app.portCount < SWITCH_PORT_COUNT_MAX);
  store<usize>(app.inputs + (app.portCount << 2), changetype<usize>(input));
  store<usize>(app.outputs + (app.portCount << 2), changetype<usize>(output));
  engineSetReceiver(input, app);
  engineSetSender(output, app);
  return app.portCount++;
}

export function switchSetRoute(app: Switch, address: u32, port: u32): void {
  assert((address & ~(ROUTE_COUNT - 1)) == app.underlayPrefix && port < app.portCount);
  store<usize>(routeOf(app, address & (ROUTE_COUNT - 1)), load<usize>(app.outputs + (port << 2)));
}

/** Packets for the address have no route from now on. */
export function switchClearRoute(app: Switch, address: u32): void {
  assert((address & ~(ROUTE_COUNT - 1)) == app.underlayPrefix);
  store<usize>(routeOf(app, address & (ROUTE_COUNT - 1)), 0);
}

// @ts-ignore: decorator
@inline
function routeOf(app: Switch, host: u32): usize {
  return app.routes + (<usize>host << 2);
}

function switchStep(self: usize, untilPs: i64): void {
  const app = changetype<Switch>(self);
  let address = linksTake(app.inputs, app.portCount, untilPs);
  while (address != 0) {
    const packet = changetype<Packet>(address);
    address = packet.next;
    forward(app, packet);
  }
}

// @ts-ignore: decorator
@inline
function forward(app: Switch, packet: Packet): void {
  let destination = packet.outerDestination;
  if (!ASC_NO_ASSERT) assert(destination == 0 || (parseOuter(packet.frame, packet.frameBytes) == DropReason.none && headers.outerDestination == destination));
  if (destination == 0) {
    const reason = parseOuter(packet.frame, packet.frameBytes);
    if (reason != DropReason.none) return dropPacket(app.pool, packet, app.place, reason);
    destination = headers.outerDestination;
  }
  const host = destination - app.underlayPrefix;
  const output: usize = host < ROUTE_COUNT ? load<usize>(routeOf(app, host)) : 0;
  if (output == 0) return dropPacket(app.pool, packet, app.place, DropReason.noRoute);
  linkSend(changetype<Link>(output), packet, packet.arrivalPs + app.forwardingPs);
}
