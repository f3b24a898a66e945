import { SiriusError } from '../../core/errors.js';
import * as layout from '../dataplane/acl-layout.js';
import { buildIntervalMap, type IntervalMap } from './interval-map.js';
import {
  type AclLevel,
  type AclPolicy,
  type AclRule,
  ANY_PROTOCOL,
  rulesByPriority,
  type ValueRange,
} from './rule.js';
import { toggleBit, VectorSet } from './vector-set.js';

/** A policy ready for the data plane. */
export interface AclImage {
  /** Holds offsets only: copy it to any address that is aligned to ACL_IMAGE_ALIGNMENT_BYTES, for `aclClassify`. */
  bytes: Uint8Array;
  /** By rule bit: the rules that verdicts name, levels in order, within each by priority. */
  rules: AclRule[];
  /** Distinct bit vectors, over all fields. */
  vectorCount: number;
  /** Intervals of each field, in the order of the layout. */
  intervalCounts: number[];
}

/**
 * Compiles a policy into the classifier that `dataplane/acl.ts` runs: per field a map from a value to the bit vector of the
 * rules that accept it (equal vectors are stored once), to be ANDed. The time grows as conjuncts times their logarithm.
 * @throws SiriusError `acl-too-large` when the policy has more than ACL_RULE_COUNT_MAX rules.
 */
export function compilePolicy(policy: AclPolicy): AclImage {
  const levelRules = policy.levels.map(rulesByPriority);
  const rules = levelRules.flat();
  checkLimits(policy, rules);
  const vectorSet = new VectorSet(vectorBytesFor(rules.length));
  const levelHeaders = layOutLevels(policy.levels, vectorSet);
  const allowVector = vectorSet.add(bitsWhere(rules, vectorSet, ({ action }) => action === 'allow'));
  const maps = FIELDS.map(({ valueBits, rangesOf }) =>
    buildIntervalMap({ ruleRanges: rules.map(rangesOf), valueBits, vectorSet }),
  );
  return {
    bytes: emitImage({ ruleCount: rules.length, levelHeaders, allowVector, maps, vectorSet }),
    rules,
    vectorCount: vectorSet.count,
    intervalCounts: maps.map(({ starts }) => starts.length),
  };
}

/** The five fields in the order of the layout. */
const FIELDS: readonly { valueBits: number; rangesOf: (rule: AclRule) => ValueRange[] }[] = [
  { valueBits: 32, rangesOf: ({ sources }) => sources },
  { valueBits: 32, rangesOf: ({ destinations }) => destinations },
  { valueBits: 16, rangesOf: ({ sourcePorts }) => sourcePorts },
  { valueBits: 16, rangesOf: ({ destinationPorts }) => destinationPorts },
  { valueBits: 8, rangesOf: protocolRanges },
];

function protocolRanges({ protocols }: AclRule): ValueRange[] {
  return protocols === 'any' ? [ANY_PROTOCOL] : protocols.map((first) => ({ first, last: first }));
}

function vectorBytesFor(ruleCount: number): number {
  const wordBits = layout.ACL_VECTOR_WORD_BYTES * 8;
  return Math.max(1, Math.ceil(ruleCount / wordBits)) * layout.ACL_VECTOR_WORD_BYTES;
}

function checkLimits({ levels }: AclPolicy, rules: AclRule[]): void {
  if (levels.length !== layout.ACL_LEVEL_COUNT) {
    throw new Error(`an ACL policy has ${layout.ACL_LEVEL_COUNT} levels, this one ${levels.length}`);
  }
  if (rules.length > layout.ACL_RULE_COUNT_MAX) {
    throw new SiriusError({
      code: 'acl-too-large',
      message: `ACL policy: expected at most ${layout.ACL_RULE_COUNT_MAX} rules, got ${rules.length}`,
      hint: 'Merge rules that differ in addresses or ports only: one rule holds any number of prefixes.',
    });
  }
}

function bitsWhere(
  rules: AclRule[],
  vectorSet: VectorSet,
  isSet: (rule: AclRule, bit: number) => boolean,
): Uint8Array {
  const vector = vectorSet.emptyVector();
  for (const [bit, rule] of rules.entries()) if (isSet(rule, bit)) toggleBit(vector, bit);
  return vector;
}

interface LevelHeader {
  vector: number;
  beginByte: number;
  endByte: number;
  defaultAllow: boolean;
}

