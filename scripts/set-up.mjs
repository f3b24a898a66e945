// Makes a checkout runnable: dependencies as package-lock.json has them, dist/ as new as its sources. Says what it does and
// shows a tool's output only when the tool fails.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isNodeNewEnough, nodeProblem } from '../bin/node-version.js';
import { sourceFiles } from './source-files.mjs';

/** Written last, so that a build that failed or was cut off does not look finished. */
const BUILD_STAMP = 'dist/build.json';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Installs and builds what is missing or out of date; ends the program with exit code 1 when that fails. */
export function setUp() {
  checkNode();
  if (dependenciesAreStale())
    step('installing dependencies (npm ci)', 'npm', ['ci', '--include=dev', '--no-audit', '--no-fund']);
  if (buildIsStale()) step('building (scripts/build.mjs)', process.execPath, ['scripts/build.mjs']);
}

function checkNode() {
  if (isNodeNewEnough()) return;
  process.stderr.write(`error: ${nodeProblem.message}\nhint: ${nodeProblem.hint}\n`);
  process.exit(1);
}

function step(what, program, parameters) {
  process.stderr.write(`sirius-bench: ${what} ...\n`);
  const { status, stdout, stderr, error } = spawnSync(program, parameters, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    shell: process.platform === 'win32' && program === 'npm',
  });
  if (status === 0) return;
  process.stderr.write(
    `${stdout ?? ''}${stderr ?? ''}error: ${what} failed${error ? `: ${error.message}` : ''}\nhint: The output above tells why.\n`,
  );
  process.exit(1);
}

/** By time first, which is quick; a copied checkout has new times, so then by the versions themselves. */
function dependenciesAreStale() {
  const installed = join(root, 'node_modules/.package-lock.json');
  const locked = join(root, 'package-lock.json');
  if (!existsSync(installed)) return true;
  if (!existsSync(locked)) return false;
  if (statSync(installed).mtimeMs >= statSync(locked).mtimeMs) return false;
  const read = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;
  const present = read(installed);
  return Object.entries(read(locked)).some(([path, { version, optional, devOptional }]) => {
    if (path === '') return false;
    if (present[path] === undefined) return !optional && !devOptional;
    return present[path].version !== version;
  });
}

function buildIsStale() {
  const stamp = join(root, BUILD_STAMP);
  if (!existsSync(stamp)) return true;
  const sources = sourceFiles(root);
  // One that is gone would leave what was made of it.
  if (JSON.parse(readFileSync(stamp, 'utf8')).sourceCount !== sources.length) return true;
  const builtAt = statSync(stamp).mtimeMs;
  return sources.some((file) => statSync(join(root, file)).mtimeMs > builtAt);
}
