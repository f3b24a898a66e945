import { describe, expect, test } from 'vitest';
import { SiriusError } from '../../core/errors.js';
import { packagePath } from '../../core/package-path.js';
import { parseYaml } from '../../core/yaml.js';
import { parseAclPolicy, readAclFile } from './acl-file.js';
import { type AclPolicy, ANY_ADDRESS, ANY_PORT } from './rule.js';

function parse(...lines: string[]): AclPolicy {
  return parseAclPolicy(parseYaml(['schema: sirius-bench.acl/1', ...lines].join('\n'), 'acl.yaml'));
}

/** A file whose line 7 is the last key of its one rule. */
function parseRule(line: string): AclPolicy {
  return parse(
    'levels:',
    '  fnic:',
    '    rules:',
    '      - priority: 1',
    '        action: allow',
    `        ${line}`,
  );
}

describe('good files', () => {
  test('the example', () => {
    const { levels } = readAclFile(packagePath('examples', 'acl.yaml'));
    expect(levels.map(({ name, rules, defaultAction }) => [name, rules.length, defaultAction])).toEqual([
      ['fnic', 2, 'deny'],
      ['subnet', 1, 'allow'],
      ['subscription', 1, 'allow'],
    ]);
    expect(levels[0]?.rules[1]).toEqual({
      priority: 200,
      action: 'allow',
      protocols: [6],
      sources: [{ first: 0x0a000000, last: 0x0a003fff }],
      destinations: [{ first: 0xac100000, last: 0xac1000ff }],
      sourcePorts: [{ first: 1024, last: 65535 }],
      destinationPorts: [
        { first: 80, last: 80 },
        { first: 443, last: 443 },
        { first: 8000, last: 8999 },
      ],
    });
    expect(levels[0]?.rules[0]?.sources[1]).toEqual({ first: 0x0a000a01, last: 0x0a000a14 });
  });

  test('a field left out accepts everything, a level left out allows everything, a level denies by default', () => {
    const { levels } = parse('levels: { subnet: { rules: [{ priority: 1, action: deny }] } }');
    expect(levels).toEqual([
      { name: 'fnic', rules: [], defaultAction: 'allow' },
      {
        name: 'subnet',
        rules: [
          {
            priority: 1,
            action: 'deny',
            protocols: 'any',
            sources: [ANY_ADDRESS],
            destinations: [ANY_ADDRESS],
            sourcePorts: [ANY_PORT],
            destinationPorts: [ANY_PORT],
          },
        ],
        defaultAction: 'deny',
      },
      { name: 'subscription', rules: [], defaultAction: 'allow' },
    ]);
  });

  test('the same priority at two levels', () => {
    const level = '{ rules: [{ priority: 1, action: deny }] }';
    expect(
      parse(`levels: { fnic: ${level}, subnet: ${level} }`).levels.map(({ rules }) => rules.length),
    ).toEqual([1, 1, 0]);
  });

  test.each([
    ['protocols: [tcp, udp, icmp, 47]', { protocols: [6, 17, 1, 47] }],
    [
      'sources: [0.0.0.0/0, 255.255.255.255]',
      { sources: [ANY_ADDRESS, { first: 0xffffffff, last: 0xffffffff }] },
    ],
    [
      'sourcePorts: [0, "0-65535", 65535]',
      { sourcePorts: [{ first: 0, last: 0 }, ANY_PORT, { first: 65535, last: 65535 }] },
    ],
  ])('%s', (line, fields) => {
    expect(parseRule(line).levels[0]?.rules[0]).toMatchObject(fields);
  });
});

