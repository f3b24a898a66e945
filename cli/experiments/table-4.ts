import assert from 'node:assert';
import { Random } from '../../core/random.js';
import { loadProfile } from '../../generators/profile.js';
import { paperNumber } from '../../results/paper/reference.js';
import {
  ACL_LEVEL_NAMES,
  type AclLevel,
  type AclLevelName,
  type AclPolicy,
} from '../../sirius-card/acl/rule.js';
import { chooseAcl, policySource } from '../acl-choice.js';
import { renderColumns } from '../columns.js';
import { parseSeed } from '../cps-options.js';
import { prepareFolder } from '../results-folder.js';
import { writeFiles } from './written-files.js';

export interface Table4 {
  table: '4';
  seed: number;
  rows: Table4Row[];
}

/** One quantity at one level. */
export interface Table4Row {
  level: AclLevelName;
  quantity: Table4Quantity;
  /** The paper's number that it stands beside, by its id in the reference. */
  paperId: string;
  paper: number;
  /** Counted in the rule set of fNIC 0. */
  ours: number;
  /** Fewest and most over all fNICs. */
  low: number;
  high: number;
}

export interface Table4Report extends Table4 {
  /** What was written. */
  files: string[];
}

export type Table4Quantity = (typeof QUANTITIES)[number]['key'];

const QUANTITIES = [
  { key: 'rules', count: ({ rules }: AclLevel) => rules.length },
  { key: 'source-addresses', count: ({ rules }: AclLevel) => total(rules, ({ sources }) => sources) },
  {
    key: 'destination-addresses',
    count: ({ rules }: AclLevel) => total(rules, ({ destinations }) => destinations),
  },
  { key: 'source-ports', count: ({ rules }: AclLevel) => total(rules, ({ sourcePorts }) => sourcePorts) },
  {
    key: 'destination-ports',
    count: ({ rules }: AclLevel) => total(rules, ({ destinationPorts }) => destinationPorts),
  },
] as const;

/** The whole of `sirius-bench table 4`. */
export function performTable4({ seed: seedText, out }: { seed: string; out?: string }): {
  report: Table4Report;
  text: string;
} {
  const seed = parseSeed(seedText);
  if (out !== undefined) prepareFolder(out, '--out');
  const table = countTable4(seed);
  const files = out === undefined ? [] : writeFiles(out, new Map([[TABLE4_CSV, table4Csv(table)]]));
  return { report: { ...table, files }, text: [renderTable4(table), ...files, ''].join('\n') };
}

/** Makes the rule sets that a trial of `seed` runs with, those of every fNIC, and counts them. */
export function countTable4(seed: number): Table4 {
  const profile = loadProfile('cps', { tunables: [] });
  // As a trial makes them.
  const policyOf = policySource(chooseAcl('table4'), profile, new Random(seed).fork('acl').nextU64());
  return countPolicies(
    seed,
    Array.from({ length: profile.fnicCount }, (_, fnic) => policyOf(fnic)).filter(
      (policy) => policy !== undefined,
    ),
  );
}

/** Counts the policies of fNICs, beside the paper's numbers. */
export function countPolicies(seed: number, policies: readonly AclPolicy[]): Table4 {
  const [first] = policies;
  assert(first !== undefined, 'there is an fNIC');
  const levelOf = ({ levels }: AclPolicy, name: AclLevelName) => levels.find((level) => level.name === name);
  const rows = ACL_LEVEL_NAMES.filter((name) => levelOf(first, name) !== undefined).flatMap((name) =>
    QUANTITIES.map(({ key, count }): Table4Row => {
      const counts = policies.map((policy) => {
        const level = levelOf(policy, name);
        return level === undefined ? 0 : count(level);
      });
      const paperId = `acl-${name}-${key}`;
      return {
        level: name,
        quantity: key,
        paperId,
        paper: paperNumber(paperId).stated.value,
        ours: counts[0] ?? 0,
        low: Math.min(...counts),
        high: Math.max(...counts),
      };
    }),
  );
  return { table: '4', seed, rows };
}

const HEADS = ['LEVEL', 'CONJUNCTS OR RULES', 'PAPER', 'OURS', 'DIFFERENCE'];
const NAMES: Record<Table4Quantity, string> = {
  rules: 'rules',
  'source-addresses': 'source addresses',
  'destination-addresses': 'destination addresses',
  'source-ports': 'source ports',
  'destination-ports': 'destination ports',
};

export function renderTable4({ seed, rows }: Table4): string {
  const lines = rows.map(({ level, quantity, paper, ours, low, high }) => [
    level,
    NAMES[quantity],
    whole(paper),
    low === high ? whole(ours) : `${whole(low)} to ${whole(high)}`,
    low === paper && high === paper ? 'equal' : `${ours < paper ? '' : '+'}${whole(ours - paper)}`,
  ]);
  const table = renderColumns([HEADS, ...lines], { columns: Number.POSITIVE_INFINITY });
  return `Table 4: rule sets as generated and counted (seed ${seed}), beside the paper's\nThe generator is given this shape: that they are equal is no finding.\n\n${table}\n`;
}

export const TABLE4_CSV = 'table-4.csv';

/** RFC 4180, a row per level and quantity. */
export function table4Csv({ seed, rows }: Table4): string {
  const heads = 'table,seed,level,quantity,paper,ours,ours_low,ours_high';
  const lines = rows.map(({ level, quantity, paper, ours, low, high }) =>
    ['4', seed, level, quantity, paper, ours, low, high].join(','),
  );
  return [heads, ...lines, ''].join('\r\n');
}

function total<T>(rules: readonly T[], conjunctsOf: (rule: T) => readonly unknown[]): number {
  return rules.reduce((sum, rule) => sum + conjunctsOf(rule).length, 0);
}

function whole(value: number): string {
  return value.toLocaleString('en-US');
}
