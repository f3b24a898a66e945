import { SiriusError } from '../../core/errors.js';
import * as layout from '../dataplane/acl-layout.js';
import { columnsOf } from './columns.js';
import { ACL_DIRECTIONS, type AclDirection, type AclLevel, type AclPolicy, judges } from './rule.js';
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
    placed.push({ directions: directionsOf(level), section: compileSection(pending, ruleCount) });
    ruleCount += pendingRules;
    pending = [];
    pendingRules = 0;
  }
  const unjudged = ACL_DIRECTIONS.filter((asked) => !levels.some((level) => judges(level, asked)));
  if (unjudged.length > 0) placed.push({ directions: unjudged, section: compileSection([], ruleCount) });
  return emitImage(placed, ruleCount);
}

/** A section and the connections that it judges. */
interface PlacedSection {
  directions: readonly AclDirection[];
  section: AclSection;
}

/** Rules of a section of several levels, at most: 4 words of 128 bits. */
const SHARED_SECTION_RULES_MAX = 512;

function sharesSection(level: AclLevel, next: AclLevel | undefined, pendingRules: number): boolean {
  if (next === undefined || next.columns !== undefined || level.columns !== undefined) return false;
  const isSameWay = String(directionsOf(level)) === String(directionsOf(next));
  return isSameWay && pendingRules + next.rules.length <= SHARED_SECTION_RULES_MAX;
}

function directionsOf(level: AclLevel): AclDirection[] {
  return ACL_DIRECTIONS.filter((direction) => judges(level, direction));
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
  const offsets: number[] = [];
  let end = alignSection(layout.ACL_LISTS_OFFSET + listsBytes(placed));
  for (const { section } of placed) {
    offsets.push(end);
    end = alignSection(end + section.bytes.length);
  }
  const bytes = new Uint8Array(end);
  const view = new DataView(bytes.buffer);
  const write = (offset: number, value: number) => view.setUint32(offset, value, true);
  write(layout.ACL_IMAGE_BYTES_OFFSET, end);
  write(layout.ACL_RULE_COUNT_OFFSET, ruleCount);
  let entry = layout.ACL_LISTS_OFFSET;
  for (const [i, asked] of ACL_DIRECTIONS.entries()) {
    const [first = 0, ...further] = offsets.filter((_, place) => placed[place]?.directions.includes(asked));
    const header = layout.ACL_DIRECTIONS_OFFSET + i * layout.ACL_DIRECTION_BYTES;
    write(header, first);
    write(header + layout.ACL_DIRECTION_FURTHER_OFFSET, entry);
    for (const offset of [...further, 0]) {
      write(entry, offset);
      entry += layout.ACL_LIST_ENTRY_BYTES;
    }
  }
  for (const [place, { section }] of placed.entries()) bytes.set(section.bytes, offsets[place]);
  return { bytes, ruleCount, ...countsOf(placed) };
}

/** Each direction's first section stands in the header instead, and a 0 at the end of its list. */
function listsBytes(placed: readonly PlacedSection[]): number {
  return placed.reduce((sum, { directions }) => sum + directions.length, 0) * layout.ACL_LIST_ENTRY_BYTES;
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
