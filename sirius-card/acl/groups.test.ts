import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACL_DEFAULT_RULE } from '../dataplane/acl-layout.js';
import { AclClassifier } from './classifier.js';
import { compilePolicy } from './compiler.js';
import { linearScan } from './linear-scan.js';
import { arbitraryPolicyOf, type LevelShape, packetsAtBoundaries } from './policy-fixture.js';
import {
  ACL_DIRECTIONS,
  type AclAction,
  type AclLevel,
  type AclPacket,
  ANY_ADDRESS,
  ANY_PORT,
} from './rule.js';

function group(direction: AclLevel['direction'], ...actions: AclAction[]): AclLevel {
  return {
    name: 'group',
    direction: direction ?? 'both',
    defaultAction: 'deny',
    rules: actions.map((action, priority) => ({
      ...{ priority, action, protocols: 'any', sources: [ANY_ADDRESS], destinations: [ANY_ADDRESS] },
      ...{ sourcePorts: [ANY_PORT], destinationPorts: [ANY_PORT] },
    })),
  };
}

const PACKET: AclPacket = {
  ...{ sourceAddress: 1, destinationAddress: 2, sourcePort: 3, destinationPort: 4, protocol: 6 },
};

describe('a connection is judged by the groups of its own direction', () => {
  const out = (...actions: AclAction[]) => group('outbound', ...actions);
  const into = (...actions: AclAction[]) => group('inbound', ...actions);
  const both = (...actions: AclAction[]) => group('both', ...actions);
  // Verdicts outbound and inbound: the place of the rule among those of all groups.
  test.each([
    ['no group', [], ACL_DEFAULT_RULE, ACL_DEFAULT_RULE],
    ['none of the other direction', [out('deny')], -1, ACL_DEFAULT_RULE],
    ['a group each', [into('deny'), out('allow')], 1, -1],
    ['in turn', [out('allow'), into('allow'), out('allow'), into('deny')], 2, -4],
    ['the first that denies', [into('allow'), into('deny'), into('deny'), both('allow')], 3, -2],
    ['one for both between', [out('allow'), both('allow'), into('allow')], 1, 2],
    ['an empty group denies by default', [both('allow'), into()], 0, -1 - ACL_DEFAULT_RULE],
  ])('%s', (_, levels, outbound, inbound) => {
    const classifier = new AclClassifier(compilePolicy({ levels }), { packetCountMax: 2, build: 'debug' });
    const packets = ACL_DIRECTIONS.map((direction) => ({ ...PACKET, direction }));
    expect([...classifier.classify(packets)]).toEqual([outbound, inbound]);
    expect(packets.map((packet) => linearScan({ levels }, packet))).toEqual([outbound, inbound]);
  });
});

describe('the compiled classifier agrees with the linear scan', () => {
  const shapes: LevelShape[] = Array.from({ length: 12 }, (_, i) => ({
    name: `group-${i}`,
    direction: (['outbound', 'inbound', 'inbound', 'outbound', 'both'] as const)[i % 5] ?? 'both',
    ruleCountMax: i === 7 ? 200 : 12,
  }));

  test('on random policies of twelve groups', { timeout: 240_000 }, () => {
    const packetCount = 4096;
    fc.assert(
      fc.property(arbitraryPolicyOf(shapes), fc.integer(), (policy, seed) => {
        // Groups that allow by default let packets through to the later ones.
        const levels = policy.levels.map((level, i) =>
          i % 3 === 0 ? level : { ...level, defaultAction: 'allow' as const },
        );
        const packets = packetsAtBoundaries({ levels }, packetCount, seed);
        const classifier = new AclClassifier(compilePolicy({ levels }), { packetCountMax: packetCount });
        expect([...classifier.classify(packets)]).toEqual(packets.map((one) => linearScan({ levels }, one)));
      }),
      { numRuns: 30, seed: 1 },
    );
  });
});
