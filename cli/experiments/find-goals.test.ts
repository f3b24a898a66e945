import { describe, expect, test } from 'vitest';
import { isWithin, parseLatencyLimits, parseLossGoals } from './find-goals.js';

describe('parseLossGoals', () => {
  test('several, in order, by the names typed', () => {
    expect(parseLossGoals('0, 1e-4,1%')).toEqual([
      { name: '0', lossRatio: 0 },
      { name: '1e-4', lossRatio: 1e-4 },
      { name: '1%', lossRatio: 0.01 },
    ]);
  });

  test.each([
    ['1e-4,0.01%', /1e-4 and 0.01%, which are equal/],
    ['0,0', /0 twice/],
    ['0,', /got ""/],
  ])('refuses %s', (text, message) => expect(() => parseLossGoals(text)).toThrow(message));
});

describe('parseLatencyLimits', () => {
  test('percentiles and durations', () => {
    expect(parseLatencyLimits(['p99=1ms', 'MAX = 2 s'])).toEqual([
      { percentile: 'p99', limitNs: 1e6 },
      { percentile: 'max', limitNs: 2e9 },
    ]);
  });

  test.each([
    ['p98=1ms', /PERCENTILE=DURATION with one of p50, p90/],
    ['p99', /got "p99"/],
    ['p99=1', /--max-latency p99: expected a duration/],
    ['=1ms', /PERCENTILE=DURATION/],
    ['p99=25us,max=40us', /--max-latency: expected one PERCENTILE=DURATION/],
  ])('refuses %s', (text, message) => expect(() => parseLatencyLimits([text])).toThrow(message));

  test('refuses one percentile twice', () => {
    expect(() => parseLatencyLimits(['p99=1ms', 'p99=2ms'])).toThrow(/p99 twice/);
  });
});

describe('isWithin', () => {
  const latency = { count: 5, p50: 10, p90: 20, p99: 30, p999: 40, p9999: 50, max: 60 };
  test.each([
    ['no limit', latency, [], true],
    ['no limit and no sample', { ...latency, count: 0 }, [], true],
    ['at the limit', latency, ['p99=30ns'], true],
    ['one of two missed', latency, ['p99=30ns', 'max=59ns'], false],
    ['no sample', { ...latency, count: 0 }, ['p99=30ns'], false],
  ])('%s', (_case, of, limits, within) => expect(isWithin(of, parseLatencyLimits(limits))).toBe(within));
});
