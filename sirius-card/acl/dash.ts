import type { Ipv4Range } from '../../core/address.js';
import { Random } from '../../core/random.js';
import {
  ACL_FIELD_COUNT,
  ACL_FIELD_DESTINATION_ADDRESS,
  ACL_FIELD_SOURCE_ADDRESS,
} from '../dataplane/acl-layout.js';
import { emptyColumns } from './columns.js';
import { coveringPrefix, eachPrefixElsewhere, prefixesOf } from './dash-prefixes.js';
import {
  ACL_DIRECTIONS,
  type AclDirection,
  type AclLevel,
  type AclPolicy,
  type AclRule,
  ANY_ADDRESS,
  ANY_PORT,
  ANY_PROTOCOL,
  type LevelColumns,
  type RangeColumns,
  type ValueRange,
} from './rule.js';

/** What one fNIC (DASH: ENI) has at a scale of SONiC DASH's tests. */
export interface DashShape {
  /** Of each direction. */
  groups: number;
  rulesPerGroup: number;
  prefixesPerRule: number;
}

/** DASH's hero test: the full requirement, 1% of its prefixes, and the least that lets traffic pass. */
export const DASH_SHAPES = {
  'dash-hero': { groups: 5, rulesPerGroup: 1000, prefixesPerRule: 100 },
  'dash-baby': { groups: 5, rulesPerGroup: 1000, prefixesPerRule: 1 },
  'dash-1ip': { groups: 1, rulesPerGroup: 1, prefixesPerRule: 1 },
} as const satisfies Record<string, DashShape>;

export type DashScale = keyof typeof DASH_SHAPES;

/** Of the 100 prefixes of a rule, DASH has 16 mapped (here: those of permitted traffic, at most) and 84 routed. */
const MAPPED_PREFIXES_MAX = 16;

export interface DashOptions {
  seed: number | bigint | string;
  /** Index of the fNIC: no two have the same rules. */
  fnic: number;
  scale: DashScale;
  /** Connections from these clients to these servers are allowed, whichever side the virtual machine is on. */
  permit: { clients: Ipv4Range; servers: Ipv4Range };
}

/**
 * A policy of exactly the shape of a DASH scale. What DASH's texts leave open is assumed: rules are alternately for allowing and
 * denying, by the address of the remote end alone (the destination of outbound, the source of inbound connections), and no address is in two
 * rules of a group. The permitted servers (outbound) or clients (inbound) are dealt to rules that allow, over the whole depth of
 * each group; the other prefixes lie elsewhere, /24 to /32. Nothing is allowed by default. Groups are made anew whenever they are
 * read: a full policy is a million prefixes.
 */
export function generateDashPolicy({ seed, fnic, scale, permit }: DashOptions): AclPolicy {
  const random = new Random(seed);
  const shape = DASH_SHAPES[scale];
  const remotes: Record<AclDirection, Ipv4Range> = { outbound: permit.servers, inbound: permit.clients };
  return {
    levels: ACL_DIRECTIONS.flatMap((direction) =>
      Array.from({ length: shape.groups }, (_, group) => {
        const { first, count } = remotes[direction];
        const remote = { first, last: first + count - 1 };
        const name = `${direction}-${group + 1}`;
        return new DashGroup(name, direction, shape, remote, () => random.fork(`dash-${fnic}-${name}`));
      }),
    ),
  };
}

class DashGroup implements AclLevel {
  readonly defaultAction = 'deny';

  constructor(
    readonly name: string,
    readonly direction: AclDirection,
    readonly shape: DashShape,
    readonly remote: ValueRange,
    readonly freshRandom: () => Random,
  ) {}

  /** An object for each prefix: for those who look at some rules, not for the compiler. */
  get rules(): AclRule[] {
    const { allows, fields } = this.columns();
    const isOutbound = this.direction === 'outbound';
    const ranges = rangesByPlace(fields[remoteField(this.direction)] as RangeColumns, allows.length);
    return ranges.map((remotes, place) => ({
      priority: place + 1,
      action: allows[place] === 1 ? 'allow' : 'deny',
      protocols: 'any',
      sources: isOutbound ? [ANY_ADDRESS] : remotes,
      destinations: isOutbound ? remotes : [ANY_ADDRESS],
      sourcePorts: [ANY_PORT],
      destinationPorts: [ANY_PORT],
    }));
  }

