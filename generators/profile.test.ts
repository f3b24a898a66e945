import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SiriusError } from '../core/errors.js';
import { listProfiles, loadProfile, type TrafficProfile } from './profile.js';
import { PROFILE_KEYS } from './profile-settings.js';

const folder = mkdtempSync(join(tmpdir(), 'sirius-profile-'));
afterAll(() => rmSync(folder, { recursive: true }));

let fileCount = 0;

function file(text: string, name = `profile-${fileCount++}.yaml`): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** A file that extends `cps` with these lines; the first of them is line 4. */
function child(...lines: string[]): string {
  return file(['schema: sirius-bench.profile/1', 'name: mine', 'extends: cps', ...lines, ''].join('\n'));
}

function errorOf(act: () => unknown): SiriusError {
  try {
    act();
  } catch (error) {
    if (error instanceof SiriusError) return error;
    throw error;
  }
  throw new Error('expected an error');
}

const BASE: Omit<TrafficProfile, 'origins' | 'description'> = {
  name: 'cps',
  rateCps: 3_000_000,
  arrivals: 'constant',
  encapsulation: 'vxlan',
  innerFrameBytes: 64,
  fnicCount: 16,
  firstVni: 10_000,
  clients: {
    firstAddress: 0x0a000000,
    addressCount: 16_384,
    firstPort: 1024,
    portCount: 64_512,
    order: 'sequential',
  },
  servers: { firstAddress: 0xac100000, addressCount: 256, firstPort: 80, portCount: 1, order: 'sequential' },
  tcp: {
    synTimeoutNs: 1e9,
    finTimeoutNs: 200e6,
    maxRetransmissions: 4,
    connectionTimeoutNs: 5e9,
    holdNs: 0,
    serverTurnaroundNs: 0,
    clientTurnaroundNs: 0,
    timerTickNs: 0,
    finBeforeAck: 'accept',
  },
};

describe('built-in profiles', () => {
  test('are these', () => {
    expect(listProfiles()).toEqual([
      'cps',
      'cps-long-lived',
      'cps-nvgre',
      'cps-poisson',
      'cps-random',
      'faults',
    ]);
  });

  test.each([
    ['cps', {}],
    ['cps-poisson', { arrivals: 'poisson' }],
    ['cps-nvgre', { encapsulation: 'nvgre' }],
    ['cps-long-lived', { tcp: { ...BASE.tcp, holdNs: 10e6 } }],
    [
      'cps-random',
      { clients: { ...BASE.clients, order: 'random' }, servers: { ...BASE.servers, order: 'random' } },
    ],
  ] as const)('%s', (name, difference) => {
    const { origins: _origins, description, ...profile } = loadProfile(name);
    expect(profile).toEqual({ ...BASE, name, ...difference });
    expect(description).not.toBe('');
  });

  test('every key has an origin', () => {
    const { origins } = loadProfile('cps-poisson');
    expect(Object.keys(origins).sort()).toEqual([...PROFILE_KEYS].sort());
    expect(origins.arrivals).toMatch(/cps-poisson\.yaml:5$/);
    expect(origins.rate).toMatch(/cps\.yaml:5$/);
  });
});

