// The files that a build is made from.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['core', 'generators', 'sirius-card', 'targets', 'results', 'cli', 'simulator'];
const FILES = ['asconfig.json', 'tsconfig.json', 'scripts/build.mjs', 'scripts/build-stamp.mjs'];

/** Their paths below the root, sorted. */
export function sourceFiles(root) {
  const found = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => join(folder, file)),
  );
  return [...FILES, ...found].sort();
}
