import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packagePath } from '../core/package-path.js';
import { projectRoot } from './bin.js';

// The oldest Node.js that will do stands in package.json alone; what reads it there runs before anything is built.

const LEAST = '20.12';
const VERSIONS = {
  '20.12.0': true,
  '20.13.1': true,
  '22.0.0': true,
  '20.11.9': false,
  '20.9.0': false,
  '18.20.0': false,
  '9.99.0': false,
};

test('versions are told apart by what package.json asks for', async () => {
  const module = pathToFileURL(packagePath('bin', 'node-version.js'));
  const script = `import { isNodeNewEnough, leastNodeVersion } from ${JSON.stringify(module)};
    const versions = ${JSON.stringify(Object.keys(VERSIONS))};
    const verdicts = Object.fromEntries(versions.map((version) => [version, isNodeNewEnough(version)]));
    process.stdout.write(JSON.stringify({ leastNodeVersion, verdicts }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: projectRoot,
  });
  expect(JSON.parse(stdout)).toEqual({ leastNodeVersion: LEAST, verdicts: VERSIONS });
});