describe('files', () => {
  test('extend a built-in profile, key by key', () => {
    const profile = loadProfile(child('rate: 250k', 'clients: { ports: 5000 }', 'tcp: { hold: 1ms }'));
    expect(profile).toMatchObject({
      name: 'mine',
      rateCps: 250_000,
      clients: { ...BASE.clients, firstPort: 5000, portCount: 1 },
      tcp: { ...BASE.tcp, holdNs: 1e6 },
    });
  });

  test('extend a file beside them', () => {
    file('schema: sirius-bench.profile/1\nname: parent\nextends: cps\nrate: 1M\n', 'parent.yaml');
    const path = file('schema: sirius-bench.profile/1\nname: child\nextends: parent.yaml\n');
    expect(loadProfile(path).rateCps).toBe(1e6);
  });

  test.each([
    ['rate: 2500000', { rateCps: 2.5e6 }],
    ['rate: 3mcps', { rateCps: 3e6 }],
    ['innerFrameBytes: 1500', { innerFrameBytes: 1500 }],
    [
      'servers: { addresses: 192.0.2.1-192.0.2.9, ports: 80-90 }',
      {
        servers: {
          firstAddress: 0xc0000201,
          addressCount: 9,
          firstPort: 80,
          portCount: 11,
          order: 'sequential',
        },
      },
    ],
    ['fnics: { count: 1, firstVni: 16777215 }', { fnicCount: 1, firstVni: 16777215 }],
    ['tcp: { hold: 0s, connectionTimeout: 1m }', { tcp: { ...BASE.tcp, connectionTimeoutNs: 60e9 } }],
  ])('%s', (line, expected) => {
    expect(loadProfile(child(line))).toMatchObject(expected);
  });

  test.each([
    ['an unknown key', 'rato: 3M', 'rato'],
    ['an unknown inner key', 'tcp: { holt: 1ms }', 'holt'],
    ['a wrong type', 'innerFrameBytes: big', 'innerFrameBytes'],
    ['a wrong type of an object', 'clients: 10.0.0.0/8', 'clients'],
    ['a wrong word', 'arrivals: random', 'constant'],
    ['too small a frame', 'innerFrameBytes: 63', '64'],
    ['too large a frame', 'innerFrameBytes: 1501', '1500'],
    ['no fNICs', 'fnics: { count: 0 }', '1'],
    ['a rate that is none', 'rate: banana', 'banana'],
    ['a rate of packets', 'rate: 3mpps', '3mpps'],
    ['a negative rate', 'rate: -1', '-1'],
    ['a duration without unit', 'tcp: { hold: "10" }', '10'],
    ['a time-out of zero', 'tcp: { synTimeout: 0s }', 'above zero'],
    ['addresses that are none', 'clients: { addresses: 10.0.0.256/24 }', '10.0.0.256'],
    ['ports that are none', 'clients: { ports: 0-70000 }', '0-70000'],
    ['ports the wrong way round', 'clients: { ports: 90-80 }', '90-80'],
    ['identifiers above 24 bits', 'fnics: { firstVni: 16777215 }', '16777230'],
    ['a time-out within a turnaround', 'tcp: { clientTurnaround: 5s }', 'tcp.connectionTimeout'],
    ['servers among the clients', 'servers: { addresses: 10.0.1.0/24, ports: 2000 }', 'servers.addresses'],
    ['the same on ports of their own', 'servers: { addresses: 10.0.1.0/24, ports: 80 }', 'servers.addresses'],
  ])('%s is refused with its line', (_name, line, named) => {
    const error = errorOf(() => loadProfile(child(line)));
    expect(error.exitCode).toBe(2);
    expect(error.message).toMatch(/\.yaml:\d+/);
    expect(error.message).toContain(named);
    expect(error.hint).not.toBe('');
  });

  test('the line is the right one', () => {
    expect(errorOf(() => loadProfile(child('rate: 1M', 'arrivals: never'))).message).toMatch(/\.yaml:5/);
    expect(errorOf(() => loadProfile(child('tcp:', '  hold: 1ms', '  finTimeout: soon'))).message).toMatch(
      /\.yaml:6/,
    );
  });

  test('without a parent, every key must be there', () => {
    const error = errorOf(() => loadProfile(file('schema: sirius-bench.profile/1\nname: bare\nrate: 3M\n')));
    expect(error.code).toBe('profile-key-missing');
    expect(error.message).toContain('arrivals');
  });

  test.each([
    ['no schema', 'name: x\nextends: cps\n', 'schema'],
    ['another schema', 'schema: sirius-bench.profile/9\nname: x\nextends: cps\n', 'sirius-bench.profile/1'],
    ['an unknown parent', 'schema: sirius-bench.profile/1\nname: x\nextends: cpss\n', ':3: extends'],
    ['an empty file', '', ''],
    ['a list', '- rate\n', ''],
    ['a syntax error', 'schema: [\n', ''],
    ['a key twice', 'schema: sirius-bench.profile/1\nname: x\nextends: cps\nrate: 1M\nrate: 2M\n', ':5'],
  ])('%s is refused', (_name, text, named) => {
    const error = errorOf(() => loadProfile(file(text)));
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain('.yaml');
    expect(error.message).toContain(named);
  });
});

