import { checksumAdd, checksumFinish, checksumIsWhole } from './checksum';

/** IPv4 header (RFC 791). Addresses are numbers in host order. */
export const IPV4_BYTES: u32 = 20;
export const PROTOCOL_ICMP: u32 = 1;
export const PROTOCOL_TCP: u32 = 6;
export const PROTOCOL_UDP: u32 = 17;
export const PROTOCOL_GRE: u32 = 47;

export namespace Ipv4 {
  // @ts-ignore: decorator
  @inline
  export function version(header: usize): u32 {
    return <u32>load<u8>(header) >> 4;
  }

  // @ts-ignore: decorator
  @inline
  export function headerBytes(header: usize): u32 {
    return (<u32>load<u8>(header) & 15) << 2;
  }

  // @ts-ignore: decorator
  @inline
  export function totalBytes(header: usize): u32 {
    return bswap<u16>(load<u16>(header, 2));
  }

  /** More-fragments flag and fragment offset: zero in a whole packet. */
  // @ts-ignore: decorator
  @inline
  export function fragment(header: usize): u32 {
    return bswap<u16>(load<u16>(header, 6)) & 0x3fff;
  }

  // @ts-ignore: decorator
  @inline
  export function protocol(header: usize): u32 {
    return load<u8>(header, 9);
  }

  // @ts-ignore: decorator
  @inline
  export function source(header: usize): u32 {
    return bswap<u32>(load<u32>(header, 12));
  }

  // @ts-ignore: decorator
  @inline
  export function destination(header: usize): u32 {
    return bswap<u32>(load<u32>(header, 16));
  }

  // @ts-ignore: decorator
  @inline
  export function setAddresses(header: usize, source: u32, destination: u32): void {
    store<u32>(header, bswap<u32>(source), 12);
    store<u32>(header, bswap<u32>(destination), 16);
  }

  /** Whether the header checksum is right. */
  // @ts-ignore: decorator
  @inline
  export function checksumIsGood(header: usize): bool {
    const sum =
      <u64>load<u32>(header) +
      <u64>load<u32>(header, 4) +
      <u64>load<u32>(header, 8) +
      <u64>load<u32>(header, 12) +
      <u64>load<u32>(header, 16);
    const bytes = headerBytes(header);
    return checksumIsWhole(bytes == IPV4_BYTES ? sum : checksumAdd(sum, header + IPV4_BYTES, bytes - IPV4_BYTES));
  }

  /** Whether the checksum of a header without options is right: five words sum to a multiple of 65535 below three times that. */
  // @ts-ignore: decorator
  @inline
  export function plainChecksumIsGood(header: usize): bool {
    const sum =
      <u64>load<u32>(header) +
      <u64>load<u32>(header, 4) +
      <u64>load<u32>(header, 8) +
      <u64>load<u32>(header, 12) +
      <u64>load<u32>(header, 16);
    const folded = (<u32>sum & 0xffff) + (<u32>sum >> 16) + <u32>(sum >> 32);
    return folded == 0xffff || folded == 0x1fffe;
  }

  // @ts-ignore: decorator
  @inline
  export function updateChecksum(header: usize): void {
    store<u16>(header, 0, 10);
    store<u16>(header, checksumFinish(checksumAdd(0, header, headerBytes(header))), 10);
  }

  /** Writes a header of 20 bytes with DF set, identification 0 (RFC 6864) and a right checksum. */
  export function emit(header: usize, source: u32, destination: u32, protocol: u32, totalBytes: u32, timeToLive: u32): void {
    store<u16>(header, 0x0045);
    store<u16>(header, bswap<u16>(<u16>totalBytes), 2);
    store<u32>(header, 0x00000040, 4);
    store<u8>(header, <u8>timeToLive, 8);
    store<u8>(header, <u8>protocol, 9);
    setAddresses(header, source, destination);
    updateChecksum(header);
  }
}
