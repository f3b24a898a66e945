#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NODE_LEAST = [20, 12];

const root = fileURLToPath(new URL('..', import.meta.url));
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < NODE_LEAST[0] || (major === NODE_LEAST[0] && minor < NODE_LEAST[1])) {
  fail(
    `Node.js: expected ${NODE_LEAST.join('.')} or newer, got ${process.versions.node}`,
    'Install a current Node.js, see https://nodejs.org.',
  );
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
