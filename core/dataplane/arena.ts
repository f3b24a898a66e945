/**
 * One bump allocator lays out everything before the first packet moves; nothing is ever freed.
 * Fresh WebAssembly memory is zero, so what it returns is zeroed.
 */
const PAGE_BYTES: usize = 65536;

/** Of the control plane; throws. */
// @ts-ignore: decorator
@external('env', 'arenaFull')
declare function arenaFull(askedBytes: f64, usedBytes: f64): void;

let arenaTop: usize = __heap_base;

/** Bytes laid out so far. */
export function arenaBytes(): usize {
  return arenaTop;
}

/** Address of `bytes` zeroed bytes, aligned to 128. What the memory has no room for is told to the control plane, which throws. */
export function arenaAllocate(bytes: usize): usize {
  return arenaAllocateItems(bytes, 1);
}

/** The same for `count` items of `itemBytes` each, whose product may be more than 32 bits hold. */
export function arenaAllocateItems(count: usize, itemBytes: usize): usize {
  // A 4 GiB memory ends where a 32-bit address ends: everything is computed in 64 bits.
  const bytes = <u64>count * <u64>itemBytes;
  const address = (<u64>arenaTop + 127) & ~(<u64>127);
  const isTooMuch = bytes > <u64>usize.MAX_VALUE || address + bytes > <u64>usize.MAX_VALUE;
  if (isTooMuch || !growTo(address + bytes)) {
    arenaFull(<f64>bytes, <f64>arenaTop);
    unreachable();
  }
  arenaTop = <usize>(address + bytes);
  return <usize>address;
}

function growTo(end: u64): bool {
  const pagesNeeded = <i32>((end + PAGE_BYTES - 1) / PAGE_BYTES);
  const pages = memory.size();
  return pagesNeeded <= pages || memory.grow(pagesNeeded - pages) >= 0;
}
