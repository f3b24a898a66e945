import { usageError } from './errors.js';

export type RateUnit = 'cps' | 'pps' | 'bps' | 'percent';

export interface Rate {
  /** Connections, packets or bits per second, or hundredths of the line rate. */
  value: number;
  unit: RateUnit;
}

/** The flag or `file:line` that an error names. */
export interface Where {
  where: string;
}

/** The longest duration: its picoseconds still fit 64 bits. */
export const DURATION_NS_MAX = 2500 * 3600e9;

/** Far above any link there is: what is higher is a slip. */
export const RATE_MAX = 1e15;

/**
 * Reads `3M` (in the first of `units`), `3mcps`, `10 Mpps`, `2.5gbps` or `50%`: decimal multipliers k, M, G and T; case
 * does not matter.
 * @throws SiriusError (usage) for what is not a number above zero, or in a unit that is not one of `units`.
 */
export function parseRate(
  text: string,
  { where, units }: Where & { units: readonly [RateUnit, ...RateUnit[]] | RateUnit[] },
): Rate {
  const fallback = units[0] ?? 'cps';
  const match = RATE.exec(text.trim());
  const got = match?.groups ?? {};
  const unit = got.percent ? 'percent' : ((got.unit?.toLowerCase() ?? fallback) as RateUnit);
  const value = scaled(got.number, DECIMAL_EXPONENTS[got.multiplier?.toLowerCase() ?? ''] ?? 0);
  const fail = (got: string, hint: string) => {
    const examples = units.map((name) => RATE_EXAMPLES[name]).join(' or ');
    return usageError({ code: 'rate', where, expected: `a rate above zero such as ${examples}`, got, hint });
  };
  if (match === null)
    throw fail(quoted(text), 'Write a number, a multiplier (k, M, G, T) if you like, and a unit.');
  if (!units.includes(unit))
    throw fail(`${quoted(text)}, which is in ${unit}`, `Give it in ${units.join(' or ')}.`);
  if (value === 0) throw fail(quoted(text), 'The number must be above zero.');
  if (value > RATE_MAX) throw fail(quoted(text), `The highest rate is ${RATE_MAX / 1e12}T.`);
  return { value, unit };
}

/**
 * Reads `2s`, `100ms`, `10us`, `1m30s` or `1h` into whole nanoseconds, at least one.
 * @throws SiriusError (usage) also for a number without a unit.
 */
export function parseDurationNs(text: string, { where }: Where): number {
  const fail = (got: string, hint: string) =>
    usageError({
      code: 'duration',
      where,
      expected: 'a duration above zero such as 2s, 100ms or 1m30s',
      got,
      hint,
    });
  const trimmed = text.trim();
  if (NUMBER_ALONE.test(trimmed))
    throw fail(quoted(text), `Add a unit: ${trimmed}s, ${trimmed}ms, ${trimmed}us.`);
  if (!DURATION.test(trimmed))
    throw fail(quoted(text), 'The units are h, m (minutes), s, ms, us and ns, the largest first.');
  let durationNs = 0;
  for (const [, number, name] of trimmed.matchAll(DURATION_PART)) {
    const unit = DURATION_UNITS[(name ?? '').toLowerCase().replace(/[µμ]/, 'u')];
    durationNs += scaled(number, unit?.exponent ?? 0) * (unit?.factor ?? 1);
  }
  const roundedNs = Math.round(durationNs);
  if (roundedNs < 1) throw fail(quoted(text), 'The shortest duration is 1ns.');
  if (roundedNs > DURATION_NS_MAX)
    throw fail(quoted(text), `The longest duration is ${DURATION_NS_MAX / 3600e9}h.`);
  return roundedNs;
}

/** Reads a duration, or none with a unit: `0s`, `0.0ms`. @throws SiriusError (usage) as `parseDurationNs` does */
export function parseDurationOrZeroNs(text: string, where: Where): number {
  return ZERO_DURATION.test(text.trim()) ? 0 : parseDurationNs(text, where);
}

/** Reads a whole number above zero: `250`, `1k`, `64M` (decimal), `4Ki`, `2Mi` (binary). */
export function parseCount(text: string, { where }: Where): number {
  const match = COUNT.exec(text.trim());
  const value = multiplied(match);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw usageError({
    code: 'count',
    where,
    expected: 'a whole number above zero such as 250, 64M or 4Ki',
    got: quoted(text),
    hint:
      value < 1 || text.trim().startsWith('-')
        ? 'The least is 1.'
        : 'The multipliers are k, M, G, T (decimal) and Ki, Mi, Gi, Ti (binary).',
  });
}

/** Reads `78W`, `78 w` or `78`. */
export function parsePowerWatts(text: string, { where }: Where): number {
  const match = POWER.exec(text.trim());
  const value = scaled(match?.[1], 0);
  if (value > 0 && Number.isFinite(value)) return value;
  throw usageError({
    code: 'power',
    where,
    expected: 'a power above zero in watts such as 78W',
    got: quoted(text),
    hint: '`sirius-bench models show` lists the power states of a card.',
  });
}

/**
 * `0`, `1e-4`, `0.01` or `1%`: a share of one.
 * @throws SiriusError (usage) for what is no number from 0 to less than 1.
 */
export function parseRatio(text: string, { where }: Where): number {
  const [, number, percent] = RATIO.exec(text.trim()) ?? [];
  // The decimal point moves in the text, so that 1% is exactly 0.01.
  const ratio = scaled(number, percent ? -2 : 0);
  if (ratio >= 0 && ratio < 1) return ratio;
  throw usageError({
    code: 'ratio',
    where,
    expected: 'a ratio from 0 to less than 1, such as 1e-4 or 0.5%',
    got: quoted(text),
    hint: 'Give a share of one, or hundredths with %.',
  });
}

