import {
  ACL_TABLE_HEADER_BYTES,
  ACL_TABLE_MASK_OFFSET,
  ACL_TABLE_UNIT_BYTES,
  ACL_WINDOW_INTERVALS,
} from '../dataplane/acl-layout.js';
import type { ValueRange } from './rule.js';
import { toggleBit, type VectorSet } from './vector-set.js';

/** One field of a compiled policy: its values cut into intervals, in each of which the same rules accept. */
export interface IntervalMap {
  /** First value of each interval, ascending; the first is 0. */
  starts: number[];
  /** Number of each interval's vector in the set of vectors. */
  vectors: number[];
  /** Finds the interval of a value; see `buildIndex`. */
  index: Uint32Array;
}

export interface IntervalMapOptions {
  /** The ranges that a rule accepts, by rule bit; in any order, they may overlap. */
  ruleRanges: ValueRange[][];
  /** Width of the field in bits. */
  valueBits: number;
  vectorSet: VectorSet;
}

/**
 * Cuts the field at every boundary and sweeps over the cuts: at each, some rules begin or cease to accept and their bits
 * toggle. The cost is that of sorting the boundaries and of looking up one vector per interval.
 */
export function buildIntervalMap({ ruleRanges, valueBits, vectorSet }: IntervalMapOptions): IntervalMap {
  const cuts = sortedCuts(ruleRanges, 2 ** valueBits);
  const current = vectorSet.emptyVector();
  const starts: number[] = [];
  const vectors: number[] = [];
  let at = 0;
  let start: number | undefined = 0;
  while (start !== undefined) {
    for (; cutValue(cuts[at]) === start; at++) toggleBit(current, cutRule(cuts[at]));
    starts.push(start);
    vectors.push(vectorSet.add(current));
    start = cutValue(cuts[at]);
  }
  return { starts, vectors, index: buildIndex(starts, valueBits) };
}

/** A cut is a value at which a rule toggles, as value * CUT_RULES + rule: below 2^53 for 32-bit values, and sorted by value. */
const CUT_RULES = 2 ** 20;

function sortedCuts(ruleRanges: ValueRange[][], valueCount: number): Float64Array {
  const cuts: number[] = [];
  for (const [rule, ranges] of ruleRanges.entries()) {
    for (const { first, last } of mergeRanges(ranges)) {
      cuts.push(first * CUT_RULES + rule);
      if (last + 1 < valueCount) cuts.push((last + 1) * CUT_RULES + rule);
    }
  }
  return Float64Array.from(cuts).sort();
}

function cutValue(cut: number | undefined): number | undefined {
  return cut === undefined ? undefined : Math.floor(cut / CUT_RULES);
}

function cutRule(cut: number | undefined): number {
  return (cut ?? 0) % CUT_RULES;
}

/** The same values in ranges that neither overlap nor touch, so that no value toggles a rule twice. */
function mergeRanges(ranges: ValueRange[]): ValueRange[] {
  const merged: ValueRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous !== undefined && range.first <= previous.last + 1) {
      previous.last = Math.max(previous.last, range.last);
    } else {
      merged.push({ ...range });
    }
  }
  return merged;
}

/** Slots of one table, at most: 2 to this power. */
const TABLE_BITS_MAX = 16;

/**
 * Tables of words (layout: ACL_TABLE_*), the first over the top bits of a value, with about a slot per interval. A slot leads
 * to the first of its few intervals or, where rules crowd, to another table over the next bits. So the memory goes
 * where the rules are, and a search is short everywhere.
 */
function buildIndex(starts: number[], valueBits: number): Uint32Array {
  const words: number[] = [];
  appendTable(words, starts, {
    firstValue: 0,
    spanBits: valueBits,
    firstInterval: 0,
    intervalCount: starts.length,
  });
  return Uint32Array.from(words);
}

interface TableSpan {
  firstValue: number;
  /** The table is for 2 to this power values. */
  spanBits: number;
  firstInterval: number;
  intervalCount: number;
}

/** Returns where the table begins, in units of ACL_TABLE_UNIT_BYTES. */
function appendTable(words: number[], starts: number[], span: TableSpan): number {
  const { firstValue, spanBits, firstInterval, intervalCount } = span;
  const tableBits = Math.min(Math.max(1, Math.ceil(Math.log2(intervalCount))), TABLE_BITS_MAX, spanBits);
  const slotBits = spanBits - tableBits;
  const table = words.length;
  const entries = table + ACL_TABLE_HEADER_BYTES / WORD_BYTES;
  const end = entries + 2 ** tableBits;
  while (words.length < end || words.length % (ACL_TABLE_UNIT_BYTES / WORD_BYTES) !== 0) words.push(0);
  words[table] = slotBits;
  words[table + ACL_TABLE_MASK_OFFSET / WORD_BYTES] = 2 ** tableBits - 1;

  let first = firstInterval;
  for (let slot = 0; slot < 2 ** tableBits; slot++) {
    const slotValue = firstValue + slot * 2 ** slotBits;
    while (startOf(starts, first + 1) <= slotValue) first++;
    let last = first;
    while (startOf(starts, last + 1) < slotValue + 2 ** slotBits) last++;
    const count = last - first + 1;
    const inner = { firstValue: slotValue, spanBits: slotBits, firstInterval: first, intervalCount: count };
    words[entries + slot] =
      count <= ACL_WINDOW_INTERVALS ? first * 2 : appendTable(words, starts, inner) * 2 + 1;
    first = last;
  }
  return (table * WORD_BYTES) / ACL_TABLE_UNIT_BYTES;
}

const WORD_BYTES = Uint32Array.BYTES_PER_ELEMENT;

function startOf(starts: number[], interval: number): number {
  return starts[interval] ?? Number.POSITIVE_INFINITY;
}
