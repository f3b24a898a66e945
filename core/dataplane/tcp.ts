/** TCP header (RFC 9293). */
export const TCP_BYTES: u32 = 20;
export const TCP_FIN: u32 = 1;
export const TCP_SYN: u32 = 2;
export const TCP_RST: u32 = 4;
export const TCP_PSH: u32 = 8;
export const TCP_ACK: u32 = 16;
export const TCP_URG: u32 = 32;

export namespace Tcp {
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
  export function sequence(header: usize): u32 {
    return bswap<u32>(load<u32>(header, 4));
  }

  // @ts-ignore: decorator
  @inline
  export function acknowledgement(header: usize): u32 {
    return bswap<u32>(load<u32>(header, 8));
  }

  // @ts-ignore: decorator
  @inline
  export function headerBytes(header: usize): u32 {
    return (<u32>load<u8>(header, 12) >> 4) << 2;
  }

  // @ts-ignore: decorator
  @inline
  export function flags(header: usize): u32 {
    return load<u8>(header, 13);
  }

  /** Writes a header of 20 bytes with window 65535 and checksum zero; the caller sums. */
  export function emit(header: usize, sourcePort: u32, destinationPort: u32, sequence: u32, acknowledgement: u32, flags: u32): void {
    store<u16>(header, bswap<u16>(<u16>sourcePort));
    store<u16>(header, bswap<u16>(<u16>destinationPort), 2);
    store<u32>(header, bswap<u32>(sequence), 4);
    store<u32>(header, bswap<u32>(acknowledgement), 8);
    store<u8>(header, 0x50, 12);
    store<u8>(header, <u8>flags, 13);
    store<u16>(header, 0xffff, 14);
    store<u32>(header, 0, 16);
  }
}
