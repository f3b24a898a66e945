import { readU16, readU32, writeU16, writeU32 } from './bytes.js';
import { checksum, checksumIsGood, pseudoHeaderSum } from './checksum.js';
import { IpProtocol } from './ipv4.js';

/** TCP header without options (RFC 9293). */
export const TCP_BYTES = 20;

export const TcpFlag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 } as const;

const Field = {
  sourcePort: 0,
  destinationPort: 2,
  sequence: 4,
  acknowledgement: 8,
  dataOffset: 12,
  flags: 13,
  window: 14,
  checksum: 16,
  urgent: 18,
} as const;

/** Made by `parseTcp`: the header with its options lies within the segment. */
export class TcpView {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly offset: number,
    /** Where the segment ends. */
    readonly end: number,
  ) {}

  get sourcePort(): number {
    return readU16(this.bytes, this.offset + Field.sourcePort);
  }

  get destinationPort(): number {
    return readU16(this.bytes, this.offset + Field.destinationPort);
  }

  get sequence(): number {
    return readU32(this.bytes, this.offset + Field.sequence);
  }

  get acknowledgement(): number {
    return readU32(this.bytes, this.offset + Field.acknowledgement);
  }

  get headerBytes(): number {
    return ((this.bytes[this.offset + Field.dataOffset] ?? 0) >>> 4) * 4;
  }

  /** Bits of `TcpFlag`. */
  get flags(): number {
    return this.bytes[this.offset + Field.flags] ?? 0;
  }

  get window(): number {
    return readU16(this.bytes, this.offset + Field.window);
  }

  get checksum(): number {
    return readU16(this.bytes, this.offset + Field.checksum);
  }

  /** As they are, opaque. */
  get options(): Uint8Array {
    return this.bytes.subarray(this.offset + TCP_BYTES, this.payloadOffset);
  }

  checksumIsGood(source: number | bigint, destination: number | bigint): boolean {
    const segment = this.bytes.subarray(this.offset, this.end);
    const header = { source, destination, protocol: IpProtocol.tcp, segmentBytes: segment.length };
    return checksumIsGood(segment, pseudoHeaderSum(header));
  }

  get payloadOffset(): number {
    return this.offset + this.headerBytes;
  }
}

export interface TcpHeader {
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgement: number;
  /** Bits of `TcpFlag`. */
  flags: number;
  window?: number;
  /** A multiple of four bytes, at most 40. */
  options?: Uint8Array;
}

/** `end` is where the IP packet ends; `undefined` when the header does not fit before it. */
export function parseTcp(bytes: Uint8Array, offset: number, end = bytes.length): TcpView | undefined {
  if (end > bytes.length || offset + TCP_BYTES > end) return undefined;
  const view = new TcpView(bytes, offset, end);
  return view.headerBytes >= TCP_BYTES && view.payloadOffset <= end ? view : undefined;
}

/** Writes header and options with checksum zero and returns the offset after them. */
export function emitTcp(bytes: Uint8Array, offset: number, header: TcpHeader): number {
  const { window = 0xffff, options = new Uint8Array(0) } = header;
  writeU16(bytes, offset + Field.sourcePort, header.sourcePort);
  writeU16(bytes, offset + Field.destinationPort, header.destinationPort);
  writeU32(bytes, offset + Field.sequence, header.sequence);
  writeU32(bytes, offset + Field.acknowledgement, header.acknowledgement);
  bytes[offset + Field.dataOffset] = ((TCP_BYTES + options.length) / 4) << 4;
  bytes[offset + Field.flags] = header.flags;
  writeU16(bytes, offset + Field.window, window);
  writeU32(bytes, offset + Field.checksum, 0);
  bytes.set(options, offset + TCP_BYTES);
  return offset + TCP_BYTES + options.length;
}

/** Fills in the checksum, once options and payload are in place up to `end`. */
export function updateTcpChecksum(
  bytes: Uint8Array,
  offset: number,
  { end, source, destination }: { end: number; source: number | bigint; destination: number | bigint },
): void {
  writeU16(bytes, offset + Field.checksum, 0);
  const segment = bytes.subarray(offset, end);
  const header = { source, destination, protocol: IpProtocol.tcp, segmentBytes: segment.length };
  writeU16(bytes, offset + Field.checksum, checksum(segment, pseudoHeaderSum(header)));
}
