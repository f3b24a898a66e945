/** Ethernet II header (IEEE 802.3): destination 6, source 6, type 2. */
export const ETHERNET_BYTES: u32 = 14;
export const ETHERTYPE_IPV4: u32 = 0x0800;
export const ETHERTYPE_VLAN: u32 = 0x8100;
export const ETHERTYPE_IPV6: u32 = 0x86dd;

export namespace Ethernet {
  // @ts-ignore: decorator
  @inline
  export function type(header: usize): u32 {
    return bswap<u16>(load<u16>(header, 12));
  }

  /** Writes a whole header; addresses are the low 48 bits. */
  export function emit(header: usize, destination: u64, source: u64, etherType: u32): void {
    store<u64>(header, bswap<u64>(destination << 16));
    store<u64>(header + 6, bswap<u64>(source << 16));
    store<u16>(header + 12, bswap<u16>(<u16>etherType));
  }
}