/** `formatRate(3e6, 'cps')` is `3.00 Mcps`. */
export function formatRate(value: number, unit: RateUnit): string {
  if (unit === 'percent') return `${significant(value)}%`;
  const [number, prefix] = withPrefix(value, DECIMAL_PREFIXES, 1000);
  return `${number} ${prefix}${unit}`;
}

/** `formatCount(64e6)` is `64.0M`; below a thousand as it is. */
export function formatCount(value: number): string {
  return withPrefix(value, DECIMAL_PREFIXES, 1000).join('');
}

/** `formatBytes(8589934592)` is `8.00 GiB`. */
export function formatBytes(bytes: number): string {
  const [number, prefix] = withPrefix(bytes, BINARY_PREFIXES, 1024);
  return `${number} ${prefix}B`;
}

/** `formatDurationNs(2360)` is `2.36 us`; from a minute on `1m30s`, to the second. */
export function formatDurationNs(durationNs: number): string {
  if (Math.abs(durationNs) < 59.95e9) {
    const [number, unit] = withPrefix(durationNs, ['ns', 'us', 'ms', 's'], 1000);
    return `${number} ${unit}`;
  }
  const seconds = Math.round(Math.abs(durationNs) / 1e9);
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const text = parts.filter(([number]) => number > 0).map(([number, unit]) => `${number}${unit}`);
  return `${durationNs < 0 ? '-' : ''}${text.join('')}`;
}

/** A share of one: `formatRatio(1e-4)` is `1.00e-4`, from a thousandth on `12.3%`. */
export function formatRatio(ratio: number): string {
  if (ratio === 0) return '0';
  if (Math.abs(ratio) >= 1e-3) return `${significant(ratio * 100)}%`;
  return ratio.toExponential(2);
}

const NUMBER = String.raw`\d+(?:\.\d+)?(?:e[+-]?\d{1,2})?`;
const RATE = new RegExp(
  `^(?<number>${NUMBER})\\s*(?:(?<multiplier>[kmgt])?(?<unit>cps|pps|bps)?|(?<percent>%))$`,
  'i',
);
const NUMBER_ALONE = new RegExp(`^${NUMBER}$`, 'i');
const DURATION = new RegExp(
  `^(?=.)${['h', 'm', 's', 'ms', '[uµμ]s', 'ns'].map((unit) => `(?:${NUMBER}\\s*${unit}\\s*)?`).join('')}$`,
  'i',
);
const DURATION_PART = new RegExp(`(${NUMBER})\\s*(h|ms|m|s|[uµμ]s|ns)`, 'gi');
const ZERO_DURATION = /^0+(?:\.0+)?\s*(?:h|m|s|ms|[uµμ]s|ns)$/i;
const COUNT = new RegExp(`^(?<number>${NUMBER})\\s*(?<multiplier>[kmgt]i?)?$`, 'i');
const RATIO = new RegExp(`^(${NUMBER})\\s*(%)?$`, 'i');
const POWER = new RegExp(`^(${NUMBER})\\s*w?$`, 'i');

const RATE_EXAMPLES: Record<RateUnit, string> = {
  cps: '3Mcps',
  pps: '10Mpps',
  bps: '2.5Gbps',
  percent: '50%',
};
const DECIMAL_EXPONENTS: Record<string, number> = { k: 3, m: 6, g: 9, t: 12 };
const DECIMAL_PREFIXES = ['', 'k', 'M', 'G', 'T'];
const BINARY_PREFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti'];
const DURATION_UNITS: Record<string, { exponent: number; factor: number }> = {
  h: { exponent: 9, factor: 3600 },
  m: { exponent: 9, factor: 60 },
  s: { exponent: 9, factor: 1 },
  ms: { exponent: 6, factor: 1 },
  us: { exponent: 3, factor: 1 },
  ns: { exponent: 0, factor: 1 },
};

/** `4.35` with exponent 2 is exactly 435: the decimal point moves in the text, so nothing is rounded twice. */
function scaled(number: string | undefined, exponent: number): number {
  if (number === undefined) return Number.NaN;
  const [mantissa, own] = number.toLowerCase().split('e');
  return Number(`${mantissa}e${Number(own ?? 0) + exponent}`);
}

function multiplied(match: RegExpExecArray | null): number {
  const multiplier = match?.groups?.multiplier?.toLowerCase() ?? '';
  const power = DECIMAL_EXPONENTS[multiplier.charAt(0)] ?? 0;
  if (!multiplier.endsWith('i')) return scaled(match?.groups?.number, power);
  return scaled(match?.groups?.number, 0) * 1024 ** (power / 3);
}

/** Three significant digits and the prefix that keeps the number below `base`; whole numbers without a prefix stay whole. */
function withPrefix(value: number, prefixes: readonly string[], base: number): [string, string] {
  let index = 0;
  let number = value;
  while (index < prefixes.length - 1 && Math.abs(roundedTo3(number, index)) >= base) {
    number /= base;
    index++;
  }
  const text = index === 0 && Number.isInteger(number) ? `${number}` : significant(number);
  return [text, prefixes[index] ?? ''];
}

/** What would be shown: 999.6 of a prefix shows as 1000, so it belongs to the next one. */
function roundedTo3(number: number, index: number): number {
  return index === 0 && Number.isInteger(number) ? number : Number(significant(number));
}

/** Three significant digits without an exponent; from a thousand on all digits before the point. */
function significant(number: number): string {
  const size = Math.abs(number);
  if (size === 0) return '0';
  if (size >= 999.5) return number.toFixed(0);
  const text = number.toPrecision(3);
  return text.includes('e') ? `${Number(text)}` : text;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
