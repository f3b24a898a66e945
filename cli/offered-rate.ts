import { FCS_BYTES, PREAMBLE_AND_GAP_BYTES } from '../core/dataplane/contract.js';
import type { RateUnit } from '../core/units.js';
import type { TrafficProfile } from '../generators/profile.js';
import { frameBytesOf } from '../generators/tcp-generator.js';

/** SYN, SYN-ACK, ACK, FIN, FIN-ACK, ACK (the paper, footnote 10). */
export const PACKETS_PER_CONNECTION = 6;

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
  const frameBytes = frameBytesOf(profile) + FCS_BYTES;
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
