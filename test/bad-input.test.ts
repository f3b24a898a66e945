import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runBin } from './bin.js';

// Every kind of wrong input through the real program: exit code 2, two lines that help, nothing on standard output.

const folder = mkdtempSync(join(tmpdir(), 'sirius-bad-input-'));
afterAll(() => rmSync(folder, { recursive: true }));

function profile(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    ['schema: sirius-bench.profile/1', 'name: mine', 'extends: cps', ...lines, ''].join('\n'),
  );
  return path;
}

const unknownKey = profile('unknown-key.yaml', 'rato: 3M');
const wrongType = profile('wrong-type.yaml', 'rate: 1M', 'innerFrameBytes: large');
const wrongWord = profile('wrong-word.yaml', 'arrivals: never');
const fewAddresses = profile('few-addresses.yaml', 'clients: { addresses: 10.0.0.0/28, ports: 1024 }');
const orphan = profile('orphan.yaml', 'rate: 1M').replace('orphan', 'missing');

interface BadInput {
  line: string[];
  /** Must be in the error: where, what was expected, what was got. */
  error: string[];
  hint?: string;
}

const TABLE: [string, BadInput][] = [
  ['a rate that is none', { line: ['cps', '--rate', 'banana'], error: ['--rate', '"banana"'] }],
  ['a negative rate', { line: ['cps', '--rate', '-1'], error: ['--rate', '-1'] }],
  ['a rate of zero', { line: ['cps', '--rate', '0'], error: ['--rate', '0'] }],
  ['a rate with two multipliers', { line: ['cps', '-r', '3MM'], error: ['--rate', '3MM'] }],
  [
    'a rate above line rate',
    { line: ['cps', '--rate', '100M'], error: ['--rate', '30,193,236 cps'], hint: '30193236' },
  ],
  [
    'servers among the clients',
    { line: ['cps', '-t', 'servers.addresses=10.0.0.0/24'], error: ['servers.addresses', 'overlap'] },
  ],
  ['no rate after --rate', { line: ['cps', '--rate'], error: ['--rate', 'expected a value, got none'] }],
  ['a duration of an unknown unit', { line: ['cps', '--duration', '5x'], error: ['--duration', '5x'] }],
  ['a duration without unit', { line: ['cps', '-d', '5'], error: ['--duration', '5'] }],
  ['a duration of zero', { line: ['cps', '-d', '0s'], error: ['--duration', '0s'] }],
  ['a seed that is none', { line: ['cps', '--seed', '1.5'], error: ['--seed', '1.5'] }],
  ['a multiplier of zero', { line: ['cps', '-m', '0'], error: ['--multiplier', '"0"'] }],
  [
    'an unknown target',
    { line: ['cps', '--target', 'warp://drive'], error: ['--target', 'card://pair', 'warp://drive'] },
  ],
  [
    'a target of another version',
    { line: ['cps', '--target', 'tcp://10.0.0.1:80'], error: ['--target', 'loopback://'] },
  ],
  [
    'a mistyped target',
    { line: ['cps', '--target', 'card://par'], error: ['--target'], hint: 'card://pair' },
  ],
  ['an unknown key of a profile', { line: ['cps', '-f', unknownKey], error: ['unknown-key.yaml:4', 'rato'] }],
  [
    'a wrong type in a profile',
    { line: ['cps', '-f', wrongType], error: ['wrong-type.yaml:5', 'innerFrameBytes'] },
  ],
  ['a wrong word in a profile', { line: ['cps', '-f', wrongWord], error: ['wrong-word.yaml:4', 'constant'] }],
  ['a missing file', { line: ['cps', '-f', orphan], error: ['--profile', 'missing.yaml'] }],
  ['an unknown profile', { line: ['cps', '-f', 'cpss'], error: ['--profile', 'cps-poisson', '"cpss"'] }],
  [
    'too few addresses',
    {
      line: ['cps', '-f', fewAddresses],
      error: ['few-addresses.yaml:4', 'clients.addresses'],
      hint: 'prefix',
    },
  ],
  [
    'an unknown tunable',
    { line: ['cps', '-t', 'tcp.hodl=1ms'], error: ['--tunable', 'tcp.hodl'], hint: 'tcp.hold' },
  ],
  [
    'a tunable of a wrong type',
    { line: ['cps', '-t', 'innerFrameBytes=big'], error: ['--tunable innerFrameBytes'] },
  ],
  ['an unknown flag', { line: ['cps', '--rat', '3M'], error: ['--rat'], hint: 'Did you mean --rate?' }],
  ['an unknown short flag', { line: ['cps', '-z'], error: ['-z'], hint: '--help' }],
  [
    'a state of power beside all of them',
    { line: ['power', '--power', '78W'], error: ['--power'], hint: '`sirius-bench cps --power 78W`' },
  ],
  [
    'a clock of a command that has one only',
    { line: ['pps', '--clock', 'wall'], error: ['--clock'], hint: '`sirius-bench cps --clock wall`' },
  ],
  [
    'replication where the target says it',
    { line: ['pps', '--replication', 'off'], error: ['--replication'], hint: 'card://solo' },
  ],
  [
    'replication where there is no target',
    {
      line: ['figure', '10b', '--replication', 'off'],
      error: ['--replication'],
      hint: '`sirius-bench cps --replication off`',
    },
  ],
  [
    'power of packets without a card',
    { line: ['pps', '--power', '52W', '--target', 'loopback://'], error: ['--power: ', 'loopback://'] },
  ],
  ['trials side by side of one size', { line: ['pps', '-j', '2'], error: ['--jobs: ', '--packet-size 64'] }],
  [
    'a trial that always runs, to run anew',
    { line: ['pps', '--fresh'], error: ['--fresh: ', '--packet-size 64'] },
  ],
  ['a flag twice', { line: ['cps', '-r', '1M', '-r', '2M'], error: ['--rate', 'once'] }],
  ['an argument too many', { line: ['cps', '3M'], error: ['sirius-bench cps', '"3M"'] }],
  ['an unknown clock', { line: ['cps', '--clock', 'sun'], error: ['--clock', 'virtual or wall', '"sun"'] }],
  [
    'arrivals that are none',
    { line: ['cps', '--arrivals', 'poison'], error: ['--arrivals'], hint: 'poisson' },
  ],
  [
    'a power that the model has not',
    { line: ['cps', '--power', '60W'], error: ['--power', '78', '68', '52', '60'] },
  ],
  ['a power that is none', { line: ['cps', '--power', 'much'], error: ['--power', 'much'] }],
  ['an unknown model', { line: ['cps', '--model', 'dsc-300'], error: ['--model', 'dsc-200'] }],
  [
    'a number of packets that is none',
    { line: ['cps', '--pcap', 'x', '--pcap-packets', 'all'], error: ['--pcap-packets'] },
  ],
  [
    'packets of no capture',
    { line: ['cps', '--pcap-packets', '5'], error: ['--pcap-packets', 'no --pcap'], hint: '--pcap' },
  ],
  [
    'replication without a second card',
    {
      line: ['cps', '--replication', 'on', '--target', 'card://solo'],
      error: ['--replication', '--target card://solo'],
    },
  ],
  [
    'power without a card',
    {
      line: ['cps', '--power', '78W', '--target', 'loopback://'],
      error: ['--power', '--target loopback://'],
    },
  ],
  ['a duration of weeks', { line: ['cps', '-d', '1000h'], error: ['--duration', '24h', '1000h'] }],
  ['an unknown model to show', { line: ['models', 'show', 'x'], error: ['NAME: ', 'dsc-200', '"x"'] }],
  [
    'an unknown profile to show',
    { line: ['profiles', 'show', 'x'], error: ['NAME: ', 'cps-poisson', '"x"'] },
  ],
  ['an unknown command', { line: ['cpss'], error: ['"cpss"'], hint: 'sirius-bench cps' }],
  ['an unknown subcommand', { line: ['profiles', 'shw'], error: ['"shw"'], hint: 'profiles show' }],
  [
    'flags before the command',
    { line: ['--rate', '3M'], error: ['"--rate"'], hint: 'sirius-bench cps --rate 3M' },
  ],
  ['a missing argument', { line: ['profiles', 'show'], error: ['name'], hint: 'profiles' }],
  ['an unknown run', { line: ['results', 'show', 'x', '--results-dir', folder], error: ['"x"'] }],
];

describe('bad input', () => {
  test.concurrent.each(TABLE)('%s', async (_name, { line, error, hint }) => {
    const { exitCode, stdout, stderr } = await runBin(line, { cwd: folder });
    expect(stderr).toMatch(/^error: .+\nhint: .+\n$/);
    const [first = '', second = ''] = stderr.split('\n');
    for (const part of error) expect(first).toContain(part);
    if (hint) expect(second).toContain(hint);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  test.each([
    ['flag', ['cps', '--rate', 'banana', '--json']],
    ['unknown flag', ['cps', '--json', '--rat', '3M']],
    ['unknown command', ['cpss', '--json']],
  ])('with --json an error is one object: %s', async (_name, line) => {
    const { exitCode, stdout, stderr } = await runBin(line, { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: expect.stringMatching(/^[a-z][a-z-]*$/),
        message: expect.any(String),
        hint: expect.any(String),
        exitCode: 2,
      },
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: '' });
  });

  test('DEBUG adds the stack', async () => {
    const { stderr } = await runBin(['cps', '--rate', 'banana'], {
      cwd: folder,
      environment: { DEBUG: '1' },
    });
    expect(stderr).toContain('    at ');
  });
});
