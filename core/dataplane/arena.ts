/**
 * One bump allocator lays out everything before the first packet moves; nothing is ever freed.
 * Fresh WebAssembly memory is zero, so what it returns is zeroed.
 */
const PAGE_BYTES: usize = 65536;

let arenaTop: usize = __heap_base;

/** Bytes laid out so far. */
export function arenaBytes(): usize {
  return arenaTop;
}

/** Address of `bytes` zeroed bytes, aligned to 128. Traps when the memory's maximum is passed; the caller plans for that. */
export function arenaAllocate(bytes: usize): usize {
  const address = (arenaTop + 127) & ~(<usize>127);
  // A 4 GiB memory ends where a 32-bit address ends: compare in 64 bits.
  const end = <u64>address + <u64>bytes;
  const pagesNeeded = <i32>((end + PAGE_BYTES - 1) / PAGE_BYTES);
  const pages = memory.size();
  if (pagesNeeded > pages && memory.grow(pagesNeeded - pages) < 0) unreachable();
  arenaTop = <usize>end;
  return address;
}
