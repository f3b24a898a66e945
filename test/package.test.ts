import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from './bin.js';

// What `npm pack` would put into the package, built as it is now.

let packed: string[] = [];
beforeAll(() => {
  const line = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const text = execFileSync('npm', line, {
    cwd: projectRoot,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  packed = (JSON.parse(text) as { files: { path: string }[] }[])[0]?.files.map(({ path }) => path) ?? [];
}, 30_000);

describe('the package', () => {
  test.each([
    'bin/run.js',
    'dist/cli/main.js',
    'dist/dataplane.wasm',
    'examples/acl.yaml',
    'examples/acl-groups.yaml',
    'generators/profiles/cps.yaml',
    'results/schemas/result.schema.json',
    'sirius-card/models/dsc-200.yaml',
  ])('holds %s', (file) => {
    expect(packed).toContain(file);
  });

  test.each([
    ['benchmarks', /^(dist\/)?bench\//],
    ['fixtures', /fixture/],
    ['tests', /\.test\.|^test\//],
    ['stored runs', /^results\/runs\//],
  ])('holds no %s', (_name, pattern) => {
    expect(packed.filter((file) => pattern.test(file))).toEqual([]);
  });

  test('is built before it is packed', () => {
    const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
    expect(scripts.prepack).toBe('npm run build');
  });
});