describe('groups', () => {
  test('in their order, each with its direction; both when left out', () => {
    const { levels } = parse(
      'groups:',
      '  - { name: out-1, direction: outbound, default: allow, rules: [{ priority: 5, action: deny }] }',
      '  - { name: in-1, direction: inbound, rules: [{ priority: 5, action: allow }] }',
      '  - { name: all, rules: [] }',
    );
    expect(
      levels.map(({ name, direction, rules, defaultAction }) => [
        name,
        direction,
        rules.length,
        defaultAction,
      ]),
    ).toEqual([
      ['out-1', 'outbound', 1, 'allow'],
      ['in-1', 'inbound', 1, 'deny'],
      ['all', 'both', 0, 'deny'],
    ]);
  });

  test('the example', () => {
    const { levels } = readAclFile(packagePath('examples', 'acl-groups.yaml'));
    expect(levels.map(({ name, direction, rules }) => [name, direction, rules.length])).toEqual([
      ['machine-out', 'outbound', 2],
      ['subnet-out', 'outbound', 1],
      ['machine-in', 'inbound', 1],
    ]);
  });

  const group = '{ name: a, rules: [] }';
  test.each([
    [['groups: [{ name: a, direction: up, rules: [] }]'], ['acl.yaml:2', 'direction', 'outbound', 'up']],
    [['groups: [{ name: a }]'], ['acl.yaml:2', 'rules']],
    [['groups: [{ rules: [] }]'], ['acl.yaml:2', 'name']],
    [['groups: []'], ['acl.yaml:2', 'groups']],
    [
      ['groups:', `  - ${group}`, `  - ${group}`],
      ['acl.yaml:4', 'no other group', '"a"', 'acl.yaml:3'],
    ],
    [
      ['levels: {}', `groups: [${group}]`],
      ['acl.yaml:2', 'levels'],
    ],
    [[], ['levels']],
    [
      [
        'groups:',
        '  - name: a',
        '    rules:',
        '      - { priority: 1, action: deny, sources: [10.0.0.0/33] }',
      ],
      ['acl.yaml:5', '10.0.0.0/33'],
    ],
  ])('bad: %j', (lines, texts) => {
    const error = errorOf(() => parse(...lines));
    for (const text of texts) expect(error.message).toContain(text);
    expect(error.hint).not.toBe('');
    expect(error.exitCode).toBe(2);
  });
});

describe('bad files name the line, what was expected and what was got', () => {
  test.each([
    ['sauces: [10.0.0.0/8]', 'acl.yaml:7', 'sauces'],
    ['sources: [10.0.0.0/33]', 'acl.yaml:7', '10.0.0.0/33'],
    ['sources: [10.0.0.256]', 'acl.yaml:7', '10.0.0.256'],
    ['sources: 10.0.0.0/8', 'acl.yaml:7', 'array'],
    ['sources: []', 'acl.yaml:7', 'sources'],
    ['sourcePorts: [65536]', 'acl.yaml:7', '65536'],
    ['sourcePorts: [-1]', 'acl.yaml:7', '-1'],
    ['sourcePorts: [1-2-3]', 'acl.yaml:7', '1-2-3'],
    ['sourcePorts: [1-65536]', 'acl.yaml:7', '1-65536'],
    ['sourcePorts: [""]', 'acl.yaml:7', '""'],
    ['sourcePorts: [9-1]', 'acl.yaml:7', '9-1'],
    ['destinationPorts: [http]', 'acl.yaml:7', 'http'],
    ['protocols: [256]', 'acl.yaml:7', '256'],
    ['protocols: [sctp]', 'acl.yaml:7', 'sctp'],
    ['priority2: 3', 'acl.yaml:7', 'priority'],
  ])('%s', (line, where, text) => {
    const error = errorOf(() => parseRule(line));
    expect(error.message).toContain(where);
    expect(error.message).toContain(text);
    expect(error.message).toContain('expected');
    expect(error.hint).not.toBe('');
  });

  test('two rules of one level with the same priority', () => {
    const error = errorOf(() =>
      parse(
        'levels:',
        '  fnic:',
        '    rules:',
        '      - { priority: 10, action: allow }',
        '      - { priority: 20, action: deny }',
        '      - { priority: 10, action: deny }',
      ),
    );
    expect(error.code).toBe('overlapping-priority');
    expect(error.message).toBe(
      'acl.yaml:7: expected a priority that no other rule of level fnic has, got overlapping priority 10, which the rule at acl.yaml:5 has',
    );
    expect(error.exitCode).toBe(2);
  });

  test('an unknown action', () => {
    const error = errorOf(() =>
      parse('levels:', '  fnic:', '    rules:', '      - { priority: 1, action: permit }'),
    );
    expect(error.message).toContain('acl.yaml:5');
    expect(error.message).toContain('allow');
    expect(error.message).toContain('permit');
  });

  test('a missing file and a missing action', () => {
    expect(errorOf(() => readAclFile('no-such-file.yaml')).message).toContain('no-such-file.yaml');
    expect(errorOf(() => parse('levels: { fnic: { rules: [{ priority: 1 }] } }')).message).toContain(
      'action',
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
