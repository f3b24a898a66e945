import { usageError } from '../../core/errors.js';

/**
 * Loads of a search, from least (index 0) to greatest, equally spaced in the logarithm: neighbours differ by one *step*, the
 * same ratio everywhere, so steps measure relative widths. Widening and halving intervals is integer arithmetic and
 * reverses exactly (as load_rounding.py of FD.io CSIT's MLRsearch).
 *
 * Rounding: loads have 12 significant digits, so that an engine's last bit of an exponential shows nowhere; integer loads are
 * rounded down.
 */
export interface LoadGrid {
  /** Index of the greatest load. */
  maxIndex: number;
  loadAt(index: number): number;
  /** Index of the greatest load that is at most this, within the grid. */
  indexBelow(load: number): number;
  /** Steps of an interval (upper - lower) / upper wide, rounded down. */
  widthSteps(relativeWidth: number): number;
}

export interface LoadRange {
  minLoad: number;
  maxLoad: number;
  /** Loads are whole numbers, such as concurrent connections. */
  integerLoads?: boolean;
}

export interface LoadGridOptions extends LoadRange {
  /** Each is to be a whole number of steps, or a little more. */
  relativeWidths: readonly number[];
}

/** A width, in steps, may lose this much by rounding down... */
const WIDTH_KEPT_MIN = 0.99;
/** ... and must lose a little, so that no rounding makes an interval wider than its goal. */
const WIDTH_KEPT_MAX = 0.999999;

const LOAD_DIGITS = 12;

/** @throws SiriusError (usage) on wrong limits, and on widths too narrow for integer loads. */
export function loadGrid({
  minLoad,
  maxLoad,
  integerLoads = false,
  relativeWidths,
}: LoadGridOptions): LoadGrid {
  checkLoadRange({ minLoad, maxLoad, integerLoads });
  const logRange = Math.log(maxLoad / minLoad);
  const maxIndex = leastStepCount(relativeWidths.map((width) => -Math.log1p(-width) / logRange));
  const loadAt = (index: number): number => {
    if (index <= 0) return minLoad;
    if (index >= maxIndex) return maxLoad;
    const load = roundLoad(minLoad * Math.exp((logRange * index) / maxIndex));
    return integerLoads ? Math.floor(load) : load;
  };
  if (integerLoads) checkApart(loadAt, { minLoad, relativeWidths });
  return {
    maxIndex,
    loadAt,
    indexBelow: (load) => {
      if (load <= minLoad) return 0;
      if (load >= maxLoad) return maxIndex;
      // The logarithm and the rounding of loads can miss by one.
      let index = Math.floor((Math.log(load / minLoad) / logRange) * maxIndex);
      while (index > 0 && loadAt(index) > load) index -= 1;
      while (loadAt(index + 1) <= load) index += 1;
      return index;
    },
    widthSteps: (relativeWidth) => Math.floor((-Math.log1p(-relativeWidth) / logRange) * maxIndex),
  };
}

export function roundLoad(load: number): number {
  return Number(load.toPrecision(LOAD_DIGITS));
}

/** @throws SiriusError (usage). */
export function checkLoadRange({ minLoad, maxLoad, integerLoads = false }: LoadRange): void {
  const isRight = integerLoads ? Number.isSafeInteger : Number.isFinite;
  if (isRight(minLoad) && isRight(maxLoad) && minLoad > 0 && minLoad < maxLoad) return;
  throw usageError({
    code: 'search-load-range',
    where: 'loads to search',
    expected: `a least load above 0 and a greater greatest load${integerLoads ? ', both integers' : ''}`,
    got: `${minLoad} to ${maxLoad}`,
    hint: 'A search divides the range of loads by ratios, so it cannot begin at 0.',
  });
}

/** Least number of steps such that each width (a share of the range, logarithmic) is nearly a whole number of them. */
function leastStepCount(widthShares: readonly number[]): number {
  let count = 1;
  for (;;) {
    const greater = widthShares
      .filter((share) => {
        const kept = Math.floor(share * count) / (share * count);
        return kept < WIDTH_KEPT_MIN || kept > WIDTH_KEPT_MAX;
      })
      .map((share) => (Math.floor(share * count) + 1) / WIDTH_KEPT_MAX / share);
    if (greater.length === 0) return count;
    count = Math.max(count + 1, Math.ceil(Math.max(...greater)));
  }
}

/** Steps are shortest at the least load; where they are 1 or more there, rounding down never makes two loads one. */
function checkApart(
  loadAt: (index: number) => number,
  { minLoad, relativeWidths }: Pick<LoadGridOptions, 'minLoad' | 'relativeWidths'>,
): void {
  if (loadAt(1) - minLoad >= 1) return;
  throw usageError({
    code: 'search-load-range',
    where: 'loads to search',
    expected: `widths of one or more at the least load of ${minLoad}, since loads are integers`,
    got: `relative widths of ${relativeWidths.join(', ')}`,
    hint: 'Raise the least load, or widen the goals (several goals divide loads best when their widths are equal).',
  });
}
