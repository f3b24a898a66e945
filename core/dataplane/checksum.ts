// The Internet checksum (RFC 1071). One's-complement sums do not care for byte order, so words are added as they lie.

/** Folds a sum of 64-bit, 32-bit or 16-bit words into 16 bits: adding a number to itself with its halves changed round carries what flows over back in. */
// @ts-ignore: decorator
@inline
export function checksumFold(sum: u64): u32 {
  const half = <u32>((sum + rotr<u64>(sum, 32)) >> 32);
  return (half + rotr<u32>(half, 16)) >> 16;
}

/** Whether a sum over data and its checksum folds to all ones: a multiple of 65535 that is not zero, since 2^16 is 1 modulo 65535. */
// @ts-ignore: decorator
@inline
export function checksumIsWhole(sum: u64): bool {
  return checksumFold(sum) == 0xffff;
}

/** Adds `bytes` bytes at `address` to `sum`, in memory order; an odd last byte counts as if followed by zero. */
export function checksumAdd(sum: u64, address: usize, bytes: u32): u64 {
  const end = address + bytes;
  while (address + 4 <= end) {
    sum += <u64>load<u32>(address);
    address += 4;
  }
  if (address + 2 <= end) {
    sum += <u64>load<u16>(address);
    address += 2;
  }
  if (address < end) sum += <u64>load<u8>(address);
  return sum;
}

/** The checksum field of a header whose sum (field zero) is `sum`, as the bytes that are to be stored with `store<u16>`. */
// @ts-ignore: decorator
@inline
export function checksumFinish(sum: u64): u16 {
  return <u16>~checksumFold(sum);
}

/** The part of TCP's and UDP's checksum that is not in their bytes: addresses, protocol and length (RFC 9293, 3.1). */
// @ts-ignore: decorator
@inline
export function pseudoHeaderSum(ipv4Header: usize, protocol: u32, segmentBytes: u32): u64 {
  return (
    <u64>load<u32>(ipv4Header, 12) +
    <u64>load<u32>(ipv4Header, 16) +
    <u64>(protocol << 8) +
    <u64>bswap<u16>(<u16>segmentBytes)
  );
}
