import * as layout from '../dataplane/acl-layout.js';
import { buildIntervalMap, type IntervalMap } from './interval-map.js';
import type { AclAction, LevelColumns, RangeColumns } from './rule.js';
import { VectorSet } from './vector-set.js';

/** Some levels of a policy that are looked up together (layout: ACL_SECTION_*). */
export interface AclSection {
  bytes: Uint8Array;
  ruleCount: number;
  vectorCount: number;
  /** Intervals of each field, in the order of the layout. */
  intervalCounts: number[];
}

export interface SectionLevel {
  columns: LevelColumns;
  defaultAction: AclAction;
}

/** Width of each field in bits, in the order of the layout. */
const FIELD_BITS = [32, 32, 16, 16, 8];

/**
 * Compiles levels into what `dataplane/acl.ts` looks up at once: per field a map from a value to the bit vector of the rules that
 * accept it (equal vectors are stored once), to be ANDed. The time grows as ranges times their logarithm.
 * @param firstRule rules of the policy that come before these
 */
export function compileSection(levels: readonly SectionLevel[], firstRule: number): AclSection {
  const ruleCount = levels.reduce((sum, { columns }) => sum + columns.allows.length, 0);
  const vectorSet = new VectorSet(vectorBytesFor(ruleCount));
  const levelHeaders = layOutLevels(levels, vectorSet);
  const allowVector = vectorSet.addBits(allowBits(levels));
  const maps = FIELD_BITS.map((valueBits, field) =>
    buildIntervalMap({ ranges: joinColumns(levels, field), ruleCount, valueBits, vectorSet }),
  );
  return {
    bytes: emitSection({ firstRule, levelHeaders, allowVector, maps, vectorSet }),
    ruleCount,
    vectorCount: vectorSet.count,
    intervalCounts: maps.map(({ starts }) => starts.length),
  };
}

function vectorBytesFor(ruleCount: number): number {
  const wordBits = layout.ACL_VECTOR_WORD_BYTES * 8;
  return Math.max(1, Math.ceil(ruleCount / wordBits)) * layout.ACL_VECTOR_WORD_BYTES;
}

function allowBits(levels: readonly SectionLevel[]): number[] {
  const allows = levels.flatMap(({ columns }) => [...columns.allows]);
  return allows.flatMap((allow, bit) => (allow === 1 ? [bit] : []));
}

/** The ranges of one field over all levels, rules by their bit. */
function joinColumns(levels: readonly SectionLevel[], field: number): RangeColumns[] {
  let firstBit = 0;
  return levels.map(({ columns }) => {
    const { places, firsts, lasts } = columns.fields[field] as RangeColumns;
    const levelFirstBit = firstBit;
    firstBit += columns.allows.length;
    return {
      places: levelFirstBit === 0 ? places : places.map((place) => place + levelFirstBit),
      firsts,
      lasts,
    };
  });
}

interface LevelHeader {
  vector: number;
  beginByte: number;
  endByte: number;
  defaultAllow: boolean;
}

/** Levels take consecutive bits; a level looks only at the words that hold its own, at none when it is empty. */
function layOutLevels(levels: readonly SectionLevel[], vectorSet: VectorSet): LevelHeader[] {
  const wordBits = layout.ACL_VECTOR_WORD_BYTES * 8;
  let endBit = 0;
  return levels.map(({ columns, defaultAction }) => {
    const count = columns.allows.length;
    const beginBit = endBit;
    endBit += count;
    const beginByte = Math.floor(beginBit / wordBits) * layout.ACL_VECTOR_WORD_BYTES;
    return {
      vector: vectorSet.addBits(Array.from({ length: count }, (_, i) => beginBit + i)),
      beginByte,
      endByte: count === 0 ? beginByte : Math.ceil(endBit / wordBits) * layout.ACL_VECTOR_WORD_BYTES,
      defaultAllow: defaultAction === 'allow',
    };
  });
}

