import { checksumAdd } from './checksum';

/** IPv6 header (RFC 8200). An address is two numbers of 64 bits, in host order. Extension headers are not walked. */
export const IPV6_BYTES: u32 = 40;
export const PROTOCOL_ICMPV6: u32 = 58;

export namespace Ipv6 {
  // @ts-ignore: decorator
  @inline
  export function version(header: usize): u32 {
    return <u32>load<u8>(header) >> 4;
  }

  // @ts-ignore: decorator
  @inline
  export function trafficClass(header: usize): u32 {
    return (bswap<u32>(load<u32>(header)) >> 20) & 0xff;
  }

  // @ts-ignore: decorator
  @inline
  export function flowLabel(header: usize): u32 {
    return bswap<u32>(load<u32>(header)) & 0xfffff;
  }

  // @ts-ignore: decorator
  @inline
  export function payloadBytes(header: usize): u32 {
    return bswap<u16>(load<u16>(header, 4));
  }

  // @ts-ignore: decorator
  @inline
  export function nextHeader(header: usize): u32 {
    return load<u8>(header, 6);
  }

  // @ts-ignore: decorator
  @inline
  export function hopLimit(header: usize): u32 {
    return load<u8>(header, 7);
  }

  // @ts-ignore: decorator
  @inline
  export function sourceHigh(header: usize): u64 {
    return bswap<u64>(load<u64>(header, 8));
  }

  // @ts-ignore: decorator
  @inline
  export function sourceLow(header: usize): u64 {
    return bswap<u64>(load<u64>(header, 16));
  }

  // @ts-ignore: decorator
  @inline
  export function destinationHigh(header: usize): u64 {
    return bswap<u64>(load<u64>(header, 24));
  }

  // @ts-ignore: decorator
  @inline
  export function destinationLow(header: usize): u64 {
    return bswap<u64>(load<u64>(header, 32));
  }

  // @ts-ignore: decorator
  @inline
  export function setSource(header: usize, high: u64, low: u64): void {
    store<u64>(header, bswap<u64>(high), 8);
    store<u64>(header, bswap<u64>(low), 16);
  }

  // @ts-ignore: decorator
  @inline
  export function setDestination(header: usize, high: u64, low: u64): void {
    store<u64>(header, bswap<u64>(high), 24);
    store<u64>(header, bswap<u64>(low), 32);
  }

  /** The part of TCP's, UDP's and ICMPv6's checksum that is not in their bytes (RFC 8200, 8.1). */
  // @ts-ignore: decorator
  @inline
  export function pseudoHeaderSum(header: usize, protocol: u32, segmentBytes: u32): u64 {
    return checksumAdd(0, header + 8, 32) + <u64>(protocol << 8) + <u64>bswap<u32>(segmentBytes);
  }

  /** Writes a header with traffic class and flow label zero; the addresses follow by `setSource` and `setDestination`. */
  export function emit(header: usize, nextHeader: u32, payloadBytes: u32, hopLimit: u32): void {
    store<u32>(header, 0x00000060);
    store<u16>(header, bswap<u16>(<u16>payloadBytes), 4);
    store<u8>(header, <u8>nextHeader, 6);
    store<u8>(header, <u8>hopLimit, 7);
  }
}
