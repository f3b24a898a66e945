import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SiriusError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import {
  ACL_DEFAULT_RULE,
  ACL_FIELD_DESTINATION_ADDRESS,
  ACL_FIELD_SOURCE_ADDRESS,
} from '../dataplane/acl-layout.js';
import { AclClassifier } from './classifier.js';
import { columnsOf } from './columns.js';
import { compilePolicy } from './compiler.js';
import { DASH_SHAPES, type DashScale, generateDashPolicy } from './dash.js';
import { coveringPrefix, prefixesOf } from './dash-prefixes.js';
import { linearScan } from './linear-scan.js';
import { ACL_DIRECTIONS, type AclLevel, type AclPacket, type AclPolicy, ADDRESS_MAX } from './rule.js';

/** Those of the built-in profiles. */
const permit = { clients: { first: 0x0a000000, count: 16384 }, servers: { first: 0xac100000, count: 256 } };
const SCALES = Object.keys(DASH_SHAPES) as DashScale[];

function generate(scale: DashScale, fnic = 0): AclPolicy {
  return generateDashPolicy({ seed: 7, fnic, scale, permit });
}

/** The field by which rules differ. */
function remotesOf(level: AclLevel) {
  const field = level.direction === 'outbound' ? ACL_FIELD_DESTINATION_ADDRESS : ACL_FIELD_SOURCE_ADDRESS;
  const { places, firsts, lasts } = columnsOf(level).fields[field] ?? expect.fail('a field');
  return Array.from(places, (place, i) => ({ place, first: firsts[i] as number, last: lasts[i] as number }));
}

function permittedPackets(count: number): AclPacket[] {
  const random = new Random('permitted');
  return Array.from({ length: count }, () => ({
    direction: random.pick(ACL_DIRECTIONS),
    sourceAddress: permit.clients.first + random.below(permit.clients.count),
    destinationAddress: permit.servers.first + random.below(permit.servers.count),
    sourcePort: random.below(65536),
    destinationPort: 80,
    protocol: random.pick([6, 17]),
  }));
}

describe("the shape is that of DASH's hero test", () => {
  test('5 groups each way, 1000 rules each, 100 prefixes each: for 32 fNICs, 320 groups, 320k rules and 32M prefixes', () => {
    const { groups, rulesPerGroup, prefixesPerRule } = DASH_SHAPES['dash-hero'];
    expect([64 * groups, 64 * groups * rulesPerGroup, 64 * groups * rulesPerGroup * prefixesPerRule]).toEqual(
      [320, 320_000, 32_000_000],
    );
  });

  test.each(SCALES)('%s, counted', (scale) => {
    const { groups, rulesPerGroup, prefixesPerRule } = DASH_SHAPES[scale];
    const { levels } = generate(scale);
    for (const direction of ACL_DIRECTIONS)
      expect(levels.filter((level) => level.direction === direction)).toHaveLength(groups);
    for (const level of levels) {
      const counts = new Uint32Array(rulesPerGroup);
      for (const { place } of remotesOf(level)) counts[place] = (counts[place] as number) + 1;
      expect(new Set(counts)).toEqual(new Set([prefixesPerRule]));
      expect(columnsOf(level).allows.length).toBe(rulesPerGroup);
      expect(columnsOf(level).allows.reduce((sum, allow) => sum + allow, 0)).toBe(
        Math.ceil(rulesPerGroup / 2),
      );
    }
  });

  test.each(SCALES)('%s: prefixes, no address in two of a group', (scale) => {
    for (const level of generate(scale).levels) {
      const sorted = remotesOf(level).sort((a, b) => a.first - b.first);
      let end = -1;
      for (const { first, last } of sorted) {
        const size = last - first + 1;
        if (first <= end || last > ADDRESS_MAX || first % size !== 0 || !Number.isInteger(Math.log2(size)))
          expect.fail(`${first}-${last} after ${end}`);
        end = last;
      }
    }
  });

  test('objects say the same as columns', () => {
    const { levels } = generate('dash-baby');
    const plain = levels.map(({ name, direction = 'both', rules, defaultAction }) => ({
      ...{ name, direction, rules, defaultAction },
    }));
    expect(hashOf({ levels: plain })).toBe(hashOf({ levels }));
  });
});

