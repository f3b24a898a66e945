import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SiriusError } from './errors.js';
import {
  formatBytes,
  formatCount,
  formatDurationNs,
  formatRate,
  formatRatio,
  parseCount,
  parseDurationNs,
  parseDurationOrZeroNs,
  parsePowerWatts,
  parseRate,
  parseRatio,
  type RateUnit,
} from './units.js';

const ALL_UNITS: RateUnit[] = ['cps', 'pps', 'bps', 'percent'];
const where = '--flag';

describe('parseRate', () => {
  test.each([
    ['3M', 3e6, 'cps'],
    ['3m', 3e6, 'cps'],
    ['3mcps', 3e6, 'cps'],
    ['3 Mcps', 3e6, 'cps'],
    ['10mpps', 10e6, 'pps'],
    ['10MPPS', 10e6, 'pps'],
    ['2.5gbps', 2.5e9, 'bps'],
    ['0.1Tbps', 1e11, 'bps'],
    ['50%', 50, 'percent'],
    ['0.5 %', 0.5, 'percent'],
    ['250', 250, 'cps'],
    ['2.5', 2.5, 'cps'],
    ['3e6', 3e6, 'cps'],
    ['1e-3k', 1, 'cps'],
    ['4.35k', 4350, 'cps'],
    ['1.1k', 1100, 'cps'],
    [' 7k ', 7000, 'cps'],
  ] as const)('%s', (text, value, unit) => {
    expect(parseRate(text, { where, units: ALL_UNITS })).toEqual({ value, unit });
  });

  test('a number alone takes the first unit', () => {
    expect(parseRate('3M', { where, units: ['pps', 'cps'] })).toEqual({ value: 3e6, unit: 'pps' });
  });

  test.each([
    'banana',
    '-1',
    '0',
    '0M',
    '0%',
    'NaN',
    '',
    ' ',
    '3MM',
    'infinity',
    '1e99',
    '3Mips',
    '3,000',
    '1_000',
    '.5',
    '5.',
    '0x10',
    '3Kicps',
    '5%cps',
    '3M%',
    '+3',
    '1e',
    '3 4',
  ])('"%s" is refused', (text) => {
    const error = errorOf(() => parseRate(text, { where: '--rate', units: ALL_UNITS }));
    expect(error.message).toContain('--rate: expected a rate above zero such as 3Mcps or 10Mpps');
    expect(error.message).toContain(`got ${JSON.stringify(text)}`);
    expect(error).toMatchObject({ code: 'rate', exitCode: 2 });
    expect(error.hint).not.toBe('');
  });

  test('a unit that is not wanted is named', () => {
    const error = errorOf(() => parseRate('10gbps', { where: 'p.yaml:4', units: ['cps', 'pps'] }));
    expect(error.message).toBe(
      'p.yaml:4: expected a rate above zero such as 3Mcps or 10Mpps, got "10gbps", which is in bps',
    );
    expect(error.hint).toBe('Give it in cps or pps.');
  });
});

describe('parseDurationNs', () => {
  test.each([
    ['2s', 2e9],
    ['100ms', 100e6],
    ['10us', 10e3],
    ['10µs', 10e3],
    ['10μs', 10e3],
    ['7ns', 7],
    ['1m30s', 90e9],
    ['1m 30s', 90e9],
    ['1h', 3600e9],
    ['1H2M3S4MS5US6NS', 3723_004_005_006],
    ['1.5 s', 1.5e9],
    ['0.1us', 100],
    ['1.1ms', 1_100_000],
    ['1e3us', 1e6],
    ['0s1ns', 1],
    ['2500h', 9e15],
  ])('%s', (text, durationNs) => {
    expect(parseDurationNs(text, { where })).toBe(durationNs);
  });

  test.each([
    ['2', 'Add a unit: 2s, 2ms, 2us.'],
    ['0', 'Add a unit'],
    ['', 'units are h, m'],
    ['banana', 'units are h, m'],
    ['-1s', 'units are h, m'],
    ['s', 'units are h, m'],
    ['30s1m', 'the largest first'],
    ['1s1s', 'units are h, m'],
    ['1s5', 'units are h, m'],
    ['1d', 'units are h, m'],
    ['1,5s', 'units are h, m'],
    ['NaNs', 'units are h, m'],
    ['0s', 'shortest duration is 1ns'],
    ['0.4ns', 'shortest duration is 1ns'],
    ['2501h', 'longest duration is 2500h'],
    ['1e99s', 'longest duration is 2500h'],
  ])('"%s" is refused', (text, hint) => {
    const error = errorOf(() => parseDurationNs(text, { where: '--duration' }));
    expect(error.message).toBe(
      `--duration: expected a duration above zero such as 2s, 100ms or 1m30s, got ${JSON.stringify(text)}`,
    );
    expect(error.hint).toContain(hint);
  });
});

