import { describe, expect, test } from 'vitest';
import type { Ipv4Range } from '../../core/address.js';
import { Random } from '../../core/random.js';
import { ACL_DEFAULT_RULE } from '../dataplane/acl-layout.js';
import { linearScan } from './linear-scan.js';
import type { AclLevel, AclLevelName, AclPacket, AclPolicy, AclRule, ValueRange } from './rule.js';
import { generateTable4Policy, TABLE4 } from './table4.js';

const permit = { clients: { first: 0x0a000000, count: 16384 }, servers: { first: 0xac100000, count: 256 } };

function conjuncts({ rules }: AclLevel, rangesOf: (rule: AclRule) => ValueRange[]): number {
  return rules.reduce((sum, rule) => sum + rangesOf(rule).length, 0);
}

/** A policy that this level alone decides, so that verdicts name its rules from 0 on. */
function levelAlone({ levels }: AclPolicy, place: number): AclPolicy {
  const open = (name: AclLevelName): AclLevel => ({ name, rules: [], defaultAction: 'allow' });
  return { levels: [open('fnic'), open('subnet'), ...levels.slice(place, place + 1)] };
}

function packetsBetween(clients: Ipv4Range, servers: Ipv4Range, count: number): AclPacket[] {
  const random = new Random('packets');
  return Array.from({ length: count }, () => ({
    sourceAddress: clients.first + random.below(clients.count),
    destinationAddress: servers.first + random.below(servers.count),
    sourcePort: random.below(65536),
    destinationPort: random.below(2) === 0 ? 80 : random.below(65536),
    protocol: random.below(2) === 0 ? 6 : 17,
  }));
}

describe('the shape is that of Table 4', () => {
  const policy = generateTable4Policy({ seed: 7, fnic: 3, permit });
  test.each(policy.levels)('$name', (level) => {
    const row = TABLE4[level.name as AclLevelName];
    expect(level.rules.length).toBe(row.rules);
    expect(conjuncts(level, ({ sources }) => sources)).toBe(row.addressConjuncts);
    expect(conjuncts(level, ({ destinations }) => destinations)).toBe(row.addressConjuncts);
    expect(conjuncts(level, ({ sourcePorts }) => sourcePorts)).toBe(row.portConjuncts);
    expect(conjuncts(level, ({ destinationPorts }) => destinationPorts)).toBe(row.portConjuncts);
    expect(new Set(level.rules.map(({ priority }) => priority)).size).toBe(row.rules);
    expect(new Set(level.rules.map(({ action }) => action))).toEqual(new Set(['allow', 'deny']));
    for (const { sources, destinations, sourcePorts, destinationPorts } of level.rules) {
      for (const set of [sources, destinations, sourcePorts, destinationPorts]) {
        expect(set.length).toBeGreaterThan(0);
        expect(set.every(({ first, last }) => Number.isInteger(first) && first >= 0 && first <= last)).toBe(
          true,
        );
      }
    }
  });

  test('the paper has 202, 26 and 8 rules', () => {
    expect(TABLE4).toEqual({
      fnic: { rules: 202, addressConjuncts: 5102, portConjuncts: 1021 },
      subnet: { rules: 26, addressConjuncts: 1168, portConjuncts: 141 },
      subscription: { rules: 8, addressConjuncts: 394, portConjuncts: 57 },
    });
  });

  test('prefixes of all lengths from /8 to /32 occur', () => {
    const sizes = policy.levels
      .flatMap(({ rules }) => rules)
      .flatMap(({ sources }) => sources)
      .map(({ first, last }) => last - first + 1);
    for (const length of [8, 12, 16, 20, 24, 28, 32]) expect(sizes).toContain(2 ** (32 - length));
  });
});

