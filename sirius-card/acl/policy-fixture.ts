import fc from 'fast-check';
import { Random } from '../../core/random.js';
import {
  ACL_DIRECTIONS,
  type AclAction,
  type AclDirection,
  type AclLevel,
  type AclPacket,
  type AclPolicy,
  type AclRule,
  ADDRESS_MAX,
  ANY_ADDRESS,
  ANY_PORT,
  PORT_MAX,
  type ValueRange,
} from './rule.js';

/** Ranges of a small field often share boundaries, nest, touch and overlap. */
function arbitraryRanges(max: number): fc.Arbitrary<ValueRange[]> {
  const value = fc.oneof(fc.integer({ min: 0, max }), fc.constantFrom(0, 1, max - 1, max, max >>> 1));
  const range = fc.tuple(value, value).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
  return fc.array(range, { minLength: 0, maxLength: 4 });
}

const arbitraryRule = (priority: number): fc.Arbitrary<AclRule> =>
  fc.record({
    priority: fc.constant(priority),
    action: fc.constantFrom<AclAction>('allow', 'deny'),
    protocols: fc.oneof(
      fc.constant<'any'>('any'),
      fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 3 }),
    ),
    sources: fc.oneof(fc.constant<ValueRange[]>([ANY_ADDRESS]), arbitraryRanges(ADDRESS_MAX)),
    destinations: fc.oneof(fc.constant<ValueRange[]>([ANY_ADDRESS]), arbitraryRanges(ADDRESS_MAX)),
    sourcePorts: fc.oneof(fc.constant<ValueRange[]>([ANY_PORT]), arbitraryRanges(PORT_MAX)),
    destinationPorts: fc.oneof(fc.constant<ValueRange[]>([ANY_PORT]), arbitraryRanges(PORT_MAX)),
  });

export interface LevelShape {
  name: string;
  direction?: AclDirection | 'both';
  ruleCountMax: number;
}

/** Policies of these levels, with random rules. */
export function arbitraryPolicyOf(shapes: readonly LevelShape[]): fc.Arbitrary<AclPolicy> {
  return fc.tuple(...shapes.map(arbitraryLevel)).map((levels) => ({ levels }));
}

function arbitraryLevel({ name, direction = 'both', ruleCountMax }: LevelShape): fc.Arbitrary<AclLevel> {
  return fc.record({
    name: fc.constant(name),
    direction: fc.constant(direction),
    rules: fc
      .integer({ min: 0, max: ruleCountMax })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => arbitraryRule(count - i)))),
    defaultAction: fc.constantFrom<AclAction>('allow', 'deny'),
  });
}

/** Packets of both directions whose fields mostly lie on a boundary of some rule or right beside it. */
export function packetsAtBoundaries(policy: AclPolicy, count: number, seed: number): AclPacket[] {
  const random = new Random(seed);
  const rules = policy.levels.flatMap((level) => level.rules);
  const boundaries = (rangesOf: (rule: AclRule) => ValueRange[], max: number) => {
    const values = rules.flatMap(rangesOf).flatMap(({ first, last }) => [first - 1, first, last, last + 1]);
    return [0, max, ...values.filter((value) => value >= 0 && value <= max)];
  };
  const near = (values: number[], max: number) => () =>
    random.below(8) === 0 ? random.below(max + 1) : (values[random.below(values.length)] ?? 0);
  const sourceAddress = near(
    boundaries(({ sources }) => sources, ADDRESS_MAX),
    ADDRESS_MAX,
  );
  const destinationAddress = near(
    boundaries(({ destinations }) => destinations, ADDRESS_MAX),
    ADDRESS_MAX,
  );
  const sourcePort = near(
    boundaries(({ sourcePorts }) => sourcePorts, PORT_MAX),
    PORT_MAX,
  );
  const destinationPort = near(
    boundaries(({ destinationPorts }) => destinationPorts, PORT_MAX),
    PORT_MAX,
  );
  const protocol = near([1, 6, 17], 255);
  return Array.from({ length: count }, () => ({
    direction: random.pick(ACL_DIRECTIONS),
    sourceAddress: sourceAddress(),
    destinationAddress: destinationAddress(),
    sourcePort: sourcePort(),
    destinationPort: destinationPort(),
    protocol: protocol(),
  }));
}
