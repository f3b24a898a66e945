import { checksumAdd, checksumIsWhole, pseudoHeaderSum } from './checksum';
import { PROTOCOL_UDP } from './ipv4';

/** UDP header (RFC 768). */
export const UDP_BYTES: u32 = 8;

export namespace Udp {
  // @ts-ignore: decorator
  @inline
  export function sourcePort(header: usize): u32 {
    return bswap<u16>(load<u16>(header));
  }

  // @ts-ignore: decorator
  @inline
  export function destinationPort(header: usize): u32 {
    return bswap<u16>(load<u16>(header, 2));
  }

  // @ts-ignore: decorator
  @inline
  export function setSourcePort(header: usize, port: u32): void {
    store<u16>(header, bswap<u16>(<u16>port));
  }

  // @ts-ignore: decorator
  @inline
  export function bytes(header: usize): u32 {
    return bswap<u16>(load<u16>(header, 4));
  }

  /** Whether the checksum over header, payload and pseudo-header is right. Zero means "not computed" and is good over IPv4. */
  // @ts-ignore: decorator
  @inline
  export function checksumIsGood(header: usize, ipv4Header: usize): bool {
    if (load<u16>(header, 6) == 0) return true;
    return checksumIsWhole(checksumSum(header, ipv4Header));
  }

  /** What the checksum is taken of, with what stands in its field: header, payload and pseudo-header. */
  // @ts-ignore: decorator
  @inline
  export function checksumSum(header: usize, ipv4Header: usize): u64 {
    const segmentBytes = bytes(header);
    return sumWide(pseudoHeaderSum(ipv4Header, PROTOCOL_UDP, segmentBytes), header, segmentBytes);
  }

  /** Writes a header with checksum zero ("not computed", as RFC 7348 wants it for VXLAN over IPv4). */
  export function emit(header: usize, sourcePort: u32, destinationPort: u32, bytes: u32): void {
    store<u16>(header, bswap<u16>(<u16>sourcePort));
    store<u16>(header, bswap<u16>(<u16>destinationPort), 2);
    store<u16>(header, bswap<u16>(<u16>bytes), 4);
    store<u16>(header, 0, 6);
  }
}

/** As `checksumAdd`, 16 bytes at a time: payloads are long. */
// @ts-ignore: decorator
@inline
function sumWide(sum: u64, address: usize, bytes: u32): u64 {
  let wide = i64x2.splat(0);
  while (bytes >= 16) {
    const words = v128.load(address);
    wide = i64x2.add(wide, i64x2.extend_low_i32x4_u(words));
    wide = i64x2.add(wide, i64x2.extend_high_i32x4_u(words));
    address += 16;
    bytes -= 16;
  }
  sum += <u64>i64x2.extract_lane(wide, 0) + <u64>i64x2.extract_lane(wide, 1);
  return checksumAdd(sum, address, bytes);
}
