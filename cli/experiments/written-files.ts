import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder, writeFileSynced } from '../../results/durable-file.js';

/** Writes files into a folder that is there; each is there whole or as it was before. Gives their paths. */
export function writeFiles(folder: string, contents: ReadonlyMap<string, Uint8Array | string>): string[] {
  const paths = [...contents].map(([name, content]) => {
    const path = join(folder, name);
    const part = `${path}.part`;
    try {
      writeFileSynced(part, content);
      renameSync(part, path);
    } finally {
      rmSync(part, { force: true });
    }
    return path;
  });
  syncFolder(folder);
  return paths;
}
