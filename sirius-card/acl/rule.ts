/** Inclusive range of addresses (u32, host order) or ports. A prefix is a range: 10.0.0.0/8 is 0x0a000000-0x0affffff. */
export interface ValueRange {
  first: number;
  last: number;
}

export type AclAction = 'allow' | 'deny';

/**
 * One rule: a conjunction over five fields, each a set of ranges (the conjuncts of Table 4), of which a packet must be in
 * at least one per field. An empty set accepts nothing. IPv4.
 */
export interface AclRule {
  /** Unique within its level; the matching rule with the lowest number wins. */
  priority: number;
  action: AclAction;
  /** IP protocol numbers. */
  protocols: 'any' | number[];
  sources: ValueRange[];
  destinations: ValueRange[];
  sourcePorts: ValueRange[];
  destinationPorts: ValueRange[];
}

/** From the most specific to the least: the rules of one VM, of its subnet, of the whole subscription (Table 4). */
export const ACL_LEVEL_NAMES = ['fnic', 'subnet', 'subscription'] as const;
export type AclLevelName = (typeof ACL_LEVEL_NAMES)[number];

export interface AclLevel {
  name: AclLevelName;
  /** In any order. */
  rules: AclRule[];
  /** What happens to a packet that no rule matches. */
  defaultAction: AclAction;
}

/**
 * The three levels in the order of ACL_LEVEL_NAMES. A connection is allowed only when every level's verdict is allow: the
 * paper's reading ("rules apply in priority order and may either accept or deny", section 6.1); no level overrides another.
 */
export interface AclPolicy {
  levels: AclLevel[];
}

/** The first packet of a connection, which the rules judge; the packets after it follow the flow's state. */
export interface AclPacket {
  sourceAddress: number;
  destinationAddress: number;
  sourcePort: number;
  destinationPort: number;
  protocol: number;
}

export const ADDRESS_MAX = 0xffff_ffff;
export const PORT_MAX = 0xffff;
export const PROTOCOL_MAX = 0xff;

export const ANY_ADDRESS: ValueRange = { first: 0, last: ADDRESS_MAX };
export const ANY_PORT: ValueRange = { first: 0, last: PORT_MAX };
export const ANY_PROTOCOL: ValueRange = { first: 0, last: PROTOCOL_MAX };

/** The rules of a level in the order in which they are asked. */
export function rulesByPriority(level: AclLevel): AclRule[] {
  return [...level.rules].sort((a, b) => a.priority - b.priority);
}
