import { checksumAdd, checksumFinish, checksumFold } from './checksum';

/** ICMP echo (RFC 792) and ICMPv6 echo (RFC 4443). */
export const ICMP_ECHO_BYTES: u32 = 8;
export const ICMP_ECHO_REPLY: u32 = 0;
export const ICMP_ECHO_REQUEST: u32 = 8;
export const ICMPV6_ECHO_REQUEST: u32 = 128;
export const ICMPV6_ECHO_REPLY: u32 = 129;

export namespace Icmp {
  // @ts-ignore: decorator
  @inline
  export function type(header: usize): u32 {
    return load<u8>(header);
  }

  // @ts-ignore: decorator
  @inline
  export function code(header: usize): u32 {
    return load<u8>(header, 1);
  }

  // @ts-ignore: decorator
  @inline
  export function identifier(header: usize): u32 {
    return bswap<u16>(load<u16>(header, 4));
  }

  // @ts-ignore: decorator
  @inline
  export function sequence(header: usize): u32 {
    return bswap<u16>(load<u16>(header, 6));
  }

  /** Whether the checksum over `bytes` bytes is right; `pseudoHeaderSum` is zero for ICMP, `Ipv6.pseudoHeaderSum` for ICMPv6. */
  // @ts-ignore: decorator
  @inline
  export function checksumIsGood(header: usize, bytes: u32, pseudoHeaderSum: u64): bool {
    return checksumFold(checksumAdd(pseudoHeaderSum, header, bytes)) == 0xffff;
  }

  // @ts-ignore: decorator
  @inline
  export function updateChecksum(header: usize, bytes: u32, pseudoHeaderSum: u64): void {
    store<u16>(header, 0, 2);
    store<u16>(header, checksumFinish(checksumAdd(pseudoHeaderSum, header, bytes)), 2);
  }

  /** Writes the header of an echo message with checksum zero; the caller sums. */
  export function emit(header: usize, type: u32, identifier: u32, sequence: u32): void {
    store<u32>(header, type);
    store<u16>(header, bswap<u16>(<u16>identifier), 4);
    store<u16>(header, bswap<u16>(<u16>sequence), 6);
  }
}
