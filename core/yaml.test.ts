import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SiriusError } from './errors.js';
import { parseYaml, readYamlFile } from './yaml.js';

const LAB = `# a lab
name: lab
cards:
  - id: 1
    ports: [1, 2]
  -
    id: 2
"a/b": { "c~d": here }
base: &base
  speed: 100
other: *base
7: seven
`;

describe('lineOf', () => {
  const document = parseYaml(LAB, 'lab.yaml');
  test.each([
    ['', 2],
    ['/name', 2],
    ['/cards', 3],
    ['/cards/0', 4],
    ['/cards/0/id', 4],
    ['/cards/0/ports', 5],
    ['/cards/0/ports/1', 5],
    ['/cards/1/id', 7],
    ['/a~1b/c~0d', 8],
    ['/base/speed', 10],
    ['/other', 11],
    ['/other/speed', 10],
    ['/7', 12],
  ])('%s is line %d', (pointer, line) => {
    expect(document.lineOf(pointer)).toBe(line);
  });

  test.each([
    ['/nothing', 2],
    ['/cards/9', 3],
    ['/cards/0/none/deeper', 4],
    ['/name/below', 2],
    ['/cards/x', 3],
  ])('%s is not there: the nearest line is %d', (pointer, line) => {
    expect(document.lineOf(pointer)).toBe(line);
  });
});

describe('values', () => {
  test.each([
    ['', null],
    ['a: 1\nb: [x, 2.5, true, null]\n', { a: 1, b: ['x', 2.5, true, null] }],
    ['{"json": ["too"]}', { json: ['too'] }],
    ['a: yes\nb: 0o17\nc: 1m30s', { a: 'yes', b: 15, c: '1m30s' }],
    ['\uFEFFa: 1', { a: 1 }],
    ['a: 1\r\nb: 2\r\n', { a: 1, b: 2 }],
  ])('%j', (text, value) => {
    expect(parseYaml(text, 'x.yaml').value).toEqual(value);
  });

  test('a key __proto__ is a key', () => {
    const value = parseYaml('__proto__: { polluted: true }', 'x.yaml').value as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('what is not one YAML document', () => {
  test.each([
    ['a: 1\nb: 2\na: 3\n', 'x.yaml:3: expected every key once, got "a" a second time'],
    ['{ "x y": 1,\n  "x y": 2 }', 'x.yaml:2: expected every key once, got "x y" a second time'],
    ['a: [1, 2\nb: 3\n', 'x.yaml:2: expected YAML 1.2'],
    ['a: 1\n  b: 2\n', 'x.yaml:1: expected YAML 1.2'],
    ['a: 1\n---\nb: 2\n', 'x.yaml:2: expected YAML 1.2'],
    ['a: 1\nb: !secret x\n', 'x.yaml:2: expected YAML 1.2'],
    ['a: 1\nb: *none\n', 'x.yaml:2: expected YAML 1.2'],
    ['a: 1\nb: &b\n  - [*b]\n', 'x.yaml:3: expected YAML 1.2'],
    ['a: &a\n  b: *a\n', 'x.yaml:2: expected YAML 1.2'],
    [`a: &a [x, x, x, x, x, x, x, x, x, x]\n${bombLines()}`, 'x.yaml:1: expected YAML 1.2'],
  ])('%j', (text, message) => {
    const error = errorOf(() => parseYaml(text, 'x.yaml'));
    expect(error.message).toContain(message);
    expect(error.exitCode).toBe(2);
    expect(error.hint).not.toBe('');
  });

  function bombLines(): string {
    const names = [...'abcdefgh'];
    const line = (i: number) =>
      `${names[i]}: &${names[i]} [${Array(10)
        .fill(`*${names[i - 1]}`)
        .join(', ')}]`;
    return names
      .slice(1)
      .map((_, i) => line(i + 1))
      .join('\n');
  }
});

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sirius-yaml-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a file is read with its lines', () => {
    const path = join(folder, 'lab.yaml');
    writeFileSync(path, LAB);
    const document = readYamlFile(path);
    expect(document.fileName).toBe(path);
    expect(document.lineOf('/cards/0/ports')).toBe(5);
  });

  test.each([
    ['no-such.yaml', 'no such file'],
    ['.', 'a folder'],
  ])('%s', (name, got) => {
    const path = join(folder, name);
    expect(errorOf(() => readYamlFile(path)).message).toBe(
      `${path}: expected a readable YAML file, got ${got}`,
    );
  });
});

function errorOf(action: () => unknown): SiriusError {
  try {
    action();
  } catch (error) {
    if (error instanceof SiriusError) return error;
    throw error;
  }
  return expect.fail('expected an error');
}
