/**
 * NVGRE header (RFC 7637): GRE with the key present and protocol type Transparent Ethernet Bridging; key = VSID 3, FlowID 1.
 * Between a card pair the FlowID carries the replication mark (replication.ts).
 */
export const NVGRE_BYTES: u32 = 8;
/** Flags and version (key present), then protocol type 0x6558, as they lie in memory. */
export const NVGRE_MARK: u32 = 0x58650020;

export namespace Nvgre {
  // @ts-ignore: decorator
  @inline
  export function isNvgre(header: usize): bool {
    return load<u32>(header) == NVGRE_MARK;
  }

  // @ts-ignore: decorator
  @inline
  export function vsid(header: usize): u32 {
    return bswap<u32>(load<u32>(header, 4)) >> 8;
  }

  export function emit(header: usize, vsid: u32, flowId: u32): void {
    store<u32>(header, NVGRE_MARK);
    store<u32>(header, bswap<u32>((vsid << 8) | (flowId & 0xff)), 4);
  }
}
