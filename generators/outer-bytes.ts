import type { Encapsulation } from './profile.js';

/** Outer Ethernet, IPv4 and UDP with VXLAN, or GRE: what a tunnel adds to the inner frame, in bytes. */
export const OUTER_BYTES: Readonly<Record<Encapsulation, number>> = { vxlan: 50, nvgre: 42 };
