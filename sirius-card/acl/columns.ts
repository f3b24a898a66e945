import {
  type AclLevel,
  type AclRule,
  ANY_PROTOCOL,
  type LevelColumns,
  type RangeColumns,
  rulesByPriority,
  type ValueRange,
} from './rule.js';

/** The rules of a level as the compiler takes them. */
export function columnsOf(level: AclLevel): LevelColumns {
  if (level.columns) return level.columns();
  const rules = rulesByPriority(level);
  return {
    allows: Uint8Array.from(rules, ({ action }) => (action === 'allow' ? 1 : 0)),
    fields: FIELDS.map((rangesOf) => fieldColumns(rules.map(rangesOf))),
  };
}

/** The five fields in the order of the layout. */
const FIELDS: readonly ((rule: AclRule) => ValueRange[])[] = [
  ({ sources }) => sources,
  ({ destinations }) => destinations,
  ({ sourcePorts }) => sourcePorts,
  ({ destinationPorts }) => destinationPorts,
  ({ protocols }) =>
    protocols === 'any' ? [ANY_PROTOCOL] : protocols.map((first) => ({ first, last: first })),
];

function fieldColumns(ruleRanges: ValueRange[][]): RangeColumns {
  const count = ruleRanges.reduce((sum, ranges) => sum + ranges.length, 0);
  const columns = emptyColumns(count);
  let at = 0;
  for (const [place, ranges] of ruleRanges.entries()) {
    for (const { first, last } of ranges) {
      columns.places[at] = place;
      columns.firsts[at] = first;
      columns.lasts[at++] = last;
    }
  }
  return columns;
}

/** Columns of `count` ranges, to be filled. */
export function emptyColumns(count: number): RangeColumns {
  return {
    places: new Uint32Array(count),
    firsts: new Uint32Array(count),
    lasts: new Uint32Array(count),
  };
}
