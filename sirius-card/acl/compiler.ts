import { SiriusError } from '../../core/errors.js';
import * as layout from '../dataplane/acl-layout.js';
import { columnsOf } from './columns.js';
import { ACL_DIRECTIONS, type AclLevel, type AclPolicy, judges } from './rule.js';
import { type AclSection, alignUp, compileSection, type SectionLevel } from './section.js';

/** A policy ready for the data plane. */
export interface AclImage {
  /** Holds offsets only: copy it to any address that is aligned to ACL_IMAGE_ALIGNMENT_BYTES, for `aclClassify`. */
  bytes: Uint8Array;
  /** Verdicts name rules by their place: levels in order, within each by priority. */
  ruleCount: number;
  /** Bit vectors of all sections; within one, they are distinct. */
  vectorCount: number;
  /** Intervals of each field over all sections, in the order of the layout. */
  intervalCounts: number[];
}

/**
 * Compiles a policy into the classifier that `dataplane/acl.ts` runs. Small levels that follow one another and judge the same
 * directions make a section, which one look-up per field serves; a large one is a section of its own, so that memory and time
 * grow with the number of levels and not with their product. One section at a time is in work.
 * @throws SiriusError `acl-too-large` when the policy has more than ACL_RULE_COUNT_MAX rules.
 */
export function compilePolicy({ levels }: AclPolicy): AclImage {
  const placed: PlacedSection[] = [];
  let ruleCount = 0;
  let pending: SectionLevel[] = [];
  let pendingRules = 0;
  for (const [i, level] of levels.entries()) {
    const columns = columnsOf(level);
    pending.push({ columns, defaultAction: level.defaultAction });
    pendingRules += columns.allows.length;
    checkLimit(ruleCount + pendingRules);
    if (sharesSection(level, levels[i + 1], pendingRules)) continue;
    placed.push({ level, section: compileSection(pending, ruleCount) });
    ruleCount += pendingRules;
    pending = [];
    pendingRules = 0;
  }
  return emitImage(placed, ruleCount);
}

/** A section, and a level of it that tells which directions it is for. */
interface PlacedSection {
  level: AclLevel;
  section: AclSection;
}

/** Rules of a section of several levels, at most: 4 words of 128 bits. */
const SHARED_SECTION_RULES_MAX = 512;

function sharesSection(level: AclLevel, next: AclLevel | undefined, pendingRules: number): boolean {
  if (next === undefined || next.columns !== undefined || level.columns !== undefined) return false;
  const isSameWay = ACL_DIRECTIONS.every((direction) => judges(level, direction) === judges(next, direction));
  return isSameWay && pendingRules + next.rules.length <= SHARED_SECTION_RULES_MAX;
}

function checkLimit(ruleCount: number): void {
  if (ruleCount <= layout.ACL_RULE_COUNT_MAX) return;
  throw new SiriusError({
    code: 'acl-too-large',
    message: `ACL policy: expected at most ${layout.ACL_RULE_COUNT_MAX} rules, got ${ruleCount}`,
    hint: 'Merge rules that differ in addresses or ports only: one rule holds any number of prefixes.',
  });
}

function emitImage(placed: readonly PlacedSection[], ruleCount: number): AclImage {
  const lists = ACL_DIRECTIONS.map((direction) => placed.filter(({ level }) => judges(level, direction)));
  const entryCount = lists.reduce((sum, { length }) => sum + length, 0);
  const offsets = new Map<PlacedSection, number>();
  let end = alignSection(layout.ACL_LISTS_OFFSET + entryCount * layout.ACL_LIST_ENTRY_BYTES);
  for (const one of placed) {
    offsets.set(one, end);
    end = alignSection(end + one.section.bytes.length);
  }
  const bytes = new Uint8Array(end);
  const view = new DataView(bytes.buffer);
  const write = (offset: number, value: number) => view.setUint32(offset, value, true);
  write(layout.ACL_IMAGE_BYTES_OFFSET, end);
  write(layout.ACL_RULE_COUNT_OFFSET, ruleCount);
  let entry = layout.ACL_LISTS_OFFSET;
  for (const [i, list] of lists.entries()) {
    const direction = layout.ACL_DIRECTIONS_OFFSET + i * layout.ACL_DIRECTION_BYTES;
    write(direction, entry);
    for (const one of list) {
      write(entry, offsets.get(one) ?? 0);
      entry += layout.ACL_LIST_ENTRY_BYTES;
    }
    write(direction + layout.ACL_DIRECTION_END_OFFSET, entry);
  }
  for (const [one, offset] of offsets) bytes.set(one.section.bytes, offset);
  return { bytes, ruleCount, ...countsOf(placed) };
}

function alignSection(bytes: number): number {
  return alignUp(bytes, layout.ACL_SECTION_ALIGNMENT_BYTES);
}

function countsOf(placed: readonly PlacedSection[]): Pick<AclImage, 'vectorCount' | 'intervalCounts'> {
  const total = (countOf: (section: AclSection) => number) =>
    placed.reduce((sum, { section }) => sum + countOf(section), 0);
  return {
    vectorCount: total(({ vectorCount }) => vectorCount),
    intervalCounts: Array.from({ length: layout.ACL_FIELD_COUNT }, (_, field) =>
      total(({ intervalCounts }) => intervalCounts[field] ?? 0),
    ),
  };
}
