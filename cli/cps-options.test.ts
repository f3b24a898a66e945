import { describe, expect, test } from 'vitest';
import { buildCpsOptions, type CpsFlags, DEFAULT_CPS_FLAGS, describeTrial } from './cps-options.js';

describe('buildCpsOptions', () => {
  test('defaults', () => {
    const { profile, model, input, ...options } = buildCpsOptions(DEFAULT_CPS_FLAGS);
    expect(options).toEqual({
      rateCps: 3e6,
      durationNs: 2e9,
      seed: 1,
      target: { scheme: 'card', host: 'pair', url: 'card://pair', cardCount: 2 },
      clock: 'virtual',
      powerWatts: 78,
      acl: { word: 'table4' },
      replication: true,
    });
    expect(model.name).toBe('dsc-200');
    expect(profile).toMatchObject({ name: 'cps', rateCps: 3e6, arrivals: 'constant' });
    expect(input).toMatchObject({
      profile: 'cps',
      rateCps: 3e6,
      target: 'card://pair',
      model: 'dsc-200',
      tunables: [],
    });
  });

  test.each<[string, Partial<CpsFlags>, object]>([
    ['the rate of the flag', { rate: '1M' }, { rateCps: 1e6 }],
    ['the rate of a tunable', { tunable: ['rate=2M'] }, { rateCps: 2e6 }],
    ['the flag over the tunable', { rate: '1M', tunable: ['rate=2M'] }, { rateCps: 1e6 }],
    ['packets per second', { rate: '18mpps' }, { rateCps: 3e6 }],
    ['a multiplier', { rate: '1M', multiplier: '1.5' }, { rateCps: 1.5e6 }],
    ['a multiplier as a factor', { multiplier: '0.5x' }, { rateCps: 1.5e6 }],
    [
      'arrivals',
      { arrivals: 'poisson' },
      { profile: { arrivals: 'poisson' }, input: { arrivals: 'poisson' } },
    ],
    ['arrivals of the profile', { profile: 'cps-poisson' }, { profile: { arrivals: 'poisson' } }],
    ['the least rate', { rate: '0.001', duration: '1000s' }, { rateCps: 0.001 }],
    ['the line rate of both ports', { rate: '30193236' }, { rateCps: 30_193_236 }],
    ['the same as a share of one port', { rate: '200%' }, { rateCps: expect.closeTo(30_193_236.7, 1) }],
    ['no replication', { replication: 'off' }, { replication: false, input: { replication: false } }],
    ['a capture', { pcap: 'x.pcapng', 'pcap-packets': '1k' }, { pcap: { path: 'x.pcapng', packets: 1000 } }],
    ['power', { power: '52W' }, { powerWatts: 52, input: { powerWatts: 52 } }],
  ])('%s', (_name, flags, expected) => {
    expect(buildCpsOptions({ ...DEFAULT_CPS_FLAGS, ...flags })).toMatchObject(expected);
  });

  test.each<[string, Partial<CpsFlags>, string]>([
    ['rate', { rate: 'banana' }, '--rate'],
    ['duration', { duration: '5x' }, '--duration'],
    ['endless duration', { duration: '1000h' }, '--duration: expected at most 24h, got 1000h'],
    ['least rate', { rate: '0.0004', duration: '2h' }, '--rate: expected at least 0.001 cps, got 0.0004 cps'],
    [
      'multiplied rate',
      { rate: '1', multiplier: '0.0001', duration: '5h' },
      '--rate: expected at least 0.001 cps, got 0.0001 cps',
    ],
    [
      'rate of a profile',
      { tunable: ['rate=0.0005'], duration: '2h' },
      'rate of the profile: expected at least',
    ],
    [
      'rate above the line',
      { rate: '30.2M' },
      '--rate: expected at most 30,193,236 cps, the line rate of 2 ports',
    ],
    [
      'size of a capture',
      { pcap: 'x', 'pcap-packets': '60M' },
      '--pcap-packets: expected at most 4.00M packets',
    ],
    ['seed', { seed: '-1' }, '--seed'],
    ['large seed', { seed: '99999999999999999999' }, '--seed'],
    ['multiplier', { multiplier: 'x' }, '--multiplier'],
    ['power', { power: '60W' }, '--power'],
    ['target', { target: 'card://trio' }, '--target'],
    ['profile', { profile: 'nope' }, '--profile'],
    ['addresses', { tunable: ['clients.addresses=10.0.0.0/28', 'clients.ports=1'] }, 'clients.addresses'],
  ])('refuses a wrong %s', (_name, flags, where) => {
    expect(() => buildCpsOptions({ ...DEFAULT_CPS_FLAGS, ...flags })).toThrowError(where);
  });

  test('the echo of the inputs is plain JSON, without places on this machine', () => {
    const { input } = buildCpsOptions({ ...DEFAULT_CPS_FLAGS, tunable: ['tcp.hold=1ms'] });
    expect(JSON.parse(JSON.stringify(input))).toEqual(input);
    expect(JSON.stringify(input)).not.toContain('.yaml');
  });

  test.each([
    ['card://pair', ['acl', 'model', 'powerWatts', 'replication'], '78 W'],
    ['card://solo', ['acl', 'model', 'powerWatts'], '78 W'],
    ['loopback://', [], 'loopback://, virtual clock'],
  ])('%s echoes only the settings that count there', (target, keys, told) => {
    const options = buildCpsOptions({ ...DEFAULT_CPS_FLAGS, target });
    const cardKeys = ['acl', 'model', 'powerWatts', 'replication'];
    expect(cardKeys.filter((key) => key in options.input)).toEqual(keys);
    expect(describeTrial(options)).toContain(told);
  });

  test('a day is the longest', () => {
    expect(buildCpsOptions({ ...DEFAULT_CPS_FLAGS, duration: '24h' }).durationNs).toBe(24 * 3600e9);
  });

  test('is told in one line', () => {
    expect(describeTrial(buildCpsOptions(DEFAULT_CPS_FLAGS))).toMatch(
      /^3\.00 Mcps \(constant\) for 2\S* s, profile cps, card:\/\/pair, 78 W, virtual clock, seed 1$/,
    );
  });
});
