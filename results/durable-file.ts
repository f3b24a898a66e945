import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs';

/** Writes a whole file and has the disk take it before returning. */
export function writeFileSynced(path: string, data: Uint8Array | string): void {
  const file = openSync(path, 'w');
  try {
    writeFileSync(file, data);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Has the disk take the names of a folder (POSIX asks for it after a rename). */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
