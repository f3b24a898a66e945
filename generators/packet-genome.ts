import { usageError } from '../core/errors.js';

/** Sizes of packets in the order in which they are sent, over and over: a packet size, or a mix as a genome of RFC 6985. */
export interface PacketGenome {
  /** `64`, `imix` */
  name: string;
  /** Inner Ethernet frames with padding and without FCS, as the paper counts its 64 B: 118 B on the wire in VXLAN. */
  innerFrameBytes: readonly number[];
}

/** Ethernet, IPv4, UDP and the generator's 18 bytes take 60; the paper's smallest frame has 64. */
export const INNER_FRAME_BYTES_MIN = 64;
/** The largest of the IMIX. */
export const INNER_FRAME_BYTES_MAX = 1518;

/** The sizes of the ladder; any other from 64 to 1518 will do as well. */
export const PACKET_SIZES: readonly string[] = ['64', '128', '256', '512', '1024', '1500', 'imix'];

/**
 * Simple IMIX, 7 : 4 : 1 of 64, 570 and 1518 bytes (353.8 B on average), as a genome with RFC 6985's letters a = 64, g = 1518
 * and its custom A = 570. The sizes are inner frames here, so 1518 carries an IP packet of 1504 bytes.
 */
export const IMIX_GENOME = 'aAaaAaagAaaA';
const GENE_BYTES: Record<string, number> = { a: 64, A: 570, g: 1518 };

/**
 * Reads one packet size: a number of bytes, or `imix`.
 * @throws SiriusError (usage) naming the flag, the sizes that there are and what was got.
 */
export function parsePacketSize(text: string, { where = '--packet-size' } = {}): PacketGenome {
  const name = text.trim().toLowerCase();
  if (name === 'imix')
    return { name, innerFrameBytes: [...IMIX_GENOME].map((gene) => GENE_BYTES[gene] as number) };
  const bytes = /^\d+b?$/.test(name) ? Number.parseInt(name, 10) : Number.NaN;
  if (bytes >= INNER_FRAME_BYTES_MIN && bytes <= INNER_FRAME_BYTES_MAX)
    return { name: String(bytes), innerFrameBytes: [bytes] };
  throw usageError({
    code: 'packet-size',
    where,
    expected: `an inner frame of ${INNER_FRAME_BYTES_MIN} to ${INNER_FRAME_BYTES_MAX} bytes, or imix`,
    got: `"${text}"`,
    hint: `Usual ones are ${PACKET_SIZES.join(', ')}.`,
  });
}

export function meanInnerFrameBytes({ innerFrameBytes }: PacketGenome): number {
  return innerFrameBytes.reduce((sum, bytes) => sum + bytes, 0) / innerFrameBytes.length;
}