interface SectionParts {
  firstRule: number;
  levelHeaders: LevelHeader[];
  allowVector: number;
  maps: IntervalMap[];
  vectorSet: VectorSet;
}

function emitSection({ firstRule, levelHeaders, allowVector, maps, vectorSet }: SectionParts): Uint8Array {
  const levelsEnd = layout.ACL_LEVELS_OFFSET + levelHeaders.length * layout.ACL_LEVEL_BYTES;
  const vectorsOffset = alignUp(levelsEnd, layout.ACL_SECTION_ALIGNMENT_BYTES);
  const offsets = planOffsets(vectorsOffset, maps, vectorSet);
  const bytes = new Uint8Array(offsets.sectionBytes);
  const view = new DataView(bytes.buffer);
  const write = (offset: number, value: number) => view.setUint32(offset, value, true);
  const vectorOffset = (vector: number) => vectorsOffset + vector * vectorSet.vectorBytes;

  write(layout.ACL_ALLOW_VECTOR_OFFSET, vectorOffset(allowVector));
  write(layout.ACL_LEVELS_END_OFFSET, levelsEnd);
  write(layout.ACL_FIRST_RULE_OFFSET, firstRule);
  for (const [i, { vector, beginByte, endByte, defaultAllow }] of levelHeaders.entries()) {
    const level = layout.ACL_LEVELS_OFFSET + i * layout.ACL_LEVEL_BYTES;
    write(level + layout.ACL_LEVEL_VECTOR_OFFSET, vectorOffset(vector));
    write(level + layout.ACL_LEVEL_BEGIN_OFFSET, beginByte);
    write(level + layout.ACL_LEVEL_END_OFFSET, endByte);
    write(level + layout.ACL_LEVEL_DEFAULT_OFFSET, defaultAllow ? 1 : 0);
  }
  vectorSet.emit(bytes, vectorsOffset);
  for (const [i, { starts, vectors, index }] of maps.entries()) {
    const field = layout.ACL_FIELDS_OFFSET + i * layout.ACL_FIELD_BYTES;
    const { indexOffset, intervalsOffset } = offsets.fields[i] ?? { indexOffset: 0, intervalsOffset: 0 };
    write(field + layout.ACL_FIELD_INDEX_OFFSET, indexOffset);
    write(field + layout.ACL_FIELD_INTERVALS_OFFSET, intervalsOffset);
    for (let k = 0; k < index.length; k++)
      write(indexOffset + k * Uint32Array.BYTES_PER_ELEMENT, index[k] as number);
    for (let k = 0; k < starts.length + layout.ACL_WINDOW_INTERVALS; k++) {
      const interval = intervalsOffset + k * layout.ACL_INTERVAL_BYTES;
      const place = Math.min(k, starts.length - 1);
      write(interval, starts[place] as number);
      write(interval + layout.ACL_INTERVAL_VECTOR_OFFSET, vectorOffset(vectors[place] as number));
    }
  }
  return bytes;
}

interface SectionOffsets {
  sectionBytes: number;
  fields: { indexOffset: number; intervalsOffset: number }[];
}

function planOffsets(vectorsOffset: number, maps: IntervalMap[], vectorSet: VectorSet): SectionOffsets {
  let end = vectorsOffset + vectorSet.count * vectorSet.vectorBytes;
  const take = (bytes: number) => {
    const offset = alignUp(end, layout.ACL_IMAGE_ALIGNMENT_BYTES);
    end = offset + bytes;
    return offset;
  };
  const fields = maps.map(({ index, starts }) => ({
    indexOffset: take(index.byteLength),
    intervalsOffset: take((starts.length + layout.ACL_WINDOW_INTERVALS) * layout.ACL_INTERVAL_BYTES),
  }));
  return { sectionBytes: take(0), fields };
}

export function alignUp(bytes: number, alignment: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
