import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { usageError } from '../core/errors.js';
import { packagePath } from '../core/package-path.js';
import { createValidator } from '../core/schema.js';
import { readYamlFile, type YamlDocument } from '../core/yaml.js';
import type { Setting, Settings } from './profile-settings.js';

export interface ProfileFile {
  name: string;
  description: string;
  /** `file:line` of the profile's name, where a key that nobody sets is reported. */
  where: string;
  settings: Settings;
}

/** More than any sensible family tree; a longer chain is a mistake. */
const ANCESTOR_COUNT_MAX = 16;

/** Keys that describe the file and are no settings. */
const FILE_KEYS = new Set(['schema', 'name', 'description', 'extends']);

/** Reads a profile and everything it extends; a child's key hides its parent's. */
export function readProfileFile(nameOrPath: string): ProfileFile {
  return readWithParents(locate(nameOrPath, process.cwd(), '--profile'), []);
}

/** The published schema of a profile file. */
export function profileSchema(): Record<string, unknown> {
  const path = packagePath('generators', 'schemas', 'profile.schema.json');
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}

function readWithParents(path: string, children: readonly string[]): ProfileFile {
  const document = readYamlFile(path);
  validate ??= createValidator<RawProfile>(profileSchema());
  const raw = validate(document);
  const name = raw.name ?? nameOfFile(path, document.fileName);
  const where = `${document.fileName}:${document.lineOf('/name')}`;
  const own = collectSettings(raw, document, '');
  const parentName = raw.extends;
  if (parentName === undefined) {
    return { name, description: raw.description ?? '', where, settings: new Map(own) };
  }
  const extendsWhere = `${document.fileName}:${document.lineOf('/extends')}: extends`;
  const parentPath = locate(parentName, dirname(path), extendsWhere);
  const line = [...children, path];
  checkAncestors({ line, parentPath, where: extendsWhere });
  const parent = readWithParents(parentPath, line);
  return {
    name,
    description: raw.description ?? parent.description,
    where,
    settings: new Map([...parent.settings, ...own]),
  };
}

/** A file that does not name its profile does so by its own name. */
function nameOfFile(path: string, fileName: string): string {
  const name = basename(path, extname(path));
  if (NAME.test(name)) return name;
  throw usageError({
    code: 'profile-name',
    where: fileName,
    expected: 'the key "name", or a file name of at most 64 lower-case letters, digits and hyphens',
    got: `no name and the file name "${name}"`,
    hint: 'Add a line such as `name: my-profile`, or rename the file.',
  });
}

/** As the schema has it for the key `name`. */
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

interface RawProfile {
  name?: string;
  description?: string;
  extends?: string;
  [key: string]: unknown;
}

let validate: ((document: YamlDocument) => RawProfile) | undefined;

function collectSettings(node: object, document: YamlDocument, parentKey: string): [string, Setting][] {
  return Object.entries(node).flatMap(([name, value]): [string, Setting][] => {
    const key = parentKey === '' ? name : `${parentKey}.${name}`;
    if (FILE_KEYS.has(key)) return [];
    if (typeof value === 'object' && value !== null) return collectSettings(value, document, key);
    const line = document.lineOf(`/${key.replaceAll('.', '/')}`);
    return [[key, { value, where: `${document.fileName}:${line}` }]];
  });
}

function checkAncestors({ line, parentPath, where }: { line: string[]; parentPath: string; where: string }) {
  const start = line.indexOf(parentPath);
  if (start >= 0) {
    const cycle = [...line.slice(start), parentPath].map((path) => path.split('/').at(-1)).join(' -> ');
    throw usageError({
      code: 'profile-cycle',
      where,
      expected: 'a profile that does not extend this one',
      got: `a cycle: ${cycle}`,
      hint: 'Remove `extends` from one of these files and give it every key itself.',
    });
  }
  if (line.length >= ANCESTOR_COUNT_MAX) {
    throw usageError({
      code: 'profile-ancestors',
      where,
      expected: `at most ${ANCESTOR_COUNT_MAX} profiles that extend each other`,
      got: 'more',
      hint: 'Flatten the family: copy the keys you need into one file.',
    });
  }
}

function locate(nameOrPath: string, folder: string, where: string): string {
  const isPath = nameOrPath.includes('/') || /\.ya?ml$/.test(nameOrPath);
  const builtIns = packagePath('generators', 'profiles');
  const path = isPath ? resolve(folder, nameOrPath) : `${builtIns}/${nameOrPath}.yaml`;
  if (existsSync(path)) return path;
  const names = readdirSync(builtIns)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
  throw usageError({
    code: isPath ? 'profile-file-missing' : 'profile-unknown',
    where,
    expected: isPath ? 'a profile file that exists' : `a built-in profile (${names.join(', ')}) or a path`,
    got: `"${nameOrPath}"`,
    hint: isPath
      ? `Check the path: there is no file ${path}.`
      : 'A file is named by its path, for example ./my-profile.yaml; `sirius-bench profiles` lists what is built in.',
  });
}
