import { describe, expect, test } from 'vitest';
import { buildFindCpsOptions, type FindCpsFlags } from './find-cps-options.js';

const DEFAULTS: FindCpsFlags = {
  method: 'mlrsearch',
  loss: '1e-4',
  width: '0.5%',
  duration: '200ms',
  'exceed-ratio': '0',
  seed: '1',
  profile: 'cps',
  target: 'card://pair',
  model: 'dsc-200',
  power: '78W',
  acl: 'table4',
  replication: 'on',
};

function build(flags: Partial<FindCpsFlags>) {
  return buildFindCpsOptions({ ...DEFAULTS, ...flags }, new Set(Object.keys(flags)));
}

describe('the options of a search', () => {
  test('by default: line rate of one port and a thousandth of it; one trial decides', () => {
    const options = build({});
    expect(options).toMatchObject({ method: 'mlrsearch', seed: 1, target: 'card://pair' });
    expect(options.subjects).toMatchObject([{ powerWatts: 78, minLoad: 15_097, maxLoad: 15_096_618 }]);
    expect(options.goals).toMatchObject([
      { name: '1e-4', lossRatio: 1e-4, exceedRatio: 0, relativeWidth: 0.005 },
    ]);
    expect(options.goals).toMatchObject([
      { initialTrialSeconds: 0.02, finalTrialSeconds: 0.2, durationSumSeconds: 0.2 },
    ]);
  });

  test('rates in any unit, several powers once each, no power without cards', () => {
    expect(build({ 'min-rate': '6mpps', 'max-rate': '50%' }).subjects).toMatchObject([
      { minLoad: 1e6, maxLoad: 7_548_309 },
    ]);
    const powers = (flags: Partial<FindCpsFlags>) =>
      build(flags).subjects.map(({ powerWatts }) => powerWatts);
    expect(powers({ power: '78W, 52W,78' })).toEqual([78, 52]);
    expect(powers({ target: 'loopback://' })).toEqual([undefined]);
  });

  test('short trials at a low rate begin no shorter than a connection takes to be due', () => {
    const { goals } = build({ 'min-rate': '500', 'max-rate': '100k', duration: '4ms' });
    expect(goals).toMatchObject([{ initialTrialSeconds: 0.002, finalTrialSeconds: 0.004 }]);
  });

  test('the highest rate is one that the addresses of the profile allow', () => {
    const few = build({ tunable: ['clients.addresses=10.0.0.0/16', 'clients.ports=1024-2047'] });
    expect(few.subjects[0]?.maxLoad).toBeLessThan(15_096_618);
    expect(few.subjects[0]?.maxLoad).toBeGreaterThan(0);
  });

  test.each<[Partial<FindCpsFlags>, RegExp]>([
    [{ method: 'linear' }, /^--method: expected one of mlrsearch, bisection, got "linear"/],
    [{ loss: '100%' }, /^--loss: expected a ratio from 0 to less than 1.*got "100%"/],
    [{ loss: '0,0%' }, /^--loss: expected each loss ratio once/],
    [{ width: '0' }, /^--width: expected at least 0.01%/],
    [{ width: '100%' }, /^--width/],
    [{ 'min-rate': '3M', 'max-rate': '3M' }, /^--min-rate: expected less than --max-rate, 3.000 Mcps/],
    [{ 'min-rate': '20%', 'max-rate': '10%' }, /^--min-rate/],
    [{ 'min-rate': 'banana' }, /^--min-rate: expected a rate/],
    [{ 'max-rate': '0' }, /^--max-rate: expected a rate above zero/],
    [{ 'max-rate': '100M' }, /^--max-rate: expected at most .* line rate/],
    [{ 'max-latency': ['p98=1ms'] }, /^--max-latency: .*p50, p90, p99, p999, p9999, max/],
    [{ duration: '200' }, /^--duration: expected a duration/],
    [{ 'initial-duration': '1s' }, /^--initial-duration: expected at most --duration, 200ms/],
    [{ 'duration-sum': '100ms' }, /^--duration-sum: expected at least --duration, 200ms/],
    [{ 'exceed-ratio': '1' }, /^--exceed-ratio/],
    [{ 'initial-duration': '1us' }, /^--initial-duration: expected at least .* one connection is due/],
    [{ 'min-rate': '100', duration: '4ms' }, /^--duration: expected at least 10.0 ms.*got 4.00 ms/],
    [{ method: 'bisection', 'duration-sum': '1s' }, /^--duration-sum: expected --method mlrsearch/],
    [{ power: '60W' }, /^--power: expected a power state of model dsc-200/],
    [{ power: '78W,' }, /^--power/],
    [{ target: 'loopback://', power: '52W' }, /^--power: expected a --target with cards/],
    [{ target: 'card://solo', replication: 'off' }, /^--replication/],
    [{ profile: 'none-such' }, /none-such/],
    [{ seed: 'x' }, /^--seed/],
  ])('refuses %j', (flags, message) => {
    expect(() => build(flags)).toThrow(message);
  });
});
