/** Ticks of a logarithmic axis: 1, 2, 5 in each decade, or the decades alone when the axis spans more than `fineDecadesMax`. */
export function logTicks(min: number, max: number, { fineDecadesMax = 3 } = {}): number[] {
  const steps = Math.log10(max / min) > fineDecadesMax ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(min)); exponent <= Math.ceil(Math.log10(max)); exponent++) {
    for (const step of steps) ticks.push(step * 10 ** exponent);
  }
  return ticks.filter((tick) => tick >= min && tick <= max);
}

/** The closest of 1, 2, 5 x 10^n below and above: bounds that leave every point inside. Both arguments above zero. */
export function logBounds(min: number, max: number): { min: number; max: number } {
  const below = stepsAround(min).filter((step) => step < min);
  const above = stepsAround(max).filter((step) => step > max);
  return { min: Math.max(...below), max: Math.min(...above) };
}

function stepsAround(value: number): number[] {
  const exponent = Math.floor(Math.log10(value));
  return [exponent - 1, exponent, exponent + 1].flatMap((power) =>
    [1, 2, 5].map((step) => step * 10 ** power),
  );
}

export interface AxisUnit {
  /** Divide by it before showing. */
  divisor: number;
  /** `s`, `ms`, `Mcps`. */
  name: string;
}

/** The largest unit in which the greatest value is at least 1. */
export function timeUnit(maxNs: number): AxisUnit {
  return largestUnit(maxNs, [
    { divisor: 1e9, name: 's' },
    { divisor: 1e6, name: 'ms' },
    { divisor: 1e3, name: 'us' },
    { divisor: 1, name: 'ns' },
  ]);
}

export function rateUnit(highest: number, unit: 'cps' | 'pps' = 'cps'): AxisUnit {
  return largestUnit(highest, [
    { divisor: 1e6, name: `M${unit}` },
    { divisor: 1e3, name: `k${unit}` },
    { divisor: 1, name: unit },
  ]);
}

/** `20000` -> `20 us`: as short as it can be said. */
export function timeLabel(valueNs: number): string {
  const { divisor, name } = timeUnit(valueNs);
  return `${shortNumber(valueNs / divisor)} ${name}`;
}

/** Three significant digits, no trailing zeros. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function largestUnit(max: number, units: [AxisUnit, ...AxisUnit[]] | AxisUnit[]): AxisUnit {
  const fitting = units.find(({ divisor }) => max >= divisor) ?? units.at(-1);
  if (fitting === undefined) throw new Error('an axis has units');
  return fitting;
}

/** Percentile on a "nines" axis: 0 -> 0, 90 -> 1, 99 -> 2, 99.9 -> 3. */
export function ninesOf(percentile: number): number {
  return -Math.log10(1 - percentile / 100);
}

export function percentileAt(nines: number): number {
  return 100 - 10 ** (2 - nines);
}
