import { usageError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import { ADDRESS_MAX, type ValueRange } from './rule.js';

/**
 * A range as prefixes (CIDR blocks), ascending and disjoint: as few as it takes, then halved, the largest first, until there are
 * `count` or only addresses are left.
 */
export function prefixesOf({ first, last }: ValueRange, count: number): ValueRange[] {
  let prefixes: ValueRange[] = [];
  for (let start = first; start <= last; ) {
    const size = largestBlock(start, last - start + 1);
    prefixes.push({ first: start, last: start + size - 1 });
    start += size;
  }
  while (prefixes.length < count) {
    const largest = Math.max(...prefixes.map(sizeOf));
    if (largest === 1) break;
    let spare = count - prefixes.length;
    prefixes = prefixes.flatMap((prefix) =>
      sizeOf(prefix) === largest && spare-- > 0 ? halves(prefix) : prefix,
    );
  }
  return prefixes;
}

/** The one smallest prefix that holds a range. */
export function coveringPrefix({ first, last }: ValueRange): ValueRange {
  let size = 1;
  while (Math.floor(first / size) !== Math.floor(last / size)) size *= 2;
  const start = Math.floor(first / size) * size;
  return { first: start, last: start + size - 1 };
}

/**
 * `count` disjoint prefixes outside a range, spread evenly over all other addresses, ascending: each is put at random into a stride
 * of its own, of a length from the shortest that surely fits to /32.
 * @throws SiriusError (usage) when there are fewer other addresses than prefixes
 */
export function eachPrefixElsewhere(
  hole: ValueRange,
  count: number,
  random: Random,
  take: (i: number, first: number, last: number) => void,
): void {
  const free = ADDRESS_MAX + 1 - sizeOf(hole);
  if (free < count) throw tooFewAddresses(free, count);
  const stride = free / Math.max(count, 1);
  const bitsMax = Math.floor(Math.log2(Math.max(1, stride / 2)));
  for (let i = 0; i < count; i++) {
    const begin = Math.floor(i * stride);
    const size = 2 ** random.below(Math.min(bitsMax, ROUTED_BITS_MAX) + 1);
    const blocks = Math.max(1, Math.floor((Math.floor((i + 1) * stride) - begin) / size) - 1);
    const aligned = Math.ceil(around(hole, begin) / size) * size + random.below(blocks) * size;
    const isClear = aligned + size - 1 < hole.first || aligned > hole.last;
    const isInside = aligned + size - 1 <= around(hole, Math.floor((i + 1) * stride) - 1);
    if (isClear && isInside) take(i, aligned, aligned + size - 1);
    else take(i, around(hole, begin), around(hole, begin));
  }
}

/** The longest routed prefixes are /24. */
const ROUTED_BITS_MAX = 8;

/** The address of a place among those outside the hole. */
function around({ first, last }: ValueRange, place: number): number {
  return place < first ? place : place + (last - first + 1);
}

/** Size of the largest block that begins here and holds at most `sizeMax` addresses. */
function largestBlock(start: number, sizeMax: number): number {
  let size = 1;
  while (size * 2 <= sizeMax && start % (size * 2) === 0) size *= 2;
  return size;
}

function halves({ first, last }: ValueRange): ValueRange[] {
  const middle = first + (last - first + 1) / 2;
  return [
    { first, last: middle - 1 },
    { first: middle, last },
  ];
}

function sizeOf({ first, last }: ValueRange): number {
  return last - first + 1;
}

function tooFewAddresses(free: number, count: number) {
  return usageError({
    code: 'acl-no-addresses',
    where: '--acl',
    expected: `at least ${count} addresses that the profile does not use, for the other prefixes of each group`,
    got: String(free),
    hint: 'Give the profile fewer client and server addresses, or take --acl dash-1ip or table4.',
  });
}
