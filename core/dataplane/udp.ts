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

  /** Writes a header with checksum zero ("not computed", as RFC 7348 wants it for VXLAN over IPv4). */
  export function emit(header: usize, sourcePort: u32, destinationPort: u32, bytes: u32): void {
    store<u16>(header, bswap<u16>(<u16>sourcePort));
    store<u16>(header, bswap<u16>(<u16>destinationPort), 2);
    store<u16>(header, bswap<u16>(<u16>bytes), 4);
    store<u16>(header, 0, 6);
  }
}
