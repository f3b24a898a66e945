// `npm test`: sets up, then lint, types and tests; arguments go on to vitest. All three run even when one fails.
// --require-tools: a test that would be skipped because a tool (tshark) is missing fails instead.
import { spawnSync } from 'node:child_process';
import { root, setUp } from './set-up.mjs';

const REQUIRE_TOOLS = '--require-tools';

setUp();
const given = process.argv.slice(2);
const environment = {
  ...process.env,
  ...(given.includes(REQUIRE_TOOLS) ? { SIRIUS_REQUIRE_TOOLS: '1' } : {}),
};
const vitestArguments = given.filter((argument) => argument !== REQUIRE_TOOLS);

const failed = [
  ['lint', 'node_modules/@biomejs/biome/bin/biome', ['check', '.']],
  ['types', 'node_modules/typescript/bin/tsc', ['--noEmit', '-p', 'tsconfig.check.json']],
  ['tests', 'node_modules/vitest/vitest.mjs', ['run', ...vitestArguments]],
].filter(([name, script, parameters]) => {
  process.stderr.write(`sirius-bench: ${name} ...\n`);
  const { status } = spawnSync(process.execPath, [script, ...parameters], {
    cwd: root,
    env: environment,
    stdio: 'inherit',
  });
  return status !== 0;
});

if (failed.length > 0) {
  process.stderr.write(`error: failed: ${failed.map(([name]) => name).join(', ')}\n`);
  process.exitCode = 1;
}
