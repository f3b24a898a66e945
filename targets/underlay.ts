import type { TunnelEnds } from '../core/testbed.js';

/**
 * Addresses of the testbed's own network, out of the shared address space of RFC 6598: 100.64.0.0/20. Ethernet addresses are
 * locally administered, with the IPv4 address in their low 32 bits.
 */
export const UNDERLAY_PREFIX = 0x6440_0000;

/** The generator has a port at each of the two ToR switches (Figure 9a); wired to itself it has as many. */
export const GENERATOR_PORT_COUNT = 2;

/** fNICs that the address plan has room for. */
export const UNDERLAY_FNIC_COUNT_MAX = 1024;

const CARD_FIRST = UNDERLAY_PREFIX + 0x001;
const VIRTUAL_FIRST = UNDERLAY_PREFIX + 0x400;
const HOST_FIRST = UNDERLAY_PREFIX + 0x800;
const NETWORK_FIRST = UNDERLAY_PREFIX + 0xc00;
const SWITCH_MAC = macOf(UNDERLAY_PREFIX);

export function cardAddress(card: number): number {
  return CARD_FIRST + card;
}

export function tunnelEndsOf(fnic: number): TunnelEnds {
  const hostAddress = HOST_FIRST + fnic;
  const networkAddress = NETWORK_FIRST + fnic;
  return {
    virtualAddress: VIRTUAL_FIRST + fnic,
    hostAddress,
    networkAddress,
    switchMac: SWITCH_MAC,
    hostMac: macOf(hostAddress),
    networkMac: macOf(networkAddress),
  };
}

export function macOf(address: number): bigint {
  return 0x0200_0000_0000n | BigInt(address);
}
