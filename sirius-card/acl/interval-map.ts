import {
  ACL_TABLE_HEADER_BYTES,
  ACL_TABLE_MASK_OFFSET,
  ACL_TABLE_UNIT_BYTES,
  ACL_WINDOW_INTERVALS,
} from '../dataplane/acl-layout.js';
import type { RangeColumns } from './rule.js';
import type { VectorSet } from './vector-set.js';

/** One field of compiled levels: its values cut into intervals, in each of which the same rules accept. */
export interface IntervalMap {
  /** First value of each interval, ascending; the first is 0. */
  starts: Uint32Array;
  /** Number of each interval's vector in the set of vectors. */
  vectors: Uint32Array;
  /** Finds the interval of a value; see `buildIndex`. */
  index: Uint32Array;
}

export interface IntervalMapOptions {
  /** The ranges that rules accept, by rule bit; in any order, they may overlap. */
  ranges: RangeColumns[];
  ruleCount: number;
  /** Width of the field in bits. */
  valueBits: number;
  /** Its current vector must be empty, and is so again. */
  vectorSet: VectorSet;
}

/**
 * Cuts the field at every boundary and sweeps over the cuts: at each, ranges of some rules begin or end, and the bits of rules
 * that begin or cease to accept toggle. The cost is that of sorting the boundaries and of looking up one vector per interval.
 */
export function buildIntervalMap({
  ranges,
  ruleCount,
  valueBits,
  vectorSet,
}: IntervalMapOptions): IntervalMap {
  const cuts = sortedCuts(ranges, 2 ** valueBits);
  const starts = new Uint32Array(cuts.length + 1);
  const vectors = new Uint32Array(cuts.length + 1);
  /** By rule: ranges that hold the value. */
  const depths = new Int32Array(ruleCount);
  let count = 0;
  let at = 0;
  let start = 0;
  while (true) {
    for (; at < cuts.length && cutValue(cuts, at) === start; at++)
      turn(vectorSet, depths, cuts[at] as number);
    const vector = vectorSet.addCurrent();
    if (count === 0 || vectors[count - 1] !== vector) {
      starts[count] = start;
      vectors[count++] = vector;
    }
    if (at === cuts.length) break;
    start = cutValue(cuts, at);
  }
  for (const [bit, depth] of depths.entries()) if (depth > 0) vectorSet.toggle(bit);
  const kept = starts.slice(0, count);
  return { starts: kept, vectors: vectors.slice(0, count), index: buildIndex(kept, valueBits) };
}

/**
 * A cut is a value at which a range of a rule begins or ends, as value * CUT_VALUE + rule * 2 + (1 where it begins): below 2^53 for
 * 32-bit values, and sorted by value.
 */
const CUT_VALUE = 2 ** 20;

function sortedCuts(ranges: RangeColumns[], valueCount: number): Float64Array {
  const rangeCount = ranges.reduce((sum, { places }) => sum + places.length, 0);
  const cuts = new Float64Array(rangeCount * 2);
  let count = 0;
  for (const { places, firsts, lasts } of ranges) {
    for (let i = 0; i < places.length; i++) {
      const rule = (places[i] as number) * 2;
      const next = (lasts[i] as number) + 1;
      cuts[count++] = (firsts[i] as number) * CUT_VALUE + rule + 1;
      if (next < valueCount) cuts[count++] = next * CUT_VALUE + rule;
    }
  }
  return cuts.subarray(0, count).sort();
}

function cutValue(cuts: Float64Array, at: number): number {
  return Math.floor((cuts[at] as number) / CUT_VALUE);
}

/** A rule's bit is set while it has at least one range around the value: ranges of one rule may overlap or touch. */
function turn(vectorSet: VectorSet, depths: Int32Array, cut: number): void {
  const bits = cut % CUT_VALUE;
  const rule = bits >>> 1;
  const depth = depths[rule] as number;
  const begins = (bits & 1) === 1;
  depths[rule] = begins ? depth + 1 : depth - 1;
  if (depth === (begins ? 0 : 1)) vectorSet.toggle(rule);
}

/** Slots of one table, at most: 2 to this power. */
const TABLE_BITS_MAX = 17;

/**
 * Tables of words (layout: ACL_TABLE_*), the first over the top bits of a value, with about a slot per interval. A slot leads
 * to the first of its few intervals or, where rules crowd, to another table over the next bits. So the memory goes
 * where the rules are, and a search is short everywhere.
 */
function buildIndex(starts: Uint32Array, valueBits: number): Uint32Array {
  const index: GrowingIndex = { words: new Uint32Array(1024), length: 0 };
  appendTable(index, starts, {
    firstValue: 0,
    spanBits: valueBits,
    firstInterval: 0,
    intervalCount: starts.length,
  });
  return index.words.slice(0, index.length);
}

interface GrowingIndex {
  words: Uint32Array;
  length: number;
}

interface TableSpan {
  firstValue: number;
  /** The table is for 2 to this power values. */
  spanBits: number;
  firstInterval: number;
  intervalCount: number;
}

/** Returns where the table begins, in units of ACL_TABLE_UNIT_BYTES. */
function appendTable(index: GrowingIndex, starts: Uint32Array, span: TableSpan): number {
  const { firstValue, spanBits, firstInterval, intervalCount } = span;
  const tableBits = Math.min(Math.max(1, Math.ceil(Math.log2(intervalCount))), TABLE_BITS_MAX, spanBits);
  const slotBits = spanBits - tableBits;
  const table = index.length;
  const entries = table + ACL_TABLE_HEADER_BYTES / WORD_BYTES;
  const end = Math.ceil((entries + 2 ** tableBits) / UNIT_WORDS) * UNIT_WORDS;
  growTo(index, end);
  index.words[table] = slotBits;
  index.words[table + ACL_TABLE_MASK_OFFSET / WORD_BYTES] = 2 ** tableBits - 1;

  let first = firstInterval;
  const slotValues = 2 ** slotBits;
  for (let slot = 0; slot < 2 ** tableBits; slot++) {
    const slotValue = firstValue + slot * slotValues;
    while (first + 1 < starts.length && (starts[first + 1] as number) <= slotValue) first++;
    let last = first;
    const nextValue = slotValue + slotValues;
    while (last + 1 < starts.length && (starts[last + 1] as number) < nextValue) last++;
    const count = last - first + 1;
    const inner = { firstValue: slotValue, spanBits: slotBits, firstInterval: first, intervalCount: count };
    // Apart from the assignment, for the words may move while an inner table is appended.
    const entry = count <= ACL_WINDOW_INTERVALS ? first * 2 : appendTable(index, starts, inner) * 2 + 1;
    index.words[entries + slot] = entry;
    first = last;
  }
  return (table * WORD_BYTES) / ACL_TABLE_UNIT_BYTES;
}

function growTo(index: GrowingIndex, length: number): void {
  if (length > index.words.length) {
    const words = new Uint32Array(Math.max(length, index.words.length * 2));
    words.set(index.words);
    index.words = words;
  }
  index.length = length;
}

const WORD_BYTES = Uint32Array.BYTES_PER_ELEMENT;
const UNIT_WORDS = ACL_TABLE_UNIT_BYTES / WORD_BYTES;