describe('parents', () => {
  test.each([
    ['itself', [['a', 'a']]],
    [
      'each other',
      [
        ['b', 'c'],
        ['c', 'b'],
      ],
    ],
    [
      'a cycle further up',
      [
        ['d', 'e'],
        ['e', 'f'],
        ['f', 'e'],
      ],
    ],
  ])('that extend %s are refused', (_name, pairs) => {
    for (const [name, parent] of pairs) {
      file(
        `schema: sirius-bench.profile/1\nname: ${name}\nextends: ./cycle-${parent}.yaml\n`,
        `cycle-${name}.yaml`,
      );
    }
    const error = errorOf(() => loadProfile(join(folder, `cycle-${pairs[0]?.[0]}.yaml`)));
    expect(error.code).toBe('profile-cycle');
    expect(error.message).toMatch(/cycle-\w\.yaml:3: .*cycle-\w\.yaml -> cycle-\w\.yaml/);
  });

  test('that are missing are named where they are asked for', () => {
    const path = file('schema: sirius-bench.profile/1\nname: x\nextends: ./nowhere.yaml\n');
    const error = errorOf(() => loadProfile(path));
    expect(error.code).toBe('profile-file-missing');
    expect(error.message).toMatch(/\.yaml:3: .*nowhere\.yaml/);
  });

  test('that never end are refused', () => {
    for (let i = 0; i < 20; i++) {
      file(`schema: sirius-bench.profile/1\nname: x\nextends: ./long-${i + 1}.yaml\n`, `long-${i}.yaml`);
    }
    expect(errorOf(() => loadProfile(join(folder, 'long-0.yaml'))).code).toBe('profile-ancestors');
  });

  test.each([
    ['cpss', 'profile-unknown', 'cps-poisson'],
    ['./nowhere.yaml', 'profile-file-missing', 'nowhere.yaml'],
    ['', 'profile-unknown', 'cps'],
  ])('and a profile "%s" that does not exist', (name, code, named) => {
    const error = errorOf(() => loadProfile(name));
    expect(error).toMatchObject({ code, exitCode: 2 });
    expect(error.message).toContain('--profile');
    expect(error.message).toContain(named);
  });
});

describe('tunables', () => {
  test.each([
    [['rate=1M'], { rateCps: 1e6 }],
    [['rate=1000000'], { rateCps: 1e6 }],
    [['innerFrameBytes=1500'], { innerFrameBytes: 1500 }],
    [['tcp.hold=10ms', 'tcp.hold=20ms'], { tcp: { ...BASE.tcp, holdNs: 20e6 } }],
    [
      ['clients.addresses=10.0.0.0/8', 'clients.ports=1-2'],
      {
        clients: {
          firstAddress: 0x0a000000,
          addressCount: 2 ** 24,
          firstPort: 1,
          portCount: 2,
          order: 'sequential',
        },
      },
    ],
    [['servers.ports=443'], { servers: { ...BASE.servers, firstPort: 443 } }],
  ])('%j', (tunables, expected) => {
    const profile = loadProfile('cps', { tunables });
    expect(profile).toMatchObject(expected);
    expect(Object.values(profile.origins).filter((origin) => origin.startsWith('--tunable'))).not.toEqual([]);
  });

  test.each([
    ['rate', 'tunable-syntax', 'key=value'],
    ['=3M', 'tunable-syntax', 'key=value'],
    ['rate=', 'tunable-syntax', 'key=value'],
    ['rat=3M', 'tunable-unknown', 'innerFrameBytes'],
    ['tcp=1', 'tunable-unknown', 'tcp.hold'],
    ['name=x', 'tunable-unknown', 'tcp.hold'],
    ['extends=cps', 'tunable-unknown', 'tcp.hold'],
    ['innerFrameBytes=big', undefined, 'innerFrameBytes'],
    ['innerFrameBytes=64.5', undefined, 'innerFrameBytes'],
    ['fnics.count=0', undefined, 'fnics.count'],
    ['arrivals=never', undefined, 'constant'],
    ['tcp.hold=10', undefined, 'tcp.hold'],
    ['rate=banana', undefined, 'banana'],
    ['clients.addresses=here', undefined, 'here'],
  ])('"%s" is refused', (tunable, code, named) => {
    const error = errorOf(() => loadProfile('cps', { tunables: [tunable] }));
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain('--tunable');
    expect(error.message).toContain(named);
    if (code) expect(error.code).toBe(code);
  });

  test('the nearest key is suggested', () => {
    expect(errorOf(() => loadProfile('cps', { tunables: ['tcp.hodl=1ms'] })).hint).toContain('tcp.hold');
  });
});

describe('a profile without a name', () => {
  const NAMELESS = 'schema: sirius-bench.profile/1\nextends: cps\n';

  test.each([
    ['large-frames.yaml', 'large-frames'],
    ['n0.yml', 'n0'],
  ])('in %s is called %s', (fileName, name) => {
    expect(loadProfile(file(NAMELESS, fileName)).name).toBe(name);
  });

  test.each(['My Profile.yaml', '-x.yaml', `${'x'.repeat(65)}.yaml`])('in "%s" is refused', (fileName) => {
    const error = errorOf(() => loadProfile(file(NAMELESS, fileName)));
    expect(error.code).toBe('profile-name');
    expect(error.message).toContain(fileName.replace('.yaml', ''));
  });
});