describe('levels', () => {
  const first = generateTable4Policy({ seed: 7, fnic: 0, permit });
  const second = generateTable4Policy({ seed: 7, fnic: 1, permit });

  test('the same seed and fNIC give the same policy', () => {
    expect(generateTable4Policy({ seed: 7, fnic: 0, permit })).toEqual(first);
  });

  test('another fNIC has other rules of its own and shares the other levels', () => {
    expect(second.levels[0]).not.toEqual(first.levels[0]);
    expect(second.levels.slice(1)).toEqual(first.levels.slice(1));
  });

  test('the levels that fNICs share are made once, until seed or traffic are others', () => {
    const [, subnet, subscription] = first.levels;
    expect(second.levels[1]).toBe(subnet);
    expect(second.levels[2]).toBe(subscription);
    const elsewhere = { ...permit, servers: { first: 0xac200000, count: 256 } };
    for (const options of [
      { seed: 8, fnic: 1, permit },
      { seed: '7', fnic: 1, permit },
      { seed: 7, fnic: 1, permit: elsewhere },
    ]) {
      const other = generateTable4Policy(options);
      expect(other.levels[1]).not.toEqual(subnet);
      expect(other.levels[2]).not.toEqual(subscription);
    }
    expect(generateTable4Policy({ seed: 7n, fnic: 1, permit })).toEqual(second);
  });

  test('another seed gives other rules at every level', () => {
    const other = generateTable4Policy({ seed: 8, fnic: 0, permit });
    for (const [i, level] of other.levels.entries()) expect(level).not.toEqual(first.levels[i]);
  });
});

describe('permitted traffic', () => {
  const everything = { first: 0, count: 2 ** 32 };
  const cases = [
    { name: 'the default testbed', ...permit },
    { name: 'one client and one server', clients: { first: 1, count: 1 }, servers: { first: 2, count: 1 } },
    {
      name: 'odd ranges',
      clients: { first: 0x0a000003, count: 1001 },
      servers: { first: 0x08080808, count: 7 },
    },
    {
      name: 'a whole private network',
      clients: { first: 0x0a000000, count: 2 ** 24 },
      servers: { first: 0x0a000000, count: 2 ** 24 },
    },
    { name: 'all clients', clients: everything, servers: { first: 0xac100000, count: 256 } },
    { name: 'everything', clients: everything, servers: everything },
  ];
  test.each(cases)('is allowed at all levels: $name', ({ clients, servers }) => {
    for (const seed of [1, 2, 3]) {
      const policy = generateTable4Policy({ seed, fnic: 0, permit: { clients, servers } });
      for (const packet of packetsBetween(clients, servers, 300))
        expect(linearScan(policy, packet)).toBeGreaterThanOrEqual(0);
    }
  });

  test.each([0, 1, 2])('is allowed by different rules at level %i', (place) => {
    const policy = generateTable4Policy({ seed: 1, fnic: 0, permit });
    const packets = packetsBetween(permit.clients, permit.servers, 500);
    const deciding = new Set(packets.map((packet) => linearScan(levelAlone(policy, place), packet)));
    expect(deciding.size).toBeGreaterThan(1);
  });

  test('no deny rule holds any of it, in either direction', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { levels } = generateTable4Policy({ seed, fnic: seed, permit });
      const denies = levels.flatMap(({ rules }) => rules).filter(({ action }) => action === 'deny');
      expect(denies.length).toBeGreaterThan(20);
      for (const { sources, destinations } of denies) {
        expect(isClear(sources) || isClear(destinations)).toBe(true);
      }
    }
  });

  test('most of what is not permitted is denied by default', () => {
    const policy = generateTable4Policy({ seed: 1, fnic: 0, permit });
    const everywhere = packetsBetween(everything, everything, 500).map((packet) =>
      linearScan(policy, packet),
    );
    expect(everywhere.filter((verdict) => verdict === -1 - ACL_DEFAULT_RULE).length).toBeGreaterThan(450);
    for (const place of [0, 1, 2]) {
      const strangers = packetsBetween({ first: 0x0b000000, count: 2 ** 20 }, permit.servers, 500);
      const allowed = strangers.filter((packet) => linearScan(levelAlone(policy, place), packet) >= 0);
      expect(allowed.length).toBeLessThan(50);
    }
  });
});

function isClear(ranges: ValueRange[]): boolean {
  const taken = [permit.clients, permit.servers].map(({ first, count }) => ({
    first,
    last: first + count - 1,
  }));
  return ranges.every((range) => taken.every(({ first, last }) => range.last < first || last < range.first));
}
