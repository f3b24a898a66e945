// `npm run bench`: sets up, then runs the kept benchmark (bench/README.md); arguments go on to it.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, setUp } from './set-up.mjs';

const built = join(root, 'dist/bench/main.js');

setUp();
if (benchIsStale()) {
  process.stderr.write('sirius-bench: building the benchmark (tsc) ...\n');
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.json'], {
    cwd: root,
    // Standard output is the report's.
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(1);
}
await import('../dist/bench/main.js');

/** What set-up does not look at: the benchmark is no part of the product. */
function benchIsStale() {
  if (!existsSync(built)) return true;
  const builtAt = statSync(built).mtimeMs;
  return readdirSync(join(root, 'bench')).some(
    (file) =>
      file.endsWith('.ts') &&
      !file.endsWith('.test.ts') &&
      statSync(join(root, 'bench', file)).mtimeMs > builtAt,
  );
}
