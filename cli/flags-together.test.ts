import { describe, expect, test } from 'vitest';
import { parseTarget } from '../targets/target-url.js';
import { checkFlagsTogether } from './flags-together.js';

const check = (flags: string[], target: string) =>
  checkFlagsTogether({ given: new Set(flags), target: parseTarget(target) });

describe('flags that count', () => {
  test.each([
    [[], 'loopback://'],
    [['rate', 'target', 'clock'], 'loopback://'],
    [['replication', 'power', 'model', 'acl'], 'card://pair'],
    [['power', 'model', 'acl'], 'card://solo'],
    [['pcap', 'pcap-packets'], 'loopback://'],
    [['pcap'], 'card://pair'],
  ])('%j with %s', (flags, target) => {
    expect(() => check(flags, target)).not.toThrow();
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
  ])('%j with %s', (flags, target, parts) => {
    for (const part of parts) expect(() => check(flags, target)).toThrowError(part);
    expect(() => check(flags, target)).toThrowError(
      expect.objectContaining({ exitCode: 2, code: 'flag-idle' }),
    );
  });
});
