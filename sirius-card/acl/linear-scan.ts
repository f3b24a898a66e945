import { ACL_DEFAULT_RULE } from '../dataplane/acl-layout.js';
import {
  type AclPacket,
  type AclPolicy,
  type AclRule,
  judges,
  rulesByPriority,
  type ValueRange,
} from './rule.js';

/**
 * The oracle of the compiled classifier: asks every rule of every level of the packet's direction in turn. Same verdicts as `aclClassify`: the rule's
 * place among all rules (levels in order, then by priority) to allow, -1 minus it to deny, ACL_DEFAULT_RULE for a default.
 */
export function linearScan(policy: AclPolicy, packet: AclPacket): number {
  let verdict = ACL_DEFAULT_RULE;
  let firstRule = 0;
  for (const level of policy.levels) {
    const rules = rulesByPriority(level);
    const levelFirstRule = firstRule;
    firstRule += rules.length;
    if (!judges(level, packet.direction ?? 'outbound')) continue;
    const place = rules.findIndex((rule) => matches(rule, packet));
    verdict = place < 0 ? ACL_DEFAULT_RULE : levelFirstRule + place;
    if ((rules[place]?.action ?? level.defaultAction) === 'deny') return -1 - verdict;
  }
  return verdict;
}

function matches(rule: AclRule, packet: AclPacket): boolean {
  return (
    (rule.protocols === 'any' || rule.protocols.includes(packet.protocol)) &&
    contains(rule.sources, packet.sourceAddress) &&
    contains(rule.destinations, packet.destinationAddress) &&
    contains(rule.sourcePorts, packet.sourcePort) &&
    contains(rule.destinationPorts, packet.destinationPort)
  );
}

function contains(ranges: ValueRange[], value: number): boolean {
  return ranges.some(({ first, last }) => first <= value && value <= last);
}
