import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../core/random.js';
import { ACL_DEFAULT_RULE, ACL_RULE_COUNT_MAX } from '../dataplane/acl-layout.js';
import { AclClassifier } from './classifier.js';
import { compilePolicy } from './compiler.js';
import { linearScan } from './linear-scan.js';
import { arbitraryPolicyOf, packetsAtBoundaries } from './policy-fixture.js';
import {
  ACL_LEVEL_NAMES,
  type AclAction,
  type AclPacket,
  type AclPolicy,
  type AclRule,
  ADDRESS_MAX,
  ANY_ADDRESS,
  ANY_PORT,
  PORT_MAX,
  type ValueRange,
} from './rule.js';
import { generateTable4Policy } from './table4.js';

const DENY_BY_DEFAULT = -1 - ACL_DEFAULT_RULE;

function rule(priority: number, action: AclAction, fields: Partial<AclRule> = {}): AclRule {
  const any = {
    sources: [ANY_ADDRESS],
    destinations: [ANY_ADDRESS],
    sourcePorts: [ANY_PORT],
    destinationPorts: [ANY_PORT],
  };
  return { priority, action, protocols: 'any', ...any, ...fields };
}

/** A policy of rules for the fNIC, the subnet and the subscription; a level without rules allows, one with rules denies. */
function policyOf(...levelRules: AclRule[][]): AclPolicy {
  return {
    levels: ACL_LEVEL_NAMES.map((name, i) => ({
      name,
      rules: levelRules[i] ?? [],
      defaultAction: (levelRules[i] ?? []).length === 0 ? 'allow' : 'deny',
    })),
  };
}

function packet(fields: Partial<AclPacket> = {}): AclPacket {
  return {
    sourceAddress: 0,
    destinationAddress: 0,
    sourcePort: 0,
    destinationPort: 0,
    protocol: 6,
    ...fields,
  };
}

function verdictsOf(policy: AclPolicy, packets: AclPacket[]): number[] {
  return [
    ...new AclClassifier(compilePolicy(policy), { packetCountMax: packets.length, build: 'debug' }).classify(
      packets,
    ),
  ];
}

describe('verdicts', () => {
  const last = {
    sourceAddress: ADDRESS_MAX,
    destinationAddress: ADDRESS_MAX,
    sourcePort: PORT_MAX,
    destinationPort: PORT_MAX,
  };
  const only = (value: number): ValueRange[] => [{ first: value, last: value }];
  const cases: { name: string; policy: AclPolicy; packet: AclPacket; verdict: number }[] = [
    { name: 'no rule at all', policy: policyOf(), packet: packet(), verdict: ACL_DEFAULT_RULE },
    {
      name: 'one rule that allows',
      policy: policyOf([rule(1, 'allow')]),
      packet: packet(),
      verdict: ACL_DEFAULT_RULE,
    },
    {
      name: 'the last level names its rule',
      policy: policyOf([], [], [rule(1, 'allow')]),
      packet: packet(),
      verdict: 0,
    },
    {
      name: 'every level allows',
      policy: policyOf([rule(1, 'allow')], [rule(1, 'allow')], [rule(1, 'allow')]),
      packet: packet(),
      verdict: 2,
    },
    {
      name: 'the lowest priority number wins',
      policy: policyOf([], [], [rule(9, 'deny'), rule(3, 'allow')]),
      packet: packet(),
      verdict: 0,
    },
    {
      name: 'the least of all values',
      policy: policyOf([], [], [rule(1, 'allow', { sources: only(0), destinationPorts: only(0) })]),
      packet: packet(),
      verdict: 0,
    },
    {
      name: 'the greatest of all values',
      policy: policyOf(
        [],
        [],
        [
          rule(1, 'allow', {
            sources: only(ADDRESS_MAX),
            destinations: only(ADDRESS_MAX),
            sourcePorts: only(PORT_MAX),
            destinationPorts: only(PORT_MAX),
          }),
        ],
      ),
      packet: packet(last),
      verdict: 0,
    },
    {
      name: 'protocol 255',
      policy: policyOf([], [], [rule(1, 'allow', { protocols: [255] })]),
      packet: packet({ protocol: 255 }),
      verdict: 0,
    },
    { name: 'one rule that denies', policy: policyOf([rule(1, 'deny')]), packet: packet(), verdict: -1 },
    {
      name: 'no rule matches',
      policy: policyOf([rule(1, 'allow', { protocols: [17] })]),
      packet: packet(),
      verdict: DENY_BY_DEFAULT,
    },
    {
      name: 'the middle level denies',
      policy: policyOf([rule(1, 'allow')], [rule(1, 'deny')], [rule(1, 'allow')]),
      packet: packet(),
      verdict: -2,
    },
    {
      name: 'the last level denies by default',
      policy: policyOf([rule(1, 'allow')], [], [rule(1, 'allow', { sourcePorts: only(9) })]),
      packet: packet(),
      verdict: DENY_BY_DEFAULT,
    },
    {
      name: 'a rule with an empty set',
      policy: policyOf([rule(1, 'allow', { sources: [] })]),
      packet: packet(),
      verdict: DENY_BY_DEFAULT,
    },
    {
      name: 'one beside the range',
      policy: policyOf([rule(1, 'allow', { destinationPorts: [{ first: 1, last: PORT_MAX }] })]),
      packet: packet(),
      verdict: DENY_BY_DEFAULT,
    },
  ];
  test.each(cases)('$name', ({ policy, packet, verdict }) => {
    expect(verdictsOf(policy, [packet])).toEqual([verdict]);
    expect(linearScan(policy, packet)).toBe(verdict);
  });

  test.each([1, 127, 128, 129, 255, 256, 257, 1024, 1025])('the last of %i rules is found', (count) => {
    const rules = Array.from({ length: count }, (_, i) =>
      rule(i, i % 2 === 0 ? 'allow' : 'deny', { destinationPorts: only(i) }),
    );
    const packets = [0, count >> 1, count - 1].map((destinationPort) => packet({ destinationPort }));
    const policy = policyOf([], [], rules);
    expect(verdictsOf(policy, packets)).toEqual(packets.map((one) => linearScan(policy, one)));
    expect(verdictsOf(policy, packets).at(-1)).toBe(count % 2 === 1 ? count - 1 : -count);
  });

  test('more rules than the limit are refused', () => {
    const rules = Array.from({ length: ACL_RULE_COUNT_MAX + 1 }, (_, i) => rule(i, 'allow'));
    expect(() => compilePolicy(policyOf(rules))).toThrow(
      `at most ${ACL_RULE_COUNT_MAX} rules, got ${ACL_RULE_COUNT_MAX + 1}`,
    );
  });
});

