import { readU16 } from './bytes.js';

/** The Internet checksum (RFC 1071) of some bytes, as the number that goes into the field. */
export function checksum(bytes: Uint8Array, initialSum = 0): number {
  return ~foldSum(sumWords(bytes, initialSum)) & 0xffff;
}

/** Whether bytes with their checksum field filled in are good: their sum is all ones. */
export function checksumIsGood(bytes: Uint8Array, initialSum = 0): boolean {
  return foldSum(sumWords(bytes, initialSum)) === 0xffff;
}

export interface PseudoHeader {
  /** A number is IPv4 (RFC 9293, 3.1), a bigint IPv6 (RFC 8200, 8.1). */
  source: number | bigint;
  destination: number | bigint;
  protocol: number;
  /** Of the TCP, UDP or ICMPv6 header and what follows it. */
  segmentBytes: number;
}

/** What TCP, UDP and ICMPv6 sum beyond their own bytes: to be handed to `checksum` as the initial sum. */
export function pseudoHeaderSum({ source, destination, protocol, segmentBytes }: PseudoHeader): number {
  return (
    addressSum(source) + addressSum(destination) + protocol + (segmentBytes >>> 16) + (segmentBytes & 0xffff)
  );
}

/** Words of 16 bits in network order; an odd last byte counts as if followed by zero. */
function sumWords(bytes: Uint8Array, initialSum: number): number {
  let sum = initialSum;
  const even = bytes.length & ~1;
  for (let i = 0; i < even; i += 2) sum += readU16(bytes, i);
  return bytes.length === even ? sum : sum + (bytes[even] ?? 0) * 256;
}

function foldSum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 0x10000) + Math.floor(folded / 0x10000);
  return folded;
}

function addressSum(address: number | bigint): number {
  if (typeof address === 'number') return (address >>> 16) + (address & 0xffff);
  let sum = 0;
  for (let rest = address; rest > 0n; rest >>= 16n) sum += Number(rest & 0xffffn);
  return sum;
}
