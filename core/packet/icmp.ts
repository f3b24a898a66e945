import { readU16, writeU16 } from './bytes.js';
import { checksum, checksumIsGood, pseudoHeaderSum } from './checksum.js';
import { IpProtocol } from './ipv4.js';

/** ICMP echo (RFC 792) and ICMPv6 echo (RFC 4443): type 1, code 1, checksum 2, identifier 2, sequence number 2. */
export const ICMP_ECHO_BYTES = 8;

export const IcmpType = { echoReply: 0, echoRequest: 8, echoRequestV6: 128, echoReplyV6: 129 } as const;

const Field = { type: 0, code: 1, checksum: 2, identifier: 4, sequence: 6 } as const;

/** Addresses of the IPv6 packet, which ICMPv6 sums and ICMP does not. */
export interface IcmpAddresses {
  source: number | bigint;
  destination: number | bigint;
}

export class IcmpView {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly offset: number,
    /** Where the message ends. */
    readonly end: number,
  ) {}

  get type(): number {
    return this.bytes[this.offset + Field.type] ?? 0;
  }

  get code(): number {
    return this.bytes[this.offset + Field.code] ?? 0;
  }

  get checksum(): number {
    return readU16(this.bytes, this.offset + Field.checksum);
  }

  /** Of echo messages. */
  get identifier(): number {
    return readU16(this.bytes, this.offset + Field.identifier);
  }

  /** Of echo messages. */
  get sequence(): number {
    return readU16(this.bytes, this.offset + Field.sequence);
  }

  checksumIsGood(addresses: IcmpAddresses): boolean {
    const message = this.bytes.subarray(this.offset, this.end);
    return checksumIsGood(message, pseudoSum(addresses, message.length));
  }

  get payloadOffset(): number {
    return this.offset + ICMP_ECHO_BYTES;
  }
}

export interface IcmpEcho {
  /** One of `IcmpType`. */
  type: number;
  identifier: number;
  sequence: number;
}

export function parseIcmp(bytes: Uint8Array, offset: number, end = bytes.length): IcmpView | undefined {
  return end <= bytes.length && offset + ICMP_ECHO_BYTES <= end
    ? new IcmpView(bytes, offset, end)
    : undefined;
}

/** Writes the header of an echo message with checksum zero and returns the offset after it. */
export function emitIcmpEcho(bytes: Uint8Array, offset: number, echo: IcmpEcho): number {
  writeU16(bytes, offset + Field.type, echo.type << 8);
  writeU16(bytes, offset + Field.checksum, 0);
  writeU16(bytes, offset + Field.identifier, echo.identifier);
  writeU16(bytes, offset + Field.sequence, echo.sequence);
  return offset + ICMP_ECHO_BYTES;
}

/** Fills in the checksum, once the payload is in place up to `end`. */
export function updateIcmpChecksum(
  bytes: Uint8Array,
  offset: number,
  { end, ...addresses }: IcmpAddresses & { end: number },
): void {
  writeU16(bytes, offset + Field.checksum, 0);
  const message = bytes.subarray(offset, end);
  writeU16(bytes, offset + Field.checksum, checksum(message, pseudoSum(addresses, message.length)));
}

function pseudoSum({ source, destination }: IcmpAddresses, segmentBytes: number): number {
  if (typeof source === 'number') return 0;
  return pseudoHeaderSum({ source, destination, protocol: IpProtocol.icmpv6, segmentBytes });
}
