import { readU16, writeU16 } from './bytes.js';
import { checksum, checksumIsGood, pseudoHeaderSum } from './checksum.js';
import { IpProtocol } from './ipv4.js';

/** UDP header (RFC 768): source port 2, destination port 2, length 2, checksum 2. */
export const UDP_BYTES = 8;

const Field = { sourcePort: 0, destinationPort: 2, length: 4, checksum: 6 } as const;

/** Made by `parseUdp`: the length field lies within the segment. */
export class UdpView {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly offset: number,
  ) {}

  get sourcePort(): number {
    return readU16(this.bytes, this.offset + Field.sourcePort);
  }

  get destinationPort(): number {
    return readU16(this.bytes, this.offset + Field.destinationPort);
  }

  /** Of header and payload. */
  get segmentBytes(): number {
    return readU16(this.bytes, this.offset + Field.length);
  }

  /** Zero: not computed. */
  get checksum(): number {
    return readU16(this.bytes, this.offset + Field.checksum);
  }

  /** Zero counts as good over IPv4 (RFC 768), not over IPv6 (RFC 8200, 8.1). */
  checksumIsGood(source: number | bigint, destination: number | bigint): boolean {
    if (this.checksum === 0) return typeof source === 'number';
    const { segmentBytes } = this;
    const sum = pseudoHeaderSum({ source, destination, protocol: IpProtocol.udp, segmentBytes });
    return checksumIsGood(this.bytes.subarray(this.offset, this.offset + segmentBytes), sum);
  }

  get payloadOffset(): number {
    return this.offset + UDP_BYTES;
  }

  get end(): number {
    return this.offset + this.segmentBytes;
  }
}

export interface UdpHeader {
  sourcePort: number;
  destinationPort: number;
  /** Of header and payload. */
  segmentBytes: number;
}

/** `end` is where the IP packet ends; `undefined` when header or length do not fit before it. */
export function parseUdp(bytes: Uint8Array, offset: number, end = bytes.length): UdpView | undefined {
  if (end > bytes.length || offset + UDP_BYTES > end) return undefined;
  const view = new UdpView(bytes, offset);
  return view.segmentBytes >= UDP_BYTES && view.end <= end ? view : undefined;
}

/** Writes a header with checksum zero ("not computed") and returns the offset after it. */
export function emitUdp(bytes: Uint8Array, offset: number, header: UdpHeader): number {
  writeU16(bytes, offset + Field.sourcePort, header.sourcePort);
  writeU16(bytes, offset + Field.destinationPort, header.destinationPort);
  writeU16(bytes, offset + Field.length, header.segmentBytes);
  writeU16(bytes, offset + Field.checksum, 0);
  return offset + UDP_BYTES;
}

/** Fills in the checksum, once the payload is in place; a sum of zero is sent as all ones (RFC 768). */
export function updateUdpChecksum(
  bytes: Uint8Array,
  offset: number,
  { source, destination }: { source: number | bigint; destination: number | bigint },
): void {
  const segmentBytes = readU16(bytes, offset + Field.length);
  writeU16(bytes, offset + Field.checksum, 0);
  const sum = pseudoHeaderSum({ source, destination, protocol: IpProtocol.udp, segmentBytes });
  writeU16(
    bytes,
    offset + Field.checksum,
    checksum(bytes.subarray(offset, offset + segmentBytes), sum) || 0xffff,
  );
}
