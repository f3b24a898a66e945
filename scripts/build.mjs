// Builds everything into dist/: the data plane (release and debug) by asc, the control plane by tsc.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function run(script, args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

mkdirSync(`${root}dist`, { recursive: true });
for (const target of ['release', 'debug'])
  run('node_modules/assemblyscript/bin/asc.js', ['--config', 'asconfig.json', '--target', target]);
run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json']);