/** Levels take consecutive bits; a level looks only at the words that hold its own, at none when it is empty. */
function layOutLevels(levels: AclLevel[], vectorSet: VectorSet): LevelHeader[] {
  const wordBits = layout.ACL_VECTOR_WORD_BYTES * 8;
  let endBit = 0;
  return levels.map(({ rules, defaultAction }) => {
    const beginBit = endBit;
    endBit += rules.length;
    const vector = vectorSet.emptyVector();
    for (let bit = beginBit; bit < endBit; bit++) toggleBit(vector, bit);
    const beginByte = Math.floor(beginBit / wordBits) * layout.ACL_VECTOR_WORD_BYTES;
    return {
      vector: vectorSet.add(vector),
      beginByte,
      endByte: rules.length === 0 ? beginByte : Math.ceil(endBit / wordBits) * layout.ACL_VECTOR_WORD_BYTES,
      defaultAllow: defaultAction === 'allow',
    };
  });
}

interface ImageParts {
  ruleCount: number;
  levelHeaders: LevelHeader[];
  allowVector: number;
  maps: IntervalMap[];
  vectorSet: VectorSet;
}

function emitImage({ ruleCount, levelHeaders, allowVector, maps, vectorSet }: ImageParts): Uint8Array {
  const offsets = planOffsets(maps, vectorSet);
  const bytes = new Uint8Array(offsets.imageBytes);
  const view = new DataView(bytes.buffer);
  const write = (offset: number, value: number) => view.setUint32(offset, value, true);
  const vectorOffset = (vector: number) => layout.ACL_HEADER_BYTES + vector * vectorSet.vectorBytes;

  write(layout.ACL_IMAGE_BYTES_OFFSET, bytes.length);
  write(layout.ACL_RULE_COUNT_OFFSET, ruleCount);
  write(layout.ACL_ALLOW_VECTOR_OFFSET, vectorOffset(allowVector));
  for (const [i, { vector, beginByte, endByte, defaultAllow }] of levelHeaders.entries()) {
    const level = layout.ACL_LEVELS_OFFSET + i * layout.ACL_LEVEL_BYTES;
    write(level + layout.ACL_LEVEL_VECTOR_OFFSET, vectorOffset(vector));
    write(level + layout.ACL_LEVEL_BEGIN_OFFSET, beginByte);
    write(level + layout.ACL_LEVEL_END_OFFSET, endByte);
    write(level + layout.ACL_LEVEL_DEFAULT_OFFSET, defaultAllow ? 1 : 0);
  }
  vectorSet.emit(bytes, layout.ACL_HEADER_BYTES);
  for (const [i, { starts, vectors, index }] of maps.entries()) {
    const field = layout.ACL_FIELDS_OFFSET + i * layout.ACL_FIELD_BYTES;
    const { indexOffset, intervalsOffset } = offsets.fields[i] ?? { indexOffset: 0, intervalsOffset: 0 };
    write(field + layout.ACL_FIELD_INDEX_OFFSET, indexOffset);
    write(field + layout.ACL_FIELD_INTERVALS_OFFSET, intervalsOffset);
    for (const [k, word] of index.entries()) write(indexOffset + k * Uint32Array.BYTES_PER_ELEMENT, word);
    for (let k = 0; k < starts.length + layout.ACL_WINDOW_INTERVALS; k++) {
      const interval = intervalsOffset + k * layout.ACL_INTERVAL_BYTES;
      const place = Math.min(k, starts.length - 1);
      write(interval, starts[place] ?? 0);
      write(interval + layout.ACL_INTERVAL_VECTOR_OFFSET, vectorOffset(vectors[place] ?? 0));
    }
  }
  return bytes;
}

interface ImageOffsets {
  imageBytes: number;
  fields: { indexOffset: number; intervalsOffset: number }[];
}

function planOffsets(maps: IntervalMap[], vectorSet: VectorSet): ImageOffsets {
  let end = layout.ACL_HEADER_BYTES + vectorSet.count * vectorSet.vectorBytes;
  const take = (bytes: number) => {
    const offset = Math.ceil(end / layout.ACL_IMAGE_ALIGNMENT_BYTES) * layout.ACL_IMAGE_ALIGNMENT_BYTES;
    end = offset + bytes;
    return offset;
  };
  const fields = maps.map(({ index, starts }) => ({
    indexOffset: take(index.byteLength),
    intervalsOffset: take((starts.length + layout.ACL_WINDOW_INTERVALS) * layout.ACL_INTERVAL_BYTES),
  }));
  return { imageBytes: take(0), fields };
}