describe('parseDurationOrZeroNs', () => {
  test.each([
    ['0s', 0],
    ['0.0s', 0],
    ['00 ms', 0],
    ['0µs', 0],
    ['0.000h', 0],
    ['1ms', 1e6],
    ['0.5s', 5e8],
  ])('%s', (text, durationNs) => {
    expect(parseDurationOrZeroNs(text, { where })).toBe(durationNs);
  });

  test.each(['0', '0.0', '', 's', '-0s', '0.s', '0.1ns', 'none'])('"%s" is refused', (text) => {
    expect(errorOf(() => parseDurationOrZeroNs(text, { where })).code).toBe('duration');
  });
});

describe('parseCount', () => {
  test.each([
    ['1', 1],
    ['1k', 1000],
    ['64M', 64e6],
    ['64m', 64e6],
    ['4Ki', 4096],
    ['2mi', 2 ** 21],
    ['1.5Ki', 1536],
    ['1.5k', 1500],
    ['1e3', 1000],
    ['2 G', 2e9],
  ])('%s', (text, value) => {
    expect(parseCount(text, { where })).toBe(value);
  });

  test.each([
    '',
    '0',
    '-1',
    '1.5',
    '0.5k5',
    'many',
    '1MM',
    '1Kib1',
    '64kB',
    'NaN',
    'Infinity',
    '9e20',
    '0.0001k',
    '0x10',
    '1 000',
  ])('"%s" is refused', (text) => {
    const error = errorOf(() => parseCount(text, { where: '--count' }));
    expect(error.message).toContain('--count: expected a whole number above zero such as');
    expect(error.message).toContain(`got ${JSON.stringify(text)}`);
  });
});

test.each([
  ['0', 'The least is 1.'],
  ['0.5', 'The least is 1.'],
  ['-3', 'The least is 1.'],
  ['many', 'The multipliers are k'],
])('the hint for a count of %s: %s', (text, hint) => {
  expect(errorOf(() => parseCount(text, { where })).hint).toContain(hint);
});

describe('parsePowerWatts', () => {
  test.each([
    ['78W', 78],
    ['78', 78],
    ['78 w', 78],
    ['52.5W', 52.5],
  ])('%s', (text, watts) => {
    expect(parsePowerWatts(text, { where })).toBe(watts);
  });

  test.each(['', '0W', '-78W', 'W', '78kW', '78 watts', 'NaN', 'full'])('"%s" is refused', (text) => {
    expect(errorOf(() => parsePowerWatts(text, { where: '--power' })).message).toBe(
      `--power: expected a power above zero in watts such as 78W, got ${JSON.stringify(text)}`,
    );
  });
});

