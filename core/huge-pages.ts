import { createRequire } from 'node:module';

/** `<sys/mman.h>` of Linux. */
const MADV_HUGEPAGE = 14;

/**
 * Asks Linux to back a memory with pages of 2 MiB, up to `bytes`, which it may yet have to grow to: flows lie anywhere in tables of a hundred megabytes and
 * more, and with pages of 4 KiB nearly every look into one begins with a look into the page tables (docs/decisions/0020-huge-pages.md). Where that cannot be asked
 * (another system, no package for it, a kernel without them) all is the same, and slower. Returns whether it was.
 */
export function adviseHugePages(memory: WebAssembly.Memory, bytes: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const madvise = libc().func('int madvise(void *address, size_t bytes, int advice)');
    return madvise(new Uint8Array(memory.buffer), bytes, MADV_HUGEPAGE) === 0;
  } catch {
    return false;
  }
}

interface Library {
  func(declaration: string): (...parameters: unknown[]) => unknown;
}

/** The C library that this process has loaded anyway. Node has no way of its own to it. */
function libc(): Library {
  const require = createRequire(import.meta.url);
  const koffi = require('koffi') as { load(path: null): Library };
  return koffi.load(null);
}
