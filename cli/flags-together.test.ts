import { describe, expect, test } from 'vitest';
import { parseTarget } from '../targets/target-url.js';
import { checkFlagsTogether, refuseIdleFlags } from './flags-together.js';

const check = (flags: string[], target: string, tunables: string[] = []) =>
  checkFlagsTogether({ given: new Set(flags), target: parseTarget(target), tunables });

describe('flags that count', () => {
  test.each([
    [[], 'loopback://'],
    [['rate', 'target', 'clock'], 'loopback://'],
    [['replication', 'power', 'model', 'acl'], 'card://pair'],
    [['power', 'model', 'acl'], 'card://solo'],
    [['pcap', 'pcap-packets'], 'loopback://'],
    [['pcap'], 'card://pair'],
    [['replication'], 'card://appliance?cards=4'],
    [['rate'], 'card://pair', ['tcp.hold=1ms']],
    [[], 'card://pair', ['rate=1M']],
  ] as [string[], string, string[]?][])('%j with %s', (flags, target, tunables) => {
    expect(() => check(flags, target, tunables)).not.toThrow();
  });
});

describe('a flag that would be ignored is refused, naming both', () => {
  test.each([
    [['pcap-packets'], 'card://pair', ['--pcap-packets: ', 'no --pcap']],
    [['replication'], 'card://solo', ['--replication: ', '--target card://solo']],
    [['replication'], 'loopback://', ['--replication: ', '--target loopback://']],
    [['power'], 'loopback://', ['--power: ', '--target loopback://']],
    [['model'], 'loopback://', ['--model: ', '--target loopback://']],
    [['rate', 'acl'], 'loopback://', ['--acl: ', '--target loopback://']],
    [['rate'], 'card://pair', ['--rate: ', '--tunable rate'], ['rate=1M']],
  ] as [string[], string, string[], string[]?][])('%j with %s', (flags, target, parts, tunables) => {
    for (const part of parts) expect(() => check(flags, target, tunables)).toThrowError(part);
    expect(() => check(flags, target, tunables)).toThrowError(
      expect.objectContaining({ exitCode: 2, code: 'flag-idle' }),
    );
  });
});

test('a flag that a whole command or table leaves idle is refused, if it was typed', () => {
  const idle = { flags: ['rate', 'jobs'], expected: 'table 6', got: 'table 4' };
  expect(() => refuseIdleFlags(new Set(['seed']), idle)).not.toThrow();
  expect(() => refuseIdleFlags(new Set(['seed', 'jobs']), idle)).toThrowError(
    expect.objectContaining({
      ...{ code: 'flag-idle', exitCode: 2, hint: '--jobs does nothing here: leave it out.' },
      message: '--jobs: expected table 6, got table 4',
    }),
  );
});
