// Says of a build what it is: dist/build.json holds the commit that it was made from and an id, the sha256 over what was built.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitOf } from './commit.mjs';
import { sourceFiles } from './source-files.mjs';

/** The benchmark and its fixtures are no part of the program. */
const LEFT_OUT = /^bench[\\/]|fixture/;

/** Call when everything is built: a build that was cut off has no stamp. */
export function writeBuildStamp(root) {
  const dist = join(root, 'dist');
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((file) => (file.endsWith('.js') || file === 'dataplane.wasm') && !LEFT_OUT.test(file))
    .sort();
  const hash = createHash('sha256');
  for (const file of files)
    hash.update(`${file.replaceAll('\\', '/')}\n`).update(readFileSync(join(dist, file)));
  const stamp = {
    id: hash.digest('hex'),
    commit: commitOf(root) ?? '',
    sourceCount: sourceFiles(root).length,
  };
  writeFileSync(join(dist, 'build.json'), `${JSON.stringify(stamp)}\n`);
}
