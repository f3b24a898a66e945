/** Units that take a prefix before them; any other is what is counted and follows the number: `64M flows`. */
const PREFIXED = new Set(['cps', 'pps', 'bps', 'B', 'Hz']);
const PREFIXES = ['', 'k', 'M', 'G', 'T'];
const TIMES: readonly [name: string, ns: number][] = [
  ['s', 1e9],
  ['ms', 1e6],
  ['us', 1e3],
  ['ns', 1],
];
/** What the paper prints most, 176.5K, and what three digits after the point of a rate need. */
const DIGITS = 4;

/** A count up to here is told to the last one. */
const COUNT_IN_FULL_MAX = 99_999;

/** A value in a base unit as a reader wants it: `2.36 us`, `50 Mpps`, `0.00316%`, `5,102 rules`, `64M flows`, `10x`; else at most four digits. */
export function quantityText(value: number, unit: string): string {
  if (unit === 'ns') return timeText(value);
  if (unit === 'fraction') return `${plain(value * 100)}%`;
  if (unit === 'x') return `${plain(value)}x`;
  const [number, prefix] = withPrefix(value);
  if (PREFIXED.has(unit)) return `${number} ${prefix}${unit}`;
  if (unit !== '' && Number.isInteger(value) && Math.abs(value) <= COUNT_IN_FULL_MAX)
    return `${value.toLocaleString('en-US')} ${unit}`;
  return unit === '' ? `${number}${prefix}` : `${number}${prefix} ${unit}`;
}

export interface DisplayUnit {
  /** Divide by it before showing. */
  divisor: number;
  /** `Mpps`, `us`, `M flows`, `%`. */
  name: string;
}

/** One unit for all values up to `max`, as a linear axis has it. */
export function displayUnit(max: number, unit: string): DisplayUnit {
  if (unit === 'ns') {
    const [name, divisor] = timeUnitOf(max);
    return { divisor, name };
  }
  if (unit === 'fraction') return { divisor: 0.01, name: '%' };
  const exponent = prefixExponent(max);
  const prefix = PREFIXES[exponent] ?? '';
  const name = PREFIXED.has(unit) ? `${prefix}${unit}` : `${prefix} ${unit}`.trim();
  return { divisor: 1000 ** exponent, name };
}

function timeText(valueNs: number): string {
  const [name, divisor] = timeUnitOf(valueNs);
  return `${plain(valueNs / divisor)} ${name}`;
}

function timeUnitOf(valueNs: number): [name: string, divisor: number] {
  return TIMES.find(([, divisor]) => rounded(Math.abs(valueNs) / divisor) >= 1) ?? ['ns', 1];
}

function withPrefix(value: number): [number: string, prefix: string] {
  const exponent = prefixExponent(value);
  return [plain(value / 1000 ** exponent), PREFIXES[exponent] ?? ''];
}

/** 999,960 shows as 1M, so what is rounded decides. */
function prefixExponent(value: number): number {
  let exponent = 0;
  while (exponent < PREFIXES.length - 1 && rounded(Math.abs(value) / 1000 ** exponent) >= 1000) exponent++;
  return exponent;
}

function plain(value: number): string {
  return String(rounded(value));
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
