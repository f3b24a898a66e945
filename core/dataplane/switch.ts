import { App } from './app';
import { arenaAllocate } from './arena';
import { DropReason } from './contract';
import { Link, linkHeadPs, linkReceive, linkSend } from './link';
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
  /** One byte per host: port number plus one, 0 for no route. */
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
  app.routes = arenaAllocate(ROUTE_COUNT);
  return app;
}

/** Adds a port and returns its number. */
export function switchAddPort(app: Switch, input: Link, output: Link): u32 {
  assert(app.portCount < SWITCH_PORT_COUNT_MAX);
  store<usize>(app.inputs + (app.portCount << 2), changetype<usize>(input));
  store<usize>(app.outputs + (app.portCount << 2), changetype<usize>(output));
  return app.portCount++;
}

export function switchSetRoute(app: Switch, address: u32, port: u32): void {
  assert((address & ~(ROUTE_COUNT - 1)) == app.underlayPrefix && port < app.portCount);
  store<u8>(app.routes + (address & (ROUTE_COUNT - 1)), <u8>(port + 1));
}

/** Packets for the address have no route from now on. */
export function switchClearRoute(app: Switch, address: u32): void {
  assert((address & ~(ROUTE_COUNT - 1)) == app.underlayPrefix);
  store<u8>(app.routes + (address & (ROUTE_COUNT - 1)), 0);
}

function switchStep(self: usize, untilPs: i64): void {
  const app = changetype<Switch>(self);
  for (let port: u32 = 0; port < app.portCount; port++) chooseOutputs(app, changetype<Link>(load<usize>(app.inputs + (port << 2))), untilPs);
  for (;;) {
    const input = earliestInput(app.inputs, app.portCount, untilPs);
    if (input == 0) return;
    const packet = linkReceive(changetype<Link>(input));
    if (packet.operation != <u8>DropReason.none) {
      dropPacket(app.pool, packet, app.place, packet.operation);
      continue;
    }
    const output = changetype<Link>(load<usize>(app.outputs + (<usize>packet.port << 2)));
    linkSend(output, packet, packet.arrivalPs + app.forwardingPs);
  }
}

/** Decides, for the packets that an input gets before `untilPs` as one batch, which port they leave by or why they are dropped. */
function chooseOutputs(app: Switch, input: Link, untilPs: i64): void {
  for (let address = input.head; load<i64>(address) < untilPs; address = changetype<Packet>(address).next) {
    const packet = changetype<Packet>(address);
    let destination = packet.outerDestination;
    let reason = DropReason.none;
    if (!ASC_NO_ASSERT) assert(destination == 0 || (parseOuter(packet.frame, packet.frameBytes) == DropReason.none && headers.outerDestination == destination));
    if (destination == 0) {
      reason = parseOuter(packet.frame, packet.frameBytes);
      destination = headers.outerDestination;
    }
    if (reason == DropReason.none) {
      const inUnderlay = (destination & ~(ROUTE_COUNT - 1)) == app.underlayPrefix;
      const route: u32 = inUnderlay ? load<u8>(app.routes + (destination & (ROUTE_COUNT - 1))) : 0;
      packet.port = <u8>(route - 1);
      if (route == 0) reason = DropReason.noRoute;
    }
    packet.operation = <u8>reason;
  }
}

/** The link whose first packet arrives first and before `untilPs` (the lower port wins a tie), or 0. */
// @ts-ignore: decorator
@inline
export function earliestInput(inputs: usize, count: u32, untilPs: i64): usize {
  let earliest: usize = 0;
  let earliestPs = untilPs;
  for (let port: u32 = 0; port < count; port++) {
    const link = load<usize>(inputs + (port << 2));
    const arrivalPs = linkHeadPs(changetype<Link>(link));
    const isEarlier = arrivalPs < earliestPs;
    earliestPs = select(arrivalPs, earliestPs, isEarlier);
    earliest = select(link, earliest, isEarlier);
  }
  return earliest;
}
