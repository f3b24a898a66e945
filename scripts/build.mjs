// Builds everything into dist/: the data plane (release and debug) by asc, the control plane by tsc, and a stamp that says what was built.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { writeBuildStamp } from './build-stamp.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

function run(script, args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

// What is left of a source that is gone would be packed and offered as a command.
rmSync(`${root}dist`, { recursive: true, force: true });
mkdirSync(`${root}dist`);
for (const target of ['release', 'debug'])
  run('node_modules/assemblyscript/bin/asc.js', ['--config', 'asconfig.json', '--target', target]);
run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json']);
writeBuildStamp(root);
