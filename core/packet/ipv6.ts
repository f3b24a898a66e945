import { readU16, readU32, readU128, writeU16, writeU32, writeU128 } from './bytes.js';

/** IPv6 header (RFC 8200). Extension headers are not walked: `nextHeader` is the first one's number. */
export const IPV6_BYTES = 40;

const Field = {
  versionAndFlow: 0,
  payloadBytes: 4,
  nextHeader: 6,
  hopLimit: 7,
  source: 8,
  destination: 24,
} as const;

/** Made by `parseIpv6`: the payload lies within the bytes. */
export class Ipv6View {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly offset: number,
  ) {}

  get trafficClass(): number {
    return (readU32(this.bytes, this.offset) >>> 20) & 0xff;
  }

  get flowLabel(): number {
    return readU32(this.bytes, this.offset) & 0xfffff;
  }

  get payloadBytes(): number {
    return readU16(this.bytes, this.offset + Field.payloadBytes);
  }

  get nextHeader(): number {
    return this.bytes[this.offset + Field.nextHeader] ?? 0;
  }

  get hopLimit(): number {
    return this.bytes[this.offset + Field.hopLimit] ?? 0;
  }

  get source(): bigint {
    return readU128(this.bytes, this.offset + Field.source);
  }

  get destination(): bigint {
    return readU128(this.bytes, this.offset + Field.destination);
  }

  get payloadOffset(): number {
    return this.offset + IPV6_BYTES;
  }

  get end(): number {
    return this.payloadOffset + this.payloadBytes;
  }
}

export interface Ipv6Header {
  source: bigint;
  destination: bigint;
  nextHeader: number;
  payloadBytes: number;
  hopLimit?: number;
  trafficClass?: number;
  flowLabel?: number;
}

/** `undefined` when it is not version 6 or its payload does not fit the bytes. */
export function parseIpv6(bytes: Uint8Array, offset: number): Ipv6View | undefined {
  if (offset + IPV6_BYTES > bytes.length || (bytes[offset] ?? 0) >>> 4 !== 6) return undefined;
  const view = new Ipv6View(bytes, offset);
  return view.end <= bytes.length ? view : undefined;
}

/** Writes the header at `offset` and returns the offset after it. */
export function emitIpv6(bytes: Uint8Array, offset: number, header: Ipv6Header): number {
  const { hopLimit = 64, trafficClass = 0, flowLabel = 0 } = header;
  writeU32(bytes, offset + Field.versionAndFlow, ((6 << 28) | (trafficClass << 20) | flowLabel) >>> 0);
  writeU16(bytes, offset + Field.payloadBytes, header.payloadBytes);
  bytes[offset + Field.nextHeader] = header.nextHeader;
  bytes[offset + Field.hopLimit] = hopLimit;
  writeU128(bytes, offset + Field.source, header.source);
  writeU128(bytes, offset + Field.destination, header.destination);
  return offset + IPV6_BYTES;
}
