import type { Random } from '../../core/random.js';
import { type AclRule, ADDRESS_MAX, ANY_PORT, PORT_MAX, type ValueRange } from './rule.js';

/** What every level must allow, by TCP and UDP. */
export interface PermittedTraffic {
  clients: ValueRange;
  servers: ValueRange;
}

/** Conjuncts of each field of one rule. */
export interface RuleSizes {
  sources: number;
  destinations: number;
  sourcePorts: number;
  destinationPorts: number;
}

export interface RuleOptions {
  priority: number;
  size: RuleSizes;
  permitted: PermittedTraffic;
  random: Random;
}

const TCP = 6;
const UDP = 17;
const ICMP = 1;
const GRE = 47;
const ESP = 50;

/** Allows permitted traffic: all of it, or that between some clients and servers, half of the time to some services only. */
export function permitRule({
  priority,
  size,
  permitted,
  random,
  part,
}: RuleOptions & { part: 'all' | 'some' }): AclRule {
  const isAll = part === 'all';
  const addresses = (range: ValueRange, count: number) =>
    isAll ? splitRange(range, count, random) : someParts(range, count, random);
  return {
    priority,
    action: 'allow',
    protocols: [TCP, UDP],
    sources: addresses(permitted.clients, size.sources),
    destinations: addresses(permitted.servers, size.destinations),
    sourcePorts: splitRange(ANY_PORT, size.sourcePorts, random),
    destinationPorts:
      isAll || random.chance(1, 2)
        ? splitRange(ANY_PORT, size.destinationPorts, random)
        : servicePorts(size.destinationPorts, random),
  };
}

/** Denies other traffic: its sources or its destinations are neither permitted clients nor servers. */
export function denyRule(options: RuleOptions): AclRule {
  const { permitted, random, size } = options;
  const rule: AclRule = { ...otherTraffic(options), action: 'deny' };
  const free = freeRanges(permitted);
  if (free.length === 0) return { ...rule, protocols: [ICMP] };
  const outside = (count: number) => repeat(count, () => prefixWithin(free, random));
  if (random.chance(1, 2)) rule.sources = outside(size.sources);
  else rule.destinations = outside(size.destinations);
  return rule;
}

/** Allows traffic between some other networks. */
export function allowElsewhereRule(options: RuleOptions): AclRule {
  return { ...otherTraffic(options), action: 'allow' };
}

function otherTraffic({ priority, size, random }: RuleOptions): Omit<AclRule, 'action'> {
  return {
    priority,
    protocols: someProtocols(random),
    sources: repeat(size.sources, () => somePrefix(random)),
    destinations: repeat(size.destinations, () => somePrefix(random)),
    sourcePorts: clientPorts(size.sourcePorts, random),
    destinationPorts: servicePorts(size.destinationPorts, random),
  };
}

function someProtocols(random: Random): 'any' | number[] {
  return random.pick<'any' | number[]>([[TCP], [TCP], [TCP, UDP], [UDP], [ICMP], [GRE, ESP], 'any']);
}

/** Long prefixes are common in rules and short ones rare. */
const PREFIX_LENGTHS = [
  8, 12, 14, 16, 16, 18, 20, 20, 22, 22, 24, 24, 24, 24, 26, 27, 28, 28, 29, 30, 32, 32, 32, 32,
];

/** Half of all prefixes lie in private networks (RFC 1918), where the neighbours of a VM are. */
const PRIVATE_NETWORKS: readonly { first: number; length: number }[] = [
  { first: 0x0a00_0000, length: 8 },
  { first: 0xac10_0000, length: 12 },
  { first: 0xc0a8_0000, length: 16 },
];

function somePrefix(random: Random): ValueRange {
  const length = random.pick(PREFIX_LENGTHS);
  if (random.chance(1, 2)) return prefixOf(random.nextU32(), length);
  const network = random.pick(PRIVATE_NETWORKS);
  const hostCount = 2 ** (32 - network.length);
  return prefixOf(
    network.first + random.below(hostCount),
    Math.max(length, network.length + PRIVATE_SUBNET_BITS),
  );
}

