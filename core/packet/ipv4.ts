import { readU16, readU32, writeU16, writeU32 } from './bytes.js';
import { checksum, checksumIsGood } from './checksum.js';

/** IPv4 header without options (RFC 791). */
export const IPV4_BYTES = 20;

export const IpProtocol = { icmp: 1, tcp: 6, udp: 17, gre: 47, icmpv6: 58 } as const;

const Field = {
  versionAndLength: 0,
  trafficClass: 1,
  totalBytes: 2,
  identification: 4,
  fragment: 6,
  timeToLive: 8,
  protocol: 9,
  checksum: 10,
  source: 12,
  destination: 16,
} as const;

const DONT_FRAGMENT = 0x4000;

/** Made by `parseIpv4`: header and total length lie within the bytes. */
export class Ipv4View {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly offset: number,
  ) {}

  get headerBytes(): number {
    return ((this.bytes[this.offset] ?? 0) & 15) * 4;
  }

  get totalBytes(): number {
    return readU16(this.bytes, this.offset + Field.totalBytes);
  }

  /** DSCP and ECN. */
  get trafficClass(): number {
    return this.bytes[this.offset + Field.trafficClass] ?? 0;
  }

  get identification(): number {
    return readU16(this.bytes, this.offset + Field.identification);
  }

  get dontFragment(): boolean {
    return (readU16(this.bytes, this.offset + Field.fragment) & DONT_FRAGMENT) !== 0;
  }

  /** Whether this is a part of a packet: more fragments follow, or its own offset is not zero. */
  get isFragment(): boolean {
    return (readU16(this.bytes, this.offset + Field.fragment) & 0x3fff) !== 0;
  }

  get timeToLive(): number {
    return this.bytes[this.offset + Field.timeToLive] ?? 0;
  }

  get protocol(): number {
    return this.bytes[this.offset + Field.protocol] ?? 0;
  }

  get source(): number {
    return readU32(this.bytes, this.offset + Field.source);
  }

  get destination(): number {
    return readU32(this.bytes, this.offset + Field.destination);
  }

  get checksum(): number {
    return readU16(this.bytes, this.offset + Field.checksum);
  }

  get checksumIsGood(): boolean {
    return checksumIsGood(this.bytes.subarray(this.offset, this.payloadOffset));
  }

  get payloadOffset(): number {
    return this.offset + this.headerBytes;
  }

  /** Where the packet ends; padding of the frame lies behind. */
  get end(): number {
    return this.offset + this.totalBytes;
  }
}

export interface Ipv4Header {
  source: number;
  destination: number;
  protocol: number;
  /** Of header and payload. */
  totalBytes: number;
  timeToLive?: number;
  trafficClass?: number;
  identification?: number;
  dontFragment?: boolean;
}

/** `undefined` when it is not version 4, or its lengths do not fit the bytes or each other. */
export function parseIpv4(bytes: Uint8Array, offset: number): Ipv4View | undefined {
  if (offset + IPV4_BYTES > bytes.length || (bytes[offset] ?? 0) >>> 4 !== 4) return undefined;
  const view = new Ipv4View(bytes, offset);
  const fits =
    view.headerBytes >= IPV4_BYTES && view.headerBytes <= view.totalBytes && view.end <= bytes.length;
  return fits ? view : undefined;
}

/** Writes a header of 20 bytes with a right checksum and returns the offset after it. */
export function emitIpv4(bytes: Uint8Array, offset: number, header: Ipv4Header): number {
  const { timeToLive = 64, trafficClass = 0, identification = 0, dontFragment = true } = header;
  bytes[offset + Field.versionAndLength] = 0x45;
  bytes[offset + Field.trafficClass] = trafficClass;
  writeU16(bytes, offset + Field.totalBytes, header.totalBytes);
  writeU16(bytes, offset + Field.identification, identification);
  writeU16(bytes, offset + Field.fragment, dontFragment ? DONT_FRAGMENT : 0);
  bytes[offset + Field.timeToLive] = timeToLive;
  bytes[offset + Field.protocol] = header.protocol;
  writeU16(bytes, offset + Field.checksum, 0);
  writeU32(bytes, offset + Field.source, header.source);
  writeU32(bytes, offset + Field.destination, header.destination);
  writeU16(bytes, offset + Field.checksum, checksum(bytes.subarray(offset, offset + IPV4_BYTES)));
  return offset + IPV4_BYTES;
}
