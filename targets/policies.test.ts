import { expect, test, vi } from 'vitest';
import { nextTurn } from '../core/clock.js';
import { loadDataPlane } from '../core/dataplane-module.js';
import { Testbed } from '../core/testbed.js';
import type { AclPolicy } from '../sirius-card/acl/rule.js';
import { layOutPolicies } from './policies.js';

const ON = new AbortController().signal;

function policy(): AclPolicy {
  return { levels: [{ name: 'fnic', rules: [], defaultAction: 'allow' }] };
}

function testbed(): Testbed {
  return new Testbed(loadDataPlane(), { packetCount: 16, frameBytesMax: 128 });
}

test('each fNIC has its policy, and 0 stands for none', async () => {
  const policyOf = (fnic: number) => (fnic === 1 ? undefined : policy());
  const [first, second, third] = await layOutPolicies(testbed(), { fnicCount: 3, policyOf, signal: ON });
  expect(second).toBe(0);
  expect(first).toBeGreaterThan(0);
  expect(third).toBeGreaterThan(first as number);
});

test('a policy that all fNICs have is compiled and laid out once', async () => {
  const shared = policy();
  const policyOf = () => shared;
  const addresses = await layOutPolicies(testbed(), { fnicCount: 16, policyOf, signal: ON });
  expect(addresses).toHaveLength(16);
  expect(new Set(addresses).size).toBe(1);
});

test('a signal that comes meanwhile ends the work at the next fNIC', async () => {
  const end = new AbortController();
  const policyOf = vi.fn((fnic: number) => {
    // As a signal does: it is told when the event loop turns.
    if (fnic === 1) void nextTurn().then(() => end.abort());
    return policy();
  });
  const laidOut = layOutPolicies(testbed(), { fnicCount: 16, policyOf, signal: end.signal });
  await expect(laidOut).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
  expect(policyOf).toHaveBeenCalledTimes(2);
});
