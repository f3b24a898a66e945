/**
 * VXLAN header (RFC 7348): flags 1, reserved 3, VNI 3, reserved 1.
 * The last byte is reserved, and ignored by receivers; between a card pair it carries the replication mark (replication.ts).
 */
export const VXLAN_BYTES: u32 = 8;
export const VXLAN_PORT: u32 = 4789;
export const VXLAN_FLAG_VNI: u32 = 0x08;

export namespace Vxlan {
  // @ts-ignore: decorator
  @inline
  export function hasVni(header: usize): bool {
    return (load<u8>(header) & <u8>VXLAN_FLAG_VNI) != 0;
  }

  // @ts-ignore: decorator
  @inline
  export function vni(header: usize): u32 {
    return bswap<u32>(load<u32>(header, 4)) >> 8;
  }

  export function emit(header: usize, vni: u32): void {
    store<u32>(header, VXLAN_FLAG_VNI);
    store<u32>(header, bswap<u32>(vni << 8), 4);
  }
}
