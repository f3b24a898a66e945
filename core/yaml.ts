import { readFileSync, statSync } from 'node:fs';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import { SiriusError, usageError } from './errors.js';

/** A YAML (or JSON) file as plain values that still knows its lines. */
export interface YamlDocument {
  /** Plain values; `null` for an empty file. */
  value: unknown;
  fileName: string;
  /**
   * Line (from 1) of the node at a JSON pointer (RFC 6901): of the key for a member of a map, of the item for a member of a
   * list. A pointer to what is not there gives the line of the nearest thing around it.
   */
  lineOf(jsonPointer: string): number;
  /** The same as characters before it in the file: tells the order of what stands in one line. */
  offsetOf(jsonPointer: string): number;
}

/** Larger files are refused before they are read. */
export const YAML_BYTES_MAX = 64 * 1024 * 1024;

/** @throws SiriusError (usage) when the file is missing, unreadable, too large or not one document of YAML 1.2. */
export function readYamlFile(path: string): YamlDocument {
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > YAML_BYTES_MAX) throw tooLarge(path, size);
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw cause instanceof SiriusError ? cause : unreadable(path, cause as NodeJS.ErrnoException);
  }
  return parseYaml(text, path);
}

/** @throws SiriusError (usage) that names `fileName:line` for wrong syntax, a duplicate key or an unknown tag. */
export function parseYaml(text: string, fileName: string): YamlDocument {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, version: '1.2' });
  const lineAt = (offset: number) => Math.max(1, lineCounter.linePos(offset).line);
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) {
    const where = `${fileName}:${lineAt(problem.pos[0])}`;
    throw problem.code === 'DUPLICATE_KEY'
      ? duplicateKey(where, keyAt(text, problem.pos[0]))
      : syntaxError(where, problem.message);
  }
  visit(document, {
    Alias(_, alias, path) {
      const target = alias.resolve(document);
      const where = `${fileName}:${lineAt(alias.range?.[0] ?? 0)}`;
      if (target === undefined) throw syntaxError(where, `no anchor &${alias.source} above`);
      // A value that holds itself is a loop to everything that walks it.
      if (path.includes(target)) throw syntaxError(where, `*${alias.source} stands inside its own anchor`);
    },
  });
  let value: unknown;
  try {
    value = document.toJS();
  } catch (cause) {
    throw syntaxError(`${fileName}:1`, (cause as Error).message);
  }
  return {
    value,
    fileName,
    lineOf: (pointer) => lineAt(offsetOf(document, pointer)),
    offsetOf: (pointer) => offsetOf(document, pointer),
  };
}

function offsetOf(document: Document, pointer: string): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const container = isAlias(node) ? node.resolve(document) : node;
    if (isMap(container)) {
      const pair = (container.items as Pair[]).find(({ key }) => keyName(key) === name);
      if (pair === undefined) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(container)) {
      const item = container.items[Number(name)];
      if (item === undefined) break;
      offset = startOf(item) ?? offset;
      node = item;
    } else {
      break;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}

function keyName(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

function tooLarge(path: string, bytes: number): SiriusError {
  return usageError({
    code: 'file-too-large',
    where: path,
    expected: `a file of at most ${YAML_BYTES_MAX} bytes`,
    got: `${bytes}`,
    hint: 'Split the file, or leave out what is not needed.',
  });
}

function unreadable(path: string, cause: NodeJS.ErrnoException): SiriusError {
  const got = { ENOENT: 'no such file', EISDIR: 'a folder', EACCES: 'no permission to read it' }[
    cause.code ?? ''
  ];
  return usageError({
    code: 'file-unreadable',
    where: path,
    expected: 'a readable YAML file',
    got: got ?? cause.message,
    hint: 'Check the path; a relative one starts at the current folder.',
  });
}

function syntaxError(where: string, text: string): SiriusError {
  return usageError({
    code: 'yaml-syntax',
    where,
    expected: 'YAML 1.2',
    got: `a mistake: ${text.replace(/\s+/g, ' ').trim()}`,
    hint: 'Look at this line and the one above: indentation, colons, quotes.',
  });
}

function duplicateKey(where: string, key: string): SiriusError {
  return usageError({
    code: 'yaml-duplicate-key',
    where,
    expected: 'every key once',
    got: `${key} a second time`,
    hint: 'Remove one of the two, or merge what they hold.',
  });
}

/** The key that starts at `offset`, in quotes. */
function keyAt(text: string, offset: number): string {
  const written = text.slice(offset).match(/^(?:"[^"]*"|'[^']*'|[^:\s]+)/)?.[0] ?? '';
  return JSON.stringify(written.replace(/^["']|["']$/g, ''));
}
