#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isNodeNewEnough, nodeProblem } from './node-version.js';

const root = fileURLToPath(new URL('..', import.meta.url));

if (!isNodeNewEnough()) {
  fail(nodeProblem.message, nodeProblem.hint);
} else if (!existsSync(`${root}dist/cli/main.js`)) {
  fail(
    'dist/: expected the built program, got nothing',
    'Run `npm start`, which builds it, or `npm run build`.',
  );
} else {
  const { main } = await import('../dist/cli/main.js');
  await main({ argv: process.argv.slice(2), root });
}

function fail(message, hint) {
  process.stderr.write(`error: ${message}\nhint: ${hint}\n`);
  process.exitCode = 1;
}
