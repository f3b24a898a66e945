import assert from 'node:assert';

/** Loads are indices into a `LoadGrid` here, and widths are its steps. */

export interface Wish {
  index: number;
  /** Distance to keep from bounds and limits. */
  widthSteps: number;
  /** Bounds, which are already known and not worth another trial. */
  lower: number | undefined;
  upper: number | undefined;
  /** Greatest index of the grid; its limits, unlike bounds, may be chosen themselves. */
  maxIndex: number;
}

/**
 * Moves a wished load so that it is at least a width away from the bounds and is either a limit itself or a width away
 * from it: otherwise the interval left over would be narrower than anybody asked for. None if there is no room
 * (limit_handler.py of FD.io CSIT's MLRsearch).
 */
export function keepApart({ index, widthSteps, lower, upper, maxIndex }: Wish): number | undefined {
  const wished = Math.min(Math.max(index, 0), maxIndex);
  if (lower !== undefined && wished <= lower) return undefined;
  if (upper !== undefined && wished >= upper) return undefined;
  const least = lower ?? 0;
  const most = upper ?? maxIndex;
  if (widthSteps >= most - least) return lower === undefined ? least : upper === undefined ? most : undefined;

  let softLeast = least + widthSteps;
  let softMost = most - widthSteps;
  if (softLeast > softMost) {
    softLeast = middle(least, most, widthSteps);
    softMost = softLeast;
  }
  if (wished < softLeast) return lower === undefined ? least : softLeast;
  if (wished > softMost) return upper === undefined ? most : softMost;
  return wished;
}

/**
 * A load to split an interval at, the nearest to its middle that makes one part a power of two widths: later halvings
 * then end exactly at the width. Of uneven parts the lower one is the narrower, which spares trials where loss prevails.
 * An interval of less than two widths is split at a multiple of the half width, as a finer target may follow
 * (discrete_interval.py of FD.io CSIT's MLRsearch).
 */
export function middle(lower: number, upper: number, widthSteps: number): number {
  const steps = upper - lower;
  assert(widthSteps >= 1 && steps > widthSteps, `no middle of ${steps} steps at a width of ${widthSteps}`);
  if (steps < 2 * widthSteps) {
    return widthSteps % 2 === 0 ? middle(lower, upper, widthSteps / 2) : lower + Math.floor(steps / 2);
  }
  let part = widthSteps;
  while (steps - 2 * part > 2 * part) part *= 2;
  const doubled = 2 * part;
  const isDoubledMoreEven = doubled * (steps - doubled) >= part * (steps - part);
  return lower + (isDoubledMoreEven ? steps - doubled : part);
}
