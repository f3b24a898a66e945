import type { DropReason } from '../core/dataplane/contract.js';

export type DropReasonName = Exclude<keyof typeof DropReason, 'none'>;

/** What stands beside a reason in a table: why the packet was dropped, in a few words. */
const WORDS: Record<DropReasonName, string> = {
  malformed: 'impossible header',
  checksum: 'wrong header checksum',
  unsupported: 'protocol not served there',
  noRoute: 'no route to the destination',
  linkDown: 'link was down',
  linkBuffer: "link's output buffer full",
  unknownFnic: 'of no fNIC of the card',
  notPrimary: 'card is not primary of the fNIC',
  mpuQueue: "pipelines' input queue full",
  armNewFlowQueue: "ARM core's new-flow queue full",
  armUpdateQueue: "ARM core's update queue full",
  aclDenied: 'denied by access control lists',
  noFlow: 'of no known connection',
  invalidFlags: 'TCP flags that no TCP sends',
  flowTableFull: 'flow table full',
  cardDown: 'the card died with them inside',
  impairment: 'lost by an impaired cable',
  staleReplication: 'replication round already over',
};

/** Reasons of a target that was given more than it has room or time for. Any other is about the packet itself, or a fault. */
const OVERLOAD_REASONS: ReadonlySet<string> = new Set<DropReasonName>([
  'linkBuffer',
  'mpuQueue',
  'armNewFlowQueue',
  'armUpdateQueue',
  'flowTableFull',
]);

/** At most 33 characters; `undefined` for a reason of another version. */
export function dropReasonWords(reason: string): string | undefined {
  return (WORDS as Record<string, string>)[reason];
}

export function isOverloadReason(reason: string): boolean {
  return OVERLOAD_REASONS.has(reason);
}