describe('for humans', () => {
  test.each([
    [formatRate(3e6, 'cps'), '3.00 Mcps'],
    [formatRate(90_579_710, 'pps'), '90.6 Mpps'],
    [formatRate(2.5e9, 'bps'), '2.50 Gbps'],
    [formatRate(100e9, 'bps'), '100 Gbps'],
    [formatRate(4e15, 'bps'), '4000 Tbps'],
    [formatRate(999_600, 'cps'), '1.00 Mcps'],
    [formatRate(999, 'cps'), '999 cps'],
    [formatRate(999.7, 'cps'), '1.00 kcps'],
    [formatRate(0.25, 'cps'), '0.250 cps'],
    [formatRate(0, 'cps'), '0 cps'],
    [formatRate(-3e6, 'cps'), '-3.00 Mcps'],
    [formatRate(50, 'percent'), '50.0%'],
    [formatCount(0), '0'],
    [formatCount(999), '999'],
    [formatCount(64e6), '64.0M'],
    [formatDurationNs(0), '0 ns'],
    [formatDurationNs(1), '1 ns'],
    [formatDurationNs(2360), '2.36 us'],
    [formatDurationNs(40_000), '40.0 us'],
    [formatDurationNs(999_999), '1.00 ms'],
    [formatDurationNs(2e9), '2.00 s'],
    [formatDurationNs(59.94e9), '59.9 s'],
    [formatDurationNs(59.96e9), '1m'],
    [formatDurationNs(90e9), '1m30s'],
    [formatDurationNs(3723e9), '1h2m3s'],
    [formatDurationNs(-90e9), '-1m30s'],
    [formatRatio(0), '0'],
    [formatRatio(1e-4), '1.00e-4'],
    [formatRatio(0.001), '0.100%'],
    [formatRatio(0.123), '12.3%'],
    [formatRatio(1), '100%'],
    [formatBytes(0), '0 B'],
    [formatBytes(1023), '1023 B'],
    [formatBytes(1536), '1.50 KiB'],
    [formatBytes(8 * 2 ** 30), '8.00 GiB'],
    [formatBytes(1023.9 * 2 ** 20), '1.00 GiB'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected);
  });
});

describe('what is shown can be read back to three digits', () => {
  const positive = fc.double({ min: 1, max: 1e14, noNaN: true });
  const near = (value: number, wanted: number) => expect(Math.abs(value / wanted - 1)).toBeLessThan(0.0051);

  test('rates', () => {
    fc.assert(
      fc.property(positive, fc.constantFrom(...ALL_UNITS), (value, unit) => {
        const back = parseRate(formatRate(value, unit), { where, units: ALL_UNITS });
        expect(back.unit).toBe(unit);
        near(back.value, value);
      }),
    );
  });

  test('durations', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9e15 }), (durationNs) => {
        // From a minute on the text is to the second: at most half of one in sixty.
        expect(
          Math.abs(parseDurationNs(formatDurationNs(durationNs), { where }) / durationNs - 1),
        ).toBeLessThan(0.0084);
      }),
    );
  });

  test('counts and bytes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e14 }), (value) => {
        near(parseCount(formatCount(value), { where }), value);
        // The text of a binary multiple may be a fraction of a byte.
        if (value >= 2 ** 30) return;
        near(
          Number(formatBytes(value).split(' ')[0]) *
            ({ B: 1, KiB: 1024, MiB: 2 ** 20, GiB: 2 ** 30 }[formatBytes(value).split(' ')[1] ?? ''] ?? 0),
          value,
        );
      }),
    );
  });

  test('any text is read or refused with a SiriusError', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.eE+-kmgtiKcpsbhnuwW% ') }), (text) => {
        for (const parse of [parseCount, parsePowerWatts, parseDurationNs]) {
          readOrRefuse(() => parse(text, { where }));
        }
        readOrRefuse(() => parseRate(text, { where, units: ALL_UNITS }).value);
      }),
    );
  });
});

function readOrRefuse(read: () => number): void {
  try {
    const value = read();
    expect(value > 0 && Number.isFinite(value)).toBe(true);
  } catch (error) {
    expect(error).toBeInstanceOf(SiriusError);
  }
}

function errorOf(action: () => unknown): SiriusError {
  try {
    action();
  } catch (error) {
    if (error instanceof SiriusError) return error;
    throw error;
  }
  return expect.fail('expected an error');
}

describe('parseRatio', () => {
  test.each([
    ['0', 0],
    ['1e-4', 1e-4],
    ['0.5%', 0.005],
    ['1%', 0.01],
    [' 99.9 % ', 0.999],
    ['0.25', 0.25],
  ])('%s', (text, ratio) => expect(parseRatio(text, { where: '--loss' })).toBe(ratio));

  test.each(['', '1', '100%', '150%', '-1%', '1e', 'banana', '1 %%', 'Infinity'])('refuses "%s"', (text) => {
    expect(() => parseRatio(text, { where: '--loss' })).toThrow(/^--loss: expected a ratio from 0/);
  });
});