describe('permitted traffic', () => {
  const packets = permittedPackets(20_000);
  test.each(SCALES)('%s allows it in both directions, by rules over the whole depth', (scale) => {
    const { levels } = generate(scale);
    const { rulesPerGroup } = DASH_SHAPES[scale];
    for (const level of levels) {
      const verdicts = new AclClassifier(compilePolicy({ levels: [level] }), {
        packetCountMax: packets.length,
      }).classify(packets.filter(({ direction }) => direction === level.direction));
      expect(verdicts.every((verdict) => verdict >= 0 && verdict < ACL_DEFAULT_RULE)).toBe(true);
      expect(Math.max(...verdicts)).toBeGreaterThanOrEqual(rulesPerGroup - 2);
      expect(new Set(verdicts).size).toBeGreaterThanOrEqual(Math.min(rulesPerGroup, 250));
    }
  });

  test('odd ranges, one address, a quarter of all addresses', () => {
    const ranges = [
      { first: 3, count: 1001 },
      { first: 0, count: 1 },
      { first: 2 ** 30, count: 2 ** 30 },
    ];
    for (const scale of SCALES) {
      for (const range of ranges) {
        const policy = generateDashPolicy({
          seed: 1,
          fnic: 0,
          scale,
          permit: { clients: range, servers: range },
        });
        const addresses = [range.first, range.first + range.count - 1, range.first + (range.count >>> 1)];
        const probes = addresses.flatMap((address) =>
          ACL_DIRECTIONS.map((direction) => packetBetween(direction, address)),
        );
        const classifier = new AclClassifier(compilePolicy(policy), { packetCountMax: probes.length });
        expect([...classifier.classify(probes)].every((verdict) => verdict >= 0)).toBe(true);
      }
    }
  });

  test('no room for the other prefixes is an error', () => {
    const everything = { first: 0, count: 2 ** 32 };
    const { levels } = generateDashPolicy({
      ...{ seed: 1, fnic: 0, scale: 'dash-baby' as const },
      permit: { clients: everything, servers: everything },
    });
    expect(() => levels.map(columnsOf)).toThrow(SiriusError);
  });
});

describe('the compiled classifier agrees with the linear scan', () => {
  test('on dash-baby and on a group of dash-hero each way, near the bounds of prefixes', {
    timeout: 60_000,
  }, () => {
    const hero = generate('dash-hero').levels;
    for (const levels of [generate('dash-baby').levels, hero.slice(4, 6)]) {
      const plain = levels.map(({ name, direction, rules, defaultAction }) => ({
        ...{ name, direction: direction ?? 'both', defaultAction },
        rules,
      }));
      const random = new Random('bounds');
      const bounds = levels.map((level) =>
        remotesOf(level).flatMap(({ first, last }) => [first, last, last + 1]),
      );
      const packets = Array.from({ length: 400 }, () =>
        packetBetween(random.pick(ACL_DIRECTIONS), Math.min(random.pick(random.pick(bounds)), ADDRESS_MAX)),
      );
      const classifier = new AclClassifier(compilePolicy({ levels }), { packetCountMax: packets.length });
      expect([...classifier.classify(packets)]).toEqual(
        packets.map((one) => linearScan({ levels: plain }, one)),
      );
    }
  });
});

test('the seed and the fNIC decide', () => {
  const hash = (seed: number, fnic: number) =>
    hashOf(generateDashPolicy({ seed, fnic, scale: 'dash-baby', permit }));
  expect(hash(1, 0)).toBe(hash(1, 0));
  expect(hash(2, 0)).not.toBe(hash(1, 0));
  expect(hash(1, 1)).not.toBe(hash(1, 0));
});

describe('prefixes of a range', () => {
  test.each([
    [{ first: 0, last: 0 }, 5, 1],
    [{ first: 0, last: 255 }, 1, 1],
    [{ first: 0, last: 255 }, 3, 3],
    [{ first: 0, last: 255 }, 1000, 256],
    [{ first: 3, last: 1003 }, 1, 14],
    [{ first: 0, last: ADDRESS_MAX }, 500, 500],
  ])('%j in %i', (range, count, found) => {
    const prefixes = prefixesOf(range, count);
    expect(prefixes).toHaveLength(found);
    let next = range.first;
    for (const { first, last } of prefixes) {
      expect(first).toBe(next);
      next = last + 1;
    }
    expect(next).toBe(range.last + 1);
  });

  test.each([
    [
      { first: 5, last: 5 },
      { first: 5, last: 5 },
    ],
    [
      { first: 7, last: 8 },
      { first: 0, last: 15 },
    ],
    [
      { first: 0x7fffffff, last: 0x80000000 },
      { first: 0, last: ADDRESS_MAX },
    ],
  ])('%j is covered by %j', (range, cover) => {
    expect(coveringPrefix(range)).toEqual(cover);
  });
});

function packetBetween(direction: (typeof ACL_DIRECTIONS)[number], address: number): AclPacket {
  return {
    direction,
    sourceAddress: address,
    destinationAddress: address,
    sourcePort: 1,
    destinationPort: 2,
    protocol: 6,
  };
}

/** Of the image: to compare megabytes element by element takes a test seconds. */
function hashOf(policy: AclPolicy): string {
  return createHash('sha256').update(compilePolicy(policy).bytes).digest('hex');
}
