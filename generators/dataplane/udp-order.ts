import { arenaAllocate } from '../../core/dataplane/arena';
import { mix64 } from '../../core/dataplane/random';
import { UDP_FLOW_COUNT_MAX } from './generator-layout';

/**
 * One port's flows in a random order, without a list of them: a counter of k bits runs through all its values, each is scrambled
 * by a bijection of k-bit numbers (odd factors, and exclusive-or with its own high half), and what is not below `size` is
 * skipped. As 2^k < 2 size, that is less than one skip for each flow.
 */
@unmanaged
export class FlowWalk {
  size: u32;
  mask: u32;
  /** Half of k, rounded up. */
  shift: u32;
  counter: u32;
  offset: u32;
  firstFactor: u32;
  secondFactor: u32;
}

/**
 * The order in which flows are visited: in rounds, each of which meets every flow once, and each round in an order of its own. Ports
 * take turns, so that all links carry the same load; port p has the flows p, p + ports, p + 2 ports ...
 */
@unmanaged
export class FlowOrder {
  flowCount: u32;
  portCount: u32;
  /** Flows visited in this round. */
  position: u32;
  /** Rounds before this one: the number of the packet within its flow. */
  round: u32;
  /** Port of the next flow. */
  port: u32;
  walks: usize;
  seed: u64;
}

export function flowOrderCreate(flowCount: u32, portCount: u32, seed: u64): FlowOrder {
  assert(flowCount > 0 && flowCount <= <u32>UDP_FLOW_COUNT_MAX && portCount > 0);
  const order = changetype<FlowOrder>(arenaAllocate(offsetof<FlowOrder>()));
  order.flowCount = flowCount;
  order.portCount = portCount;
  order.seed = mix64(seed);
  order.walks = arenaAllocate(portCount * <u32>offsetof<FlowWalk>());
  for (let port: u32 = 0; port < portCount; port++) {
    const walk = walkOf(order, port);
    walk.size = port < flowCount ? (flowCount - port - 1) / portCount + 1 : 0;
    const bits: u32 = walk.size <= 1 ? 0 : 32 - <u32>clz<u32>(walk.size - 1);
    walk.mask = <u32>((<u64>1 << bits) - 1);
    walk.shift = bits <= 2 ? 1 : (bits + 1) >> 1;
  }
  flowOrderBegin(order, 0);
  return order;
}

// @ts-ignore: decorator
@inline
function walkOf(order: FlowOrder, port: u32): FlowWalk {
  return changetype<FlowWalk>(order.walks + port * <u32>offsetof<FlowWalk>());
}

/** Begins a round with an order of its own. */
export function flowOrderBegin(order: FlowOrder, round: u32): void {
  order.round = round;
  order.position = 0;
  order.port = 0;
  for (let port: u32 = 0; port < order.portCount; port++) {
    const walk = walkOf(order, port);
    const first = mix64(order.seed + (<u64>round << 4) + port);
    const second = mix64(first);
    walk.counter = 0;
    walk.offset = <u32>second;
    walk.firstFactor = <u32>first | 1;
    walk.secondFactor = <u32>(first >> 32) | 1;
  }
}

/** The next flow, as its number among those of port `order.port`; the caller then moves on with `flowOrderAdvance`. */
// @ts-ignore: decorator
@inline
export function flowOrderVisit(order: FlowOrder): u32 {
  const walk = walkOf(order, order.port);
  assert(walk.counter <= walk.mask);
  const mask = walk.mask;
  const shift = walk.shift;
  const size = walk.size;
  let counter = walk.counter;
  let flow: u32;
  do {
    flow = (counter++ + walk.offset) & mask;
    flow = (flow * walk.firstFactor) & mask;
    flow ^= flow >> shift;
    flow = (flow * 0x9e3779b1) & mask;
    flow ^= flow >> shift;
    flow = (flow * walk.secondFactor) & mask;
    flow ^= flow >> shift;
  } while (flow >= size);
  walk.counter = counter;
  return flow;
}

// @ts-ignore: decorator
@inline
export function flowOrderAdvance(order: FlowOrder): void {
  if (++order.port == order.portCount) order.port = 0;
  if (++order.position == order.flowCount) flowOrderBegin(order, order.round + 1);
}

/** The next flow's number among all, for tests. */
export function flowOrderNext(order: FlowOrder): u32 {
  const flow = flowOrderVisit(order) * order.portCount + order.port;
  flowOrderAdvance(order);
  return flow;
}
