import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
    ['maps of sources that it lacks, nor the debug build', /\.map$|\.debug\./],
  ])('holds no %s', (_name, pattern) => {
    expect(packed.filter((file) => pattern.test(file))).toEqual([]);
  });

  test('is built before it is packed', () => {
    const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
    expect(scripts.prepack).toBe('npm run build');
  });
});

describe('what is unpacked from the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sirius-package-'));
  const installed = join(folder, 'package');
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(() => {
    const line = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
    const file = execFileSync('npm', line, { cwd: projectRoot, encoding: 'utf8' }).trim();
    execFileSync('tar', ['-xzf', join(folder, file), '-C', folder]);
    // Its dependencies, as npm would install them beside it.
    symlinkSync(join(projectRoot, 'node_modules'), join(installed, 'node_modules'));
  }, 60_000);

  test.each([
    ['a trial with its chart', 'cps -d 2ms --acl examples/acl.yaml'],
    ['faults', 'faults card1-down -r 20k -d 20ms'],
    ['packets', 'pps --flows 100 -d 1ms'],
    ['scenarios', 'faults list'],
    ['figures', 'figure --list'],
    ['profiles', 'profiles show cps'],
    ['models', 'models show dsc-200'],
  ])(
    'works: %s',
    (_name, line) => {
      const run = () =>
        execFileSync(process.execPath, ['bin/run.js', ...line.split(' ')], {
          cwd: installed,
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        });
      expect(run()).not.toBe('');
    },
    60_000,
  );
});
