import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

// Style as a test: what is banned here is banned for a reason, and each ban names what to use instead.

const root = fileURLToPath(new URL('..', import.meta.url));

/** The architecture: which folder may import which (docs: ARCHITECTURE.md). Imports point one way. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  // dist holds the types that asc generates for the data plane.
  core: ['dist'],
  'sirius-card': ['core'],
  generators: ['core'],
  targets: ['core', 'sirius-card'],
  results: ['core'],
  cli: ['core', 'sirius-card', 'generators', 'targets', 'results'],
  bench: ['core', 'sirius-card', 'generators', 'targets', 'results', 'cli'],
  // Has hosts of its own: what it believes of the cards comes from nobody who has to do with them.
  simulator: ['core', 'sirius-card', 'targets'],
  test: ['core', 'sirius-card', 'generators', 'targets', 'results', 'cli', 'bench', 'simulator', 'scripts'],
};
const LAYERS = ['core', 'sirius-card', 'generators', 'targets', 'results', 'cli', 'simulator'];

/** Imported by tests of every folder. */
const TEST_PACKAGES = ['vitest', 'fast-check'];

const FILE_LINES_MAX = 400;

interface Ban {
  what: string;
  pattern: RegExp;
  allowedIn: RegExp;
  instead: string;
}

const CLOCK_FILE = /^core\/clock(\.test)?\.ts$/;
const COMMAND_LINE = /^(cli|bin|scripts)\//;

