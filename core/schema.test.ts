import { describe, expect, test } from 'vitest';
import { SiriusError } from './errors.js';
import { createValidator, validateValue } from './schema.js';
import { parseYaml } from './yaml.js';

const SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'cards'],
  properties: {
    name: { type: 'string', minLength: 1, pattern: '^[a-z]+$' },
    cards: { type: 'array', minItems: 1, items: { $ref: '#/definitions/card' } },
    clock: { enum: ['virtual', 'wall'] },
    version: { const: 2 },
    limit: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'boolean' }] },
    power: { type: 'number', exclusiveMinimum: 0, description: 'Watts of the whole card.' },
    tags: { type: 'array', uniqueItems: true, maxItems: 3, items: { type: 'string' } },
  },
  definitions: {
    card: {
      type: 'object',
      additionalProperties: false,
      required: ['id'],
      properties: {
        id: { type: 'integer', minimum: 1, maximum: 2, description: 'Number of the card.' },
        ports: { type: ['integer', 'string'] },
      },
    },
  },
};

const GOOD = 'name: lab\ncards:\n  - id: 1\n';
const validate = createValidator<{ name: string }>(SCHEMA);
const check = (text: string) => validate(parseYaml(text, 'lab.yaml'));

test('a good document is returned as it is', () => {
  expect(check(`${GOOD}clock: wall\nversion: 2\nlimit: true\npower: 78\ntags: [a, b]\n`)).toMatchObject({
    name: 'lab',
    cards: [{ id: 1 }],
    power: 78,
  });
});

