import { describe, expect, test } from 'vitest';
import { buildFindPpsOptions, type FindPpsFlags } from './find-pps-options.js';

const DEFAULTS: FindPpsFlags = {
  ...{ method: 'mlrsearch', loss: '0', width: '0.5%', duration: '20ms', 'exceed-ratio': '0', seed: '1' },
  ...{ 'packet-size': '64', flows: '1k', bidirectional: false, profile: 'cps', target: 'card://solo' },
  ...{ model: 'dsc-200', power: '78W', acl: 'none' },
};

function build(flags: Partial<FindPpsFlags>) {
  return buildFindPpsOptions({ ...DEFAULTS, ...flags }, new Set(Object.keys(flags)));
}

describe('the options of a search for packets per second', () => {
  test('a search for each power state and size, each up to its own line rate', () => {
    const { subjects } = build({ 'packet-size': '64, 512,64', power: '78W,52W' });
    expect(subjects.map(({ powerWatts, packetSize }) => [powerWatts, packetSize])).toEqual([
      [78, '64'],
      [78, '512'],
      [52, '64'],
      [52, '512'],
    ]);
    // 118 B and 566 B of VXLAN with FCS, and 20 B of preamble and gap, at 100 Gbps.
    expect(subjects[0]?.maxLoad).toBe(Math.floor(100e9 / 8 / 138));
    expect(subjects[1]?.maxLoad).toBe(Math.floor(100e9 / 8 / 586));
  });

  test('its trials are those of pps, with flows learned first', () => {
    const [subject] = build({ 'packet-size': '512', bidirectional: true }).subjects;
    expect(subject?.specOf({ load: 5, durationNs: 1e9, seed: 3 })).toMatchObject({
      command: 'pps',
      flags: { rate: '5', duration: '1000000000ns', seed: '3', 'packet-size': '512', bidirectional: true },
    });
  });

  test('a target without cards has no power state', () => {
    expect(build({ target: 'loopback://' }).subjects[0]?.powerWatts).toBeUndefined();
  });

  test.each<[Partial<FindPpsFlags>, RegExp]>([
    [{ 'packet-size': '64,10' }, /^--packet-size/],
    [{ 'max-rate': '300mpps' }, /^--max-rate: expected at most 181 Mpps/],
    [{ 'min-rate': '90%', 'max-rate': '10%' }, /^--min-rate: expected less than --max-rate, 9.058 Mpps/],
    [{ flows: '65M' }, /^--flows: expected at most 64,000,000/],
    [{ 'initial-duration': '1ns' }, /^--initial-duration: expected at least .* one packet is due/],
    [{ target: 'loopback://', power: '52W' }, /^--power: expected a --target with cards/],
    [{ power: '60W' }, /^--power/],
    [{ method: 'bisection', 'exceed-ratio': '0.5' }, /^--exceed-ratio: expected --method mlrsearch/],
  ])('refuses %j', (flags, message) => {
    expect(() => build(flags)).toThrow(message);
  });
});