/** Rules name subnets of private networks, not the whole. */
const PRIVATE_SUBNET_BITS = 4;

function prefixOf(address: number, length: number): ValueRange {
  const addressCount = 2 ** (32 - length);
  const first = Math.floor(address / addressCount) * addressCount;
  return { first, last: first + addressCount - 1 };
}

/** Tries before a single free address is taken for a prefix. */
const FREE_PREFIX_TRIES = 64;

function prefixWithin(ranges: ValueRange[], random: Random): ValueRange {
  for (let i = 0; i < FREE_PREFIX_TRIES; i++) {
    const prefix = somePrefix(random);
    if (ranges.some(({ first, last }) => first <= prefix.first && prefix.last <= last)) return prefix;
  }
  const { first } = random.pick(ranges);
  return { first, last: first };
}

/** The addresses that are neither permitted clients nor servers. */
function freeRanges({ clients, servers }: PermittedTraffic): ValueRange[] {
  const taken = [clients, servers].sort((a, b) => a.first - b.first);
  const free: ValueRange[] = [];
  let next = 0;
  for (const { first, last } of taken) {
    if (next < first) free.push({ first: next, last: first - 1 });
    next = Math.max(next, last + 1);
  }
  if (next <= ADDRESS_MAX) free.push({ first: next, last: ADDRESS_MAX });
  return free;
}

/** Ports of services that rules of public clouds name most. */
const SERVICE_PORTS = [
  22, 25, 53, 80, 110, 123, 135, 139, 143, 389, 443, 445, 636, 993, 1433, 1521, 3306, 3389, 5432, 5671, 6379,
  8080, 8443, 9000, 9092, 11211, 27017,
];

function servicePorts(count: number, random: Random): ValueRange[] {
  return repeat(count, () => {
    const first = random.chance(3, 4) ? random.pick(SERVICE_PORTS) : random.below(PORT_MAX + 1);
    return { first, last: random.chance(1, 4) ? Math.min(first + random.below(1000), PORT_MAX) : first };
  });
}

/** Ports that clients use: all, all unprivileged ones, those that Linux takes, those of RFC 6335. */
const CLIENT_PORTS: readonly ValueRange[] = [
  ANY_PORT,
  { first: 1024, last: PORT_MAX },
  { first: 32768, last: 60999 },
  { first: 49152, last: PORT_MAX },
];

function clientPorts(count: number, random: Random): ValueRange[] {
  const some = repeat(count, () => someRange(random.pick(CLIENT_PORTS), random));
  if (random.chance(1, 2)) some[0] = random.pick(CLIENT_PORTS);
  return some;
}

function someRange({ first, last }: ValueRange, random: Random): ValueRange {
  const ends = [first + random.below(last - first + 1), first + random.below(last - first + 1)];
  return { first: Math.min(...ends), last: Math.max(...ends) };
}

/** A range cut into `count` parts, at random and always in halves; a range too small for that is named again and again. */
function splitRange(range: ValueRange, count: number, random: Random): ValueRange[] {
  const parts = [range];
  let tries = 4 * count;
  while (parts.length < count) {
    const place = random.below(parts.length);
    const { first, last } = parts[place] ?? range;
    const middle = Math.floor((first + last) / 2);
    if (first < last) parts.splice(place, 1, { first, last: middle }, { first: middle + 1, last });
    else if (--tries < 0) parts.push(range);
  }
  return parts;
}

/** Some of the parts into which a range may be cut: about half of it. */
function someParts(range: ValueRange, count: number, random: Random): ValueRange[] {
  const parts = splitRange(range, 2 * count, random);
  const offset = random.below(2);
  return parts.filter((_, i) => i % 2 === offset);
}

function repeat<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}