describe('wrong documents', () => {
  const cases: [text: string, message: string, hint: string][] = [
    [
      'nmae: lab\ncards:\n  - id: 1\n',
      'lab.yaml:1: nmae: expected one of the keys name, cards, clock, version, limit, power, tags, got the unknown key "nmae"',
      'Did you mean name?',
    ],
    [
      `${GOOD}    portss: 1\n`,
      'lab.yaml:4: cards[0].portss: expected one of the keys id, ports, got the unknown key "portss"',
      'Did you mean ports?',
    ],
    [
      `${GOOD}zzz: 1\n`,
      'lab.yaml:4: zzz: expected one of the keys name, cards, clock, version, limit, power, tags, got the unknown key "zzz"',
      'Remove zzz, or use a key of the list.',
    ],
    [
      'name: lab\ncards:\n  - ports: 1\n',
      'lab.yaml:3: cards[0]: expected the key "id", got only "ports"',
      'Add id: Number of the card.',
    ],
    [
      '',
      'lab.yaml:1: expected an object (keys with values), got nothing',
      'Change the value to what is expected.',
    ],
    ['{}', 'lab.yaml:1: expected the key "name", got no keys', 'Add name.'],
    [
      GOOD.replace('lab', '5'),
      'lab.yaml:1: name: expected a string, got 5',
      'Put the value in quotes if it is meant as text.',
    ],
    [
      GOOD.replace('lab', 'LAB'),
      'lab.yaml:1: name: expected text that matches ^[a-z]+$, got "LAB"',
      'Change the value to what is expected.',
    ],
    [
      'name: lab\ncards: []',
      'lab.yaml:2: cards: expected a list that is not empty, got []',
      'Change the value',
    ],
    ['name: lab\ncards: 5', 'lab.yaml:2: cards: expected an array (a list), got 5', 'Write cards: [5].'],
    [
      GOOD.replace('1', '1.5'),
      'lab.yaml:3: cards[0].id: expected an integer, got 1.5',
      'Number of the card.',
    ],
    [
      GOOD.replace('1', '3'),
      'lab.yaml:3: cards[0].id: expected a number of at most 2, got 3',
      'Number of the card.',
    ],
    [GOOD.replace('1', '0'), 'lab.yaml:3: cards[0].id: expected a number of at least 1, got 0', ''],
    [`${GOOD}    ports: [1]`, 'lab.yaml:4: cards[0].ports: expected an integer or a string, got [1]', ''],
    [
      `${GOOD}clock: virtaul`,
      'lab.yaml:4: clock: expected one of virtual, wall, got "virtaul"',
      'Did you mean virtual?',
    ],
    [
      `${GOOD}clock: sun`,
      'lab.yaml:4: clock: expected one of virtual, wall, got "sun"',
      'Choose one of virtual, wall.',
    ],
    [`${GOOD}version: 3`, 'lab.yaml:4: version: expected 2, got 3', ''],
    [`${GOOD}limit: x`, 'lab.yaml:4: limit: expected an integer or true or false, got "x"', ''],
    [`${GOOD}power: 0`, 'lab.yaml:4: power: expected a number above 0, got 0', 'Watts of the whole card.'],
    [`${GOOD}power: .nan`, 'lab.yaml:4: power: expected a number, got NaN', 'Watts of the whole card.'],
    [
      `${GOOD}tags: [a, b, a]`,
      'lab.yaml:4: tags: expected items that differ (numbers 1 and 3 are the same)',
      '',
    ],
    [
      `${GOOD}tags: { ${'k'.repeat(80)}: 1 }`,
      `lab.yaml:4: tags: expected an array (a list), got {"${'k'.repeat(55)}...`,
      '',
    ],
  ];
  test.each(cases)('%j', (text, message, hint) => {
    const error = errorOf(() => check(text));
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
    expect(error.exitCode).toBe(2);
  });

  test('all problems are told, each with its line', () => {
    const error = errorOf(() => check(`${GOOD}clock: sun\npower: 0\n`));
    expect(error.message).toBe(
      'lab.yaml:4: clock: expected one of virtual, wall, got "sun"\nlab.yaml:5: power: expected a number above 0, got 0',
    );
    expect(error.hint).toBe('Choose one of virtual, wall.');
  });

  test('in the order of the file, with the hint of the most telling one', () => {
    const error = errorOf(() => check(`${GOOD}clock: sun\npowr: 1\n`));
    expect(error.message.split('\n').map((line) => line.replace(/: expected.*/, ''))).toEqual([
      'lab.yaml:4: clock',
      'lab.yaml:5: powr',
    ]);
    expect(error.hint).toBe('lab.yaml:5: powr: Did you mean power?');
  });

  test('more than five are counted', () => {
    const error = errorOf(() => check(`${GOOD}clock: sun\npower: 0\nversion: 3\na: 1\nb: 1\nc: 1\nd: 1\n`));
    expect(error.message.match(/lab\.yaml:\d+: /g)).toHaveLength(5);
    expect(error.hint).toMatch(/ \(2 more problems after these\)$/);
  });

  test('a value that is wrong twice is told once', () => {
    const error = errorOf(() => check(GOOD.replace('lab', '""')));
    expect(error.message.match(/lab\.yaml:\d+: /g)).toHaveLength(1);
  });
});

describe('values without lines', () => {
  test('a part of a profile', () => {
    expect(validateValue<number>({ type: 'number' }, 5, '--tunable x')).toBe(5);
    expect(() => validateValue({ type: 'number' }, 'many', '--tunable x')).toThrow(
      '--tunable x: expected a number, got "many"',
    );
  });

  test('draft 2020-12 is known by its $schema', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'array',
      prefixItems: [{ type: 'string' }],
      items: false,
      minItems: 1,
    };
    expect(validateValue(schema, ['a'], 'x')).toEqual(['a']);
    expect(() => validateValue(schema, [1], 'x')).toThrow('x: [0]: expected a string, got 1');
    expect(() => validateValue(schema, [], 'x')).toThrow('expected a list that is not empty');
  });

  test('a key of the unknown is suggested for dotted parts too', () => {
    const schema = {
      type: 'object',
      properties: { a: SCHEMA.definitions.card },
      additionalProperties: false,
    };
    expect(() => validateValue(schema, { a: { id: 1, port: 2 } }, '-t a.port')).toThrow(
      '-t a.port: a.port: expected one of the keys id, ports, got the unknown key "port"',
    );
  });

  test('a schema with a mistake is a programming error, not an operating one', () => {
    expect(() => createValidator({ type: 'object', propertees: {} })).toThrow('unknown keyword');
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