  columns(): LevelColumns {
    const { rulesPerGroup } = this.shape;
    const whole = [ANY_ADDRESS, ANY_ADDRESS, ANY_PORT, ANY_PORT, ANY_PROTOCOL];
    return {
      allows: Uint8Array.from({ length: rulesPerGroup }, (_, place) => (isAllowPlace(place) ? 1 : 0)),
      fields: Array.from({ length: ACL_FIELD_COUNT }, (_, field) =>
        field === remoteField(this.direction)
          ? remoteColumns(this.shape, this.remote, this.freshRandom())
          : everyRule(whole[field] as ValueRange, rulesPerGroup),
      ),
    };
  }
}

function isAllowPlace(place: number): boolean {
  return place % 2 === 0;
}

function remoteField(direction: AclDirection): number {
  return direction === 'outbound' ? ACL_FIELD_DESTINATION_ADDRESS : ACL_FIELD_SOURCE_ADDRESS;
}

/** The prefixes of all rules of a group: first those of permitted remotes, then the others, a rule's own spread over all addresses. */
function remoteColumns(
  { rulesPerGroup, prefixesPerRule }: DashShape,
  remote: ValueRange,
  random: Random,
): RangeColumns {
  const allowPlaces = Array.from({ length: rulesPerGroup }, (_, place) => place).filter(isAllowPlace);
  const mappedMax = allowPlaces.length * Math.min(prefixesPerRule, MAPPED_PREFIXES_MAX);
  const mapped = mappedPrefixes(remote, mappedMax);
  const columns = emptyColumns(rulesPerGroup * prefixesPerRule);
  const free = new Uint32Array(rulesPerGroup).fill(prefixesPerRule);
  for (const [i, { first, last }] of mapped.entries()) {
    const place = allowPlaces[mappedRule(i, mapped.length, allowPlaces.length)] as number;
    free[place] = (free[place] as number) - 1;
    columns.places[i] = place;
    columns.firsts[i] = first;
    columns.lasts[i] = last;
  }
  const owners = ownersOfOthers(free, random);
  eachPrefixElsewhere(hullOf(mapped), owners.length, random, (i, first, last) => {
    const at = mapped.length + i;
    columns.places[at] = owners[i] as number;
    columns.firsts[at] = first;
    columns.lasts[at] = last;
  });
  return columns;
}

/** As many prefixes as rules take; one that covers all where there is one rule, or where fewer do not. */
function mappedPrefixes(remote: ValueRange, countMax: number): ValueRange[] {
  const prefixes = prefixesOf(remote, countMax);
  return prefixes.length <= countMax ? prefixes : [coveringPrefix(remote)];
}

/** Fewer prefixes than rules lie evenly over the depth; more are dealt in turn. */
function mappedRule(i: number, prefixCount: number, ruleCount: number): number {
  return prefixCount < ruleCount ? Math.floor(((i + 1) * ruleCount) / prefixCount) - 1 : i % ruleCount;
}

/** The rule of each further prefix: all in turn, in an order of the group's own, until each has its number. */
function ownersOfOthers(free: Uint32Array, random: Random): Uint32Array {
  const order = random.shuffle(Array.from(free.keys()));
  const owners = new Uint32Array(free.reduce((sum, count) => sum + count, 0));
  let count = 0;
  for (let round = 0; count < owners.length; round++) {
    for (const place of order) if (round < (free[place] as number)) owners[count++] = place;
  }
  return owners;
}

function hullOf(ranges: readonly ValueRange[]): ValueRange {
  return { first: ranges[0]?.first ?? 0, last: ranges.at(-1)?.last ?? 0 };
}

function everyRule({ first, last }: ValueRange, ruleCount: number): RangeColumns {
  const columns = emptyColumns(ruleCount);
  for (let place = 0; place < ruleCount; place++) columns.places[place] = place;
  columns.firsts.fill(first);
  columns.lasts.fill(last);
  return columns;
}

function rangesByPlace({ places, firsts, lasts }: RangeColumns, ruleCount: number): ValueRange[][] {
  const ranges: ValueRange[][] = Array.from({ length: ruleCount }, () => []);
  for (const [i, place] of places.entries())
    ranges[place]?.push({ first: firsts[i] as number, last: lasts[i] as number });
  return ranges;
}
