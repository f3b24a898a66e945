import type { Ipv4Range } from '../../core/address.js';
import { Random } from '../../core/random.js';
import {
  ACL_LEVEL_NAMES,
  type AclLevel,
  type AclLevelName,
  type AclPolicy,
  type ValueRange,
} from './rule.js';
import {
  allowElsewhereRule,
  denyRule,
  type PermittedTraffic,
  permitRule,
  type RuleSizes,
} from './table4-rules.js';

/** The paper's Table 4: rules of each level, and the conjuncts (prefixes or ranges) of each field in total. */
export const TABLE4: Readonly<Record<AclLevelName, Table4Row>> = {
  fnic: { rules: 202, addressConjuncts: 5102, portConjuncts: 1021 },
  subnet: { rules: 26, addressConjuncts: 1168, portConjuncts: 141 },
  subscription: { rules: 8, addressConjuncts: 394, portConjuncts: 57 },
};

export interface Table4Row {
  rules: number;
  /** Of the sources, and as many of the destinations. */
  addressConjuncts: number;
  /** Of the source ports, and as many of the destination ports. */
  portConjuncts: number;
}

export interface Table4Options {
  seed: number | bigint | string;
  /** Index of the fNIC: its level differs from that of any other, the other two levels are common to all. */
  fnic: number;
  /** TCP and UDP from these clients to these servers is allowed on every port. Give the ranges of the whole testbed. */
  permit: { clients: Ipv4Range; servers: Ipv4Range };
}

/**
 * A policy of exactly the shape of Table 4 (section 6.1). In each level, a third of the rules or fewer allow parts of the
 * permitted traffic, the last allows all of it, the others allow or deny something else; so a permitted connection is
 * allowed at every level, by different rules. What no rule matches is denied.
 */
export function generateTable4Policy({ seed, fnic, permit }: Table4Options): AclPolicy {
  const random = new Random(seed);
  const permitted = { clients: toValueRange(permit.clients), servers: toValueRange(permit.servers) };
  const key = JSON.stringify([typeof seed === 'string', String(seed), permitted]);
  if (common?.key !== key) {
    const levels = COMMON_LEVELS.map((name) =>
      generateLevel({ name, permitted, random: random.fork(`acl-${name}`) }),
    );
    common = { key, levels };
  }
  const own = generateLevel({ name: 'fnic', permitted, random: random.fork(`acl-fnic-${fnic}`) });
  return { levels: [own, ...common.levels] };
}

/** What all fNICs of a testbed have in common. */
const COMMON_LEVELS = ACL_LEVEL_NAMES.filter((name) => name !== 'fnic');

/** The common levels that were made last: fNICs are asked for one after another. */
let common: { key: string; levels: AclLevel[] } | undefined;

interface LevelOptions {
  name: AclLevelName;
  permitted: PermittedTraffic;
  random: Random;
}

const PRIORITY_STEP = 10;

function generateLevel({ name, permitted, random }: LevelOptions): AclLevel {
  const row = TABLE4[name];
  const sizes = ruleSizes(row, random);
  const rules = sizes.map((size, place) => {
    const priority = (place + 1) * PRIORITY_STEP;
    if (place === row.rules - 1) return permitRule({ priority, size, permitted, random, part: 'all' });
    const kind = random.below(3);
    if (kind === 0) return permitRule({ priority, size, permitted, random, part: 'some' });
    if (kind === 1) return denyRule({ priority, size, permitted, random });
    return allowElsewhereRule({ priority, size, permitted, random });
  });
  return { name, rules, defaultAction: 'deny' };
}

function ruleSizes(row: Table4Row, random: Random): RuleSizes[] {
  const sources = shares(row.addressConjuncts, row.rules, random);
  const destinations = shares(row.addressConjuncts, row.rules, random);
  const sourcePorts = shares(row.portConjuncts, row.rules, random);
  const destinationPorts = shares(row.portConjuncts, row.rules, random);
  return sources.map((count, i) => ({
    sources: count,
    destinations: destinations[i] ?? 1,
    sourcePorts: sourcePorts[i] ?? 1,
    destinationPorts: destinationPorts[i] ?? 1,
  }));
}

/** Deals `total` into `parts` shares of at least 1; the rest falls more on some than on others. */
function shares(total: number, parts: number, random: Random): number[] {
  const weights = Array.from({ length: parts }, () => 1 + random.below(8) ** 2);
  const weightTotal = weights.reduce((sum, weight) => sum + weight, 0);
  const dealt = weights.map((weight) => 1 + Math.floor(((total - parts) * weight) / weightTotal));
  let rest = total - dealt.reduce((sum, share) => sum + share, 0);
  for (; rest > 0; rest--) {
    const lucky = random.below(parts);
    dealt[lucky] = (dealt[lucky] ?? 0) + 1;
  }
  return dealt;
}

function toValueRange({ first, count }: Ipv4Range): ValueRange {
  return { first, last: first + count - 1 };
}
