// Builds everything into dist/: the data plane (release and debug) by asc, the release once more by wasm-opt, the control plane by tsc, and a stamp that says what was built.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeBuildStamp } from './build-stamp.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

// Of the binaryen that asc itself uses, wherever npm has put it.
const asc = createRequire(createRequire(import.meta.url).resolve('assemblyscript/package.json'));
const wasmOpt = join(dirname(asc.resolve('binaryen/package.json')), 'bin', 'wasm-opt');

// Functions below these sizes, in binaryen's units, become part of their callers, those that neither call nor loop below the second: a call
// costs saving and reloading what the caller keeps in registers (docs/decisions/0020-huge-pages.md).
const INLINED_SIZE_MAX = 400;
const INLINED_LEAF_SIZE_MAX = 600;
const FEATURES = [
  'simd',
  'threads',
  'bulk-memory',
  'sign-ext',
  'mutable-globals',
  'nontrapping-float-to-int',
];

function run(script, args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

// What is left of a source that is gone would be packed and offered as a command.
rmSync(`${root}dist`, { recursive: true, force: true });
mkdirSync(`${root}dist`);
for (const target of ['release', 'debug'])
  run('node_modules/assemblyscript/bin/asc.js', ['--config', 'asconfig.json', '--target', target]);
optimise('dist/dataplane.wasm');
run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json']);
writeBuildStamp(root);

/** Optimises a module once more, in place, with its source map. */
function optimise(module) {
  run(wasmOpt, [
    module,
    ...FEATURES.map((feature) => `--enable-${feature}`),
    `--always-inline-max-function-size=${INLINED_SIZE_MAX}`,
    `--flexible-inline-max-function-size=${INLINED_LEAF_SIZE_MAX}`,
    '-O4',
    `--input-source-map=${module}.map`,
    `--output-source-map=${module}.map`,
    '--output-source-map-url=./dataplane.wasm.map',
    `--output=${module}`,
  ]);
}
