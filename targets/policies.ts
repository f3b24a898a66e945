import { nextTurn } from '../core/clock.js';
import { ExitCode, SiriusError } from '../core/errors.js';
import type { Testbed } from '../core/testbed.js';
import { compilePolicy } from '../sirius-card/acl/compiler.js';
import type { AclPolicy } from '../sirius-card/acl/rule.js';

export interface PoliciesOptions {
  fnicCount: number;
  /** The policy of an fNIC; undefined allows all. */
  policyOf: (fnic: number) => AclPolicy | undefined;
  /** Ends the work between two fNICs: a million prefixes take seconds. */
  signal: AbortSignal;
}

/**
 * Lays the policies of all fNICs out in the data plane; 0 stands for none. All cards read the same image, and fNICs with one policy too.
 * @throws SiriusError `interrupted` when the signal says so: nothing has been measured yet.
 */
export async function layOutPolicies(
  testbed: Testbed,
  { fnicCount, policyOf, signal }: PoliciesOptions,
): Promise<number[]> {
  const addresses: number[] = [];
  const laidOut = new Map<AclPolicy, number>();
  for (let fnic = 0; fnic < fnicCount; fnic++) {
    await nextTurn();
    if (signal.aborted) throw interrupted();
    const policy = policyOf(fnic);
    if (policy === undefined) {
      addresses.push(0);
      continue;
    }
    const address = laidOut.get(policy) ?? layOutPolicy(testbed, policy);
    laidOut.set(policy, address);
    addresses.push(address);
  }
  return addresses;
}

/** Copies a compiled policy into the data plane. */
export function layOutPolicy(testbed: Testbed, policy: AclPolicy): number {
  const { bytes } = compilePolicy(policy);
  const address = testbed.exports.arenaAllocate(bytes.length);
  new Uint8Array(testbed.dataPlane.memory.buffer).set(bytes, address);
  return address;
}

function interrupted(): SiriusError {
  return new SiriusError({
    code: 'interrupted',
    message: 'ended before anything was measured',
    hint: 'The rules of all fNICs are made and compiled first: fewer fNICs or smaller rule sets are ready sooner.',
    exitCode: ExitCode.interrupted,
  });
}
