import { createRequire } from 'node:module';

/** `<sys/mman.h>` of Linux. */
const MADV_HUGEPAGE = 14;

/**
 * Asks Linux to back a memory with pages of 2 MiB, up to `bytes`, which it may yet have to grow to: flows lie anywhere in tables of a hundred megabytes and
 * more, and with pages of 4 KiB nearly every look into one begins with a look into the page tables (docs/decisions/0020-huge-pages.md). Where that cannot be asked
 * (another system, no package for it, a kernel without them) all is the same, and slower. Returns whether it was asked.
 */
export function adviseHugePages(memory: WebAssembly.Memory, bytes: number): boolean {
  try {
    advise ??= bindAdvise();
    return advise(new Uint8Array(memory.buffer), bytes, MADV_HUGEPAGE) === 0;
  } catch {
    return false;
  }
}

type Advise = (address: Uint8Array, bytes: number, advice: number) => number;

let advise: Advise | undefined;

/** Of the C library that this process has loaded anyway; throws where there is none, or no `koffi`. */
function bindAdvise(): Advise {
  if (process.platform !== 'linux') throw new Error('madvise(2) with huge pages is of Linux');
  const koffi = createRequire(import.meta.url)('koffi') as {
    load(path: null): { func(declaration: string): Advise };
  };
  return koffi.load(null).func('int madvise(void *address, size_t bytes, int advice)');
}
