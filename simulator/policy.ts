import type { Random } from '../core/random.js';
import { type AclPolicy, ANY_ADDRESS, ANY_PORT } from '../sirius-card/acl/rule.js';

/** Ports that services listen at; a policy denies some of them. */
export const SERVICE_PORT_FIRST = 8000;
export const SERVICE_PORT_COUNT = 16;

/** fNICs whose numbers are equal modulo this share their policies. */
export const POLICY_KIND_COUNT = 2;

/** What a policy says, in the oracle's words: the ports that it denies. */
export interface PolicyWords {
  deniedOutbound: ReadonlySet<number>;
  deniedInbound: ReadonlySet<number>;
}

export function drawPolicy(random: Random): PolicyWords {
  const some = () => {
    const ports = Array.from({ length: SERVICE_PORT_COUNT }, (_, index) => SERVICE_PORT_FIRST + index);
    return new Set(random.shuffle(ports).slice(0, random.below(SERVICE_PORT_COUNT / 2)));
  };
  return { deniedOutbound: some(), deniedInbound: some() };
}

/** The same as the cards have it. */
export function policyOf({ deniedOutbound, deniedInbound }: PolicyWords): AclPolicy {
  return {
    levels: [levelOf('outbound', deniedOutbound), levelOf('inbound', deniedInbound)],
  };
}

function levelOf(
  direction: 'outbound' | 'inbound',
  denied: ReadonlySet<number>,
): AclPolicy['levels'][number] {
  const destinationPorts = [...denied].map((port) => ({ first: port, last: port }));
  return {
    ...{ name: direction, direction, defaultAction: 'allow' },
    rules: [
      {
        ...{ priority: 1, action: 'deny', protocols: 'any', destinationPorts },
        ...{ sources: [ANY_ADDRESS], destinations: [ANY_ADDRESS], sourcePorts: [ANY_PORT] },
      },
    ],
  };
}