const arbitraryPolicy = arbitraryPolicyOf(ACL_LEVEL_NAMES.map((name) => ({ name, ruleCountMax: 60 })));

/** A short range whose place is the nearer to one of a few centres the likelier: many bounds within a few values, few elsewhere. */
function crowdedRange(random: Random, max: number): ValueRange {
  const centre = random.pick([0, max, max >>> 1, (max >>> 2) + 77]);
  const distance = random.below(2 ** random.below(Math.log2(max + 1)));
  const first = Math.min(Math.max(0, random.chance(1, 2) ? centre + distance : centre - distance), max);
  return { first, last: Math.min(first + random.below(2 ** random.below(6)), max) };
}

describe('the compiled classifier agrees with the linear scan', () => {
  test('on random policies', { timeout: 120_000 }, () => {
    const packetCount = 4096;
    fc.assert(
      fc.property(arbitraryPolicy, fc.integer(), (policy, seed) => {
        const packets = packetsAtBoundaries(policy, packetCount, seed);
        const classifier = new AclClassifier(compilePolicy(policy), { packetCountMax: packetCount });
        expect([...classifier.classify(packets)]).toEqual(packets.map((one) => linearScan(policy, one)));
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  const fields = [
    { field: 'sources', packetField: 'sourceAddress', max: ADDRESS_MAX },
    { field: 'destinations', packetField: 'destinationAddress', max: ADDRESS_MAX },
    { field: 'sourcePorts', packetField: 'sourcePort', max: PORT_MAX },
    { field: 'destinationPorts', packetField: 'destinationPort', max: PORT_MAX },
  ] as const;
  test.each(fields)('where rules crowd and $field alone decide', ({ field, packetField, max }) => {
    const random = new Random(field);
    const rules = Array.from({ length: 40 }, (_, i) =>
      rule(i, 'allow', { [field]: Array.from({ length: 30 }, () => crowdedRange(random, max)) }),
    );
    const values = rules
      .flatMap((one) => one[field])
      .flatMap(({ first, last }) => [first - 1, first, last, last + 1]);
    const packets = [0, max, ...values.filter((value) => value >= 0 && value <= max)].map((value) =>
      packet({ [packetField]: value }),
    );
    const policy = policyOf([], [], rules);
    expect(verdictsOf(policy, packets)).toEqual(packets.map((one) => linearScan(policy, one)));
  });

  test.each([1, 2, 3])('on the Table 4 policy of seed %i, and both builds do', (seed) => {
    const permit = {
      clients: { first: 0x0a000000, count: 16384 },
      servers: { first: 0xac100000, count: 256 },
    };
    const policy = generateTable4Policy({ seed, fnic: seed, permit });
    const image = compilePolicy(policy);
    const packets = packetsAtBoundaries(policy, 8192, seed);
    const expected = packets.map((one) => linearScan(policy, one));
    for (const build of ['release', 'debug'] as const) {
      expect([
        ...new AclClassifier(image, { packetCountMax: packets.length, build }).classify(packets),
      ]).toEqual(expected);
    }
  });
});

describe('images', () => {
  test('a Table 4 image is small', () => {
    const permit = {
      clients: { first: 0x0a000000, count: 16384 },
      servers: { first: 0xac100000, count: 256 },
    };
    expect(compilePolicy(generateTable4Policy({ seed: 1, fnic: 0, permit })).bytes.length).toBeLessThan(
      700_000,
    );
  });

  test('equal policies give equal images, whatever the order of their rules', () => {
    const rules = [rule(2, 'deny', { protocols: [17] }), rule(1, 'allow', { protocols: [6] })];
    expect(compilePolicy(policyOf(rules)).bytes).toEqual(compilePolicy(policyOf([...rules].reverse())).bytes);
  });

  test('1000 rules of 100 prefixes each compile', () => {
    const random = new Random(1);
    const prefixes = () =>
      Array.from({ length: 100 }, () => {
        const first = Math.floor(random.nextU32() / 256) * 256;
        return { first, last: first + 255 };
      });
    const rules = Array.from({ length: 1000 }, (_, i) =>
      rule(i, 'allow', { sources: prefixes(), destinations: prefixes() }),
    );
    const policy = policyOf(rules);
    const packets = packetsAtBoundaries(policy, 200, 1);
    expect(verdictsOf(policy, packets)).toEqual(packets.map((one) => linearScan(policy, one)));
  });
});
