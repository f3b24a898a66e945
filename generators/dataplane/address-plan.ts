import { mix64, Random } from '../../core/dataplane/random';

/**
 * Who connects to whom. Connection k belongs to fNIC k mod count; within its fNIC its client endpoint is number (offset + j * stride)
 * mod capacity, a walk that meets every endpoint once before it meets one again (stride and capacity have no common factor).
 * Sequential plans walk with stride 1.
 */
@unmanaged
export class AddressPlan {
  fnicCount: u32;
  clientFirstAddress: u32;
  clientAddressesPerFnic: u32;
  clientFirstPort: u32;
  clientPortCount: u32;
  clientEndpoint: u32;
  clientStride: u32;
  clientEndpointCount: u32;
  serverFirstAddress: u32;
  serverAddressCount: u32;
  serverFirstPort: u32;
  serverPortCount: u32;
  serverEndpoint: u32;
  serverRandom: u32;
  nextFnic: u32;
  randomState: u64;
}

/** Moves on to the next connection's fNIC and endpoints. */
// @ts-ignore: decorator
@inline
export function planAdvance(plan: AddressPlan): void {
  if (++plan.nextFnic == plan.fnicCount) {
    plan.nextFnic = 0;
    // The sum may pass 2^32: subtract before adding.
    const room = plan.clientEndpointCount - plan.clientEndpoint;
    plan.clientEndpoint = plan.clientStride >= room ? plan.clientStride - room : plan.clientEndpoint + plan.clientStride;
  }
  const serverEndpointCount = plan.serverAddressCount * plan.serverPortCount;
  if (plan.serverRandom) {
    const random = Random.nextU64(changetype<usize>(plan) + offsetof<AddressPlan>('randomState'));
    plan.serverEndpoint = <u32>(((random >> 32) * <u64>serverEndpointCount) >> 32);
  } else if (++plan.serverEndpoint >= serverEndpointCount) {
    plan.serverEndpoint = 0;
  }
}

function greatestCommonDivisor(a: u32, b: u32): u32 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/** Starts the walk: with stride 1 from the first endpoint, or from a seeded place with a seeded stride. */
export function planStart(plan: AddressPlan, clientRandom: u32, serverRandom: u32, seed: u64): void {
  plan.clientEndpointCount = plan.clientAddressesPerFnic * plan.clientPortCount;
  plan.clientStride = 1;
  plan.clientEndpoint = 0;
  plan.serverRandom = serverRandom;
  plan.randomState = mix64(seed);
  if (!clientRandom) return;
  const count = <u64>plan.clientEndpointCount;
  plan.clientEndpoint = <u32>(mix64(seed + 1) % count);
  let stride = <u32>(mix64(seed + 2) % count);
  while (stride == 0 || greatestCommonDivisor(plan.clientEndpointCount, stride) != 1) stride = stride + 1 >= <u32>count ? 1 : stride + 1;
  plan.clientStride = stride;
}