const BANS: readonly Ban[] = [
  {
    what: 'Date.now',
    pattern: /\bDate\.now\b/,
    allowedIn: CLOCK_FILE,
    instead: 'epochMilliseconds of core/clock.ts',
  },
  {
    what: 'new Date()',
    pattern: /\bnew Date\(\s*\)/,
    allowedIn: CLOCK_FILE,
    instead: 'utcStamp of core/clock.ts',
  },
  {
    what: 'performance.now',
    pattern: /\bperformance\.now\b/,
    allowedIn: CLOCK_FILE,
    instead: 'monotonicMs of core/clock.ts',
  },
  {
    what: 'process.hrtime',
    pattern: /\bprocess\.hrtime\b/,
    allowedIn: CLOCK_FILE,
    instead: 'monotonicNs of core/clock.ts',
  },
  {
    what: 'a timer',
    pattern: /\b(setTimeout|setInterval|setImmediate)\b/,
    allowedIn: CLOCK_FILE,
    instead: 'nextTurn of core/clock.ts',
  },
  {
    what: 'Math.random',
    pattern: /\bMath\.random\b/,
    allowedIn: /^$/,
    instead: 'a seeded Random of core/random.ts',
  },
  {
    what: 'console',
    pattern: /\bconsole\.\w+\(/,
    allowedIn: COMMAND_LINE,
    instead: 'a return value that cli/ prints',
  },
  {
    what: 'process.exit',
    pattern: /\bprocess\.exit\(/,
    allowedIn: COMMAND_LINE,
    instead: 'a SiriusError with its exitCode',
  },
];

const MACHINE_PATHS = /(^|[\s"'`(=:])\/(work|root|home|Users)\/[\w.-]/m;

/** Every file of ours, from the root, with `/` between folders. */
const files = walk('').filter((file) => file !== 'test/tidy.test.ts');
const sources = files.filter((file) => file.endsWith('.ts') && topOf(file) in MAY_IMPORT);

describe('layers', () => {
  test.each(Object.keys(MAY_IMPORT))('%s imports what it may', (folder) => {
    const wrong = sources
      .filter((file) => topOf(file) === folder)
      .flatMap((file) =>
        importsOf(file)
          .filter((name) => name.startsWith('.'))
          .map((name) => topOf(join(file, '..', name)))
          .filter((target) => target !== folder && !MAY_IMPORT[folder]?.includes(target))
          .map((target) => `${file} imports ${target}/`),
      );
    expect(wrong, `${folder} may import ${MAY_IMPORT[folder]?.join(', ') || 'nothing'}`).toEqual([]);
  });

  test('an npm package is imported in one folder only', () => {
    const folders = new Map<string, Set<string>>();
    for (const file of sources.filter((candidate) => LAYERS.includes(topOf(candidate)))) {
      for (const name of importsOf(file).map(packageOf)) {
        if (name === undefined || TEST_PACKAGES.includes(name)) continue;
        folders.set(name, (folders.get(name) ?? new Set()).add(topOf(file)));
      }
    }
    const spread = [...folders].filter(([, users]) => users.size > 1);
    expect(
      spread.map(([name, users]) => `${name}: ${[...users].join(', ')}`),
      'wrap it in one folder',
    ).toEqual([]);
  });

  test('each has a page that tells what it is', () => {
    expect(LAYERS.filter((folder) => !existsSync(join(root, folder, 'README.md')))).toEqual([]);
  });
});

describe('bans', () => {
  test.each(BANS)('$what: use $instead', ({ pattern, allowedIn }) => {
    const wrong = sources.filter(
      (file) => !allowedIn.test(file) && pattern.test(withoutComments(read(file))),
    );
    expect(wrong).toEqual([]);
  });

  test("no machine's path: use packagePath, a relative path or a temporary folder", () => {
    expect(files.filter((file) => MACHINE_PATHS.test(read(file)))).toEqual([]);
  });
});

test(`no file is longer than ${FILE_LINES_MAX} lines: a file holds one noun, so split it`, () => {
  const long = files
    .filter((file) => /\.(ts|mjs|js)$/.test(file))
    .map((file) => ({ file, lines: read(file).split('\n').length }))
    .filter(({ lines }) => lines > FILE_LINES_MAX);
  expect(long).toEqual([]);
});

describe('the checks themselves', () => {
  test.each([
    ["import { a } from './b.js';", ['./b.js']],
    ["import type { A } from '../core/b.js';", ['../core/b.js']],
    ["export * from './c.js';", ['./c.js']],
    ["const { a } = await import('ajv');", ['ajv']],
    ["import {\n  a,\n  b,\n} from '@oclif/core';", ['@oclif/core']],
    ["import 'x/y';", ['x/y']],
    ["const text = 'from here';", []],
  ])('%s', (text, names) => {
    expect(importsIn(text)).toEqual(names);
  });

  test.each([
    ['./b.js', undefined],
    ['node:fs', undefined],
    ['yaml', 'yaml'],
    ['@oclif/core/flags', '@oclif/core'],
    ['ajv/dist/2020.js', 'ajv'],
  ])('%s is of package %s', (name, owner) => {
    expect(packageOf(name)).toBe(owner);
  });

  test('comments are no code, addresses are no comments', () => {
    expect(withoutComments("a(); // Date.now\n/* Math.random */ b('card://pair');")).toBe(
      "a(); \n b('card://pair');",
    );
  });
});

function walk(folder: string): string[] {
  const skipped = /^(node_modules|dist|\.git|coverage|runs|results\/runs|package-lock\.json)$/;
  const textual = /(\.(ts|mjs|js|json|yaml|yml|md|sh)|^\.ci\/\w+)$/;
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (skipped.test(path)) return [];
    if (entry.isDirectory()) return walk(path);
    return textual.test(path) ? [path] : [];
  });
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function topOf(file: string): string {
  return file.split('/')[0] ?? '';
}

function importsOf(file: string): string[] {
  return importsIn(withoutComments(read(file)));
}

function importsIn(text: string): string[] {
  const statement = /^\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm;
  const bare = /^\s*import\s*['"]([^'"]+)['"]/gm;
  const dynamic = /\bimport\(\s*['"]([^'"]+)['"]/g;
  return [statement, bare, dynamic].flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => match[1] ?? ''),
  );
}

function packageOf(name: string): string | undefined {
  if (name.startsWith('.') || name.startsWith('node:')) return undefined;
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:])\/\/.*$/gm, '$1');
}
