import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitOf } from '../scripts/commit.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sirius-commit-'));
const checkout = join(folder, 'checkout');
const installed = join(checkout, 'node_modules', 'sirius-bench');
let head = '';

function git(...parameters: string[]): string {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.org'];
  return execFileSync('git', [...identity, ...parameters], { cwd: checkout, encoding: 'utf8' }).trim();
}

beforeAll(() => {
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(checkout, '.gitignore'), 'node_modules\n');
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
  head = git('rev-parse', 'HEAD');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('commitOf', () => {
  test('a clean checkout has the commit alone', () => {
    expect(commitOf(checkout)).toBe(head);
  });

  test('a changed file makes it dirty', () => {
    writeFileSync(join(checkout, '.gitignore'), 'node_modules\n# changed\n');
    expect(commitOf(checkout)).toBe(`${head}-dirty`);
    git('stash', '--quiet');
    expect(commitOf(checkout)).toBe(head);
  });

  test('what a run writes beside the sources does not', () => {
    writeFileSync(join(checkout, 'run.pcapng'), '');
    expect(commitOf(checkout)).toBe(head);
  });

  test('a package installed inside the checkout of another project has none', () => {
    expect(commitOf(installed)).toBeUndefined();
  });

  test('outside a checkout there is none', () => {
    expect(commitOf(folder)).toBeUndefined();
    expect(commitOf(join(folder, 'nowhere'))).toBeUndefined();
  });
});
