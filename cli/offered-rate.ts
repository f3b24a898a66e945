import type { TrafficProfile } from '../generators/profile.js';

/** SYN, SYN-ACK, ACK, FIN, FIN-ACK, ACK (the paper, footnote 10). */
export const PACKETS_PER_CONNECTION = 6;

const OUTER_BYTES = { vxlan: 50, nvgre: 42 } as const;
const FCS_BYTES = 4;
const PREAMBLE_AND_GAP_BYTES = 20;

export type RateUnit = 'cps' | 'pps' | 'bps' | 'percent';

export interface OfferedRateOptions {
  value: number;
  unit: RateUnit;
  profile: Pick<TrafficProfile, 'encapsulation' | 'innerFrameBytes'>;
  /** Of one port. */
  lineRateBps: number;
}

/**
 * A rate in any unit as connections per second. `bps` counts frames with FCS, as the paper does (118 B for the smallest,
 * 176.5K CPS per Gbps); percent of line rate counts preamble and gap too, since they take time on the wire.
 */
export function offeredCps({ value, unit, profile, lineRateBps }: OfferedRateOptions): number {
  const frameBytes = profile.innerFrameBytes + OUTER_BYTES[profile.encapsulation] + FCS_BYTES;
  const bitsPerConnection = frameBytes * 8 * PACKETS_PER_CONNECTION;
  const wireBitsPerConnection = (frameBytes + PREAMBLE_AND_GAP_BYTES) * 8 * PACKETS_PER_CONNECTION;
  switch (unit) {
    case 'cps':
      return value;
    case 'pps':
      return value / PACKETS_PER_CONNECTION;
    case 'bps':
      return value / bitsPerConnection;
    case 'percent':
      return ((value / 100) * lineRateBps) / wireBitsPerConnection;
  }
}
