/**
 * 802.1Q tag, behind the type field 0x8100 that announces it: priority 3 bits, drop eligible 1, identifier 12, then the
 * type of what follows.
 */
export const VLAN_BYTES: u32 = 4;

export namespace Vlan {
  // @ts-ignore: decorator
  @inline
  export function id(tag: usize): u32 {
    return bswap<u16>(load<u16>(tag)) & 0xfff;
  }

  // @ts-ignore: decorator
  @inline
  export function priority(tag: usize): u32 {
    return <u32>load<u8>(tag) >> 5;
  }

  // @ts-ignore: decorator
  @inline
  export function dropEligible(tag: usize): bool {
    return (load<u8>(tag) & 0x10) != 0;
  }

  /** Type of what follows the tag. */
  // @ts-ignore: decorator
  @inline
  export function type(tag: usize): u32 {
    return bswap<u16>(load<u16>(tag, 2));
  }

  // @ts-ignore: decorator
  @inline
  export function setId(tag: usize, id: u32): void {
    store<u16>(tag, bswap<u16>(<u16>((<u32>bswap<u16>(load<u16>(tag)) & 0xf000) | id)));
  }

  /** Writes a tag whose frame is not to be dropped first. */
  export function emit(tag: usize, id: u32, priority: u32, etherType: u32): void {
    store<u16>(tag, bswap<u16>(<u16>((priority << 13) | id)));
    store<u16>(tag, bswap<u16>(<u16>etherType), 2);
  }
}
