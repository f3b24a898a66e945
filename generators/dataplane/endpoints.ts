// Both ends of a packet in one vector, so that their bytes are turned round by one instruction: WebAssembly has none for scalars.

/** Of an endpoint: the address in the 32 bits above the 16 of the port. */
export const ENDPOINT_BITS: u64 = 48;
const ENDPOINT_MASK: u64 = (1 << 48) - 1;

// @ts-ignore: decorator
@inline
export function endpointOf(address: u32, port: u32): u64 {
  return ((<u64>address) << 16) | port;
}

/** Which byte of two endpoints goes to which byte of a packet, from the IPv4 checksum (above the higher endpoint) to the ports; 128 stands for none, and is written as zero. */
const HIGHER_IS_DESTINATION: usize = memory.data<u8>([15, 14, 5, 4, 3, 2, 13, 12, 11, 10, 1, 0, 9, 8, 128, 128], 16);
const HIGHER_IS_SOURCE: usize = memory.data<u8>([15, 14, 13, 12, 11, 10, 5, 4, 3, 2, 9, 8, 1, 0, 128, 128], 16);
/** And back. */
const DESTINATION_HIGHER: usize = memory.data<u8>([11, 10, 5, 4, 3, 2, 128, 128, 13, 12, 9, 8, 7, 6, 1, 0], 16);
const SOURCE_HIGHER: usize = memory.data<u8>([13, 12, 9, 8, 7, 6, 128, 128, 11, 10, 5, 4, 3, 2, 1, 0], 16);
/** Four words of 32 bits, each turned round. */
const WORDS: usize = memory.data<u8>([3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12], 16);
const ENDPOINTS_ONLY: usize = memory.data<u64>([ENDPOINT_MASK, ENDPOINT_MASK], 16);
const ENDPOINTS_AND_CHECKSUM: usize = memory.data<u64>([ENDPOINT_MASK, u64.MAX_VALUE], 16);

/** From the IPv4 header on: where `endsBytes` belong. */
export const IPV4_CHECKSUM_OFFSET: usize = 10;

/** Two endpoints with the checksum above the higher one, as they lie in a packet from the IPv4 checksum to the ports. */
// @ts-ignore: decorator
@inline
export function endsBytes(ends: v128, higherIsSource: bool): v128 {
  return i8x16.swizzle(ends, v128.load(higherIsSource ? HIGHER_IS_SOURCE : HIGHER_IS_DESTINATION));
}

/** The ends that lie in a packet from the IPv4 checksum on. */
// @ts-ignore: decorator
@inline
export function readEnds(bytes: v128, sourceIsHigher: bool): v128 {
  return i8x16.swizzle(bytes, v128.load(sourceIsHigher ? SOURCE_HIGHER : DESTINATION_HIGHER));
}

/** The endpoints alone, without what stands above them. */
// @ts-ignore: decorator
@inline
export function endpointsOnly(ends: v128): v128 {
  return v128.and(ends, v128.load(ENDPOINTS_ONLY));
}

/** Zero if endpoints and checksums agree; what stands above the lower endpoint doesn't count. */
// @ts-ignore: decorator
@inline
export function endsDiffer(a: v128, b: v128): u32 {
  return <u32>v128.any_true(v128.and(v128.xor(a, b), v128.load(ENDPOINTS_AND_CHECKSUM)));
}

// @ts-ignore: decorator
@inline
export function exchangeEnds(ends: v128): v128 {
  return v128.shuffle<u64>(ends, ends, 1, 0);
}

/** Words of a packet as numbers, or numbers as words of a packet. */
// @ts-ignore: decorator
@inline
export function turnWords(words: v128): v128 {
  return i8x16.swizzle(words, v128.load(WORDS));
}
