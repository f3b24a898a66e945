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

/** Where a connection comes from: outbound from the fNIC's virtual machine, inbound from the network. */
export const ACL_DIRECTIONS = ['outbound', 'inbound'] as const;
export type AclDirection = (typeof ACL_DIRECTIONS)[number];

/** One list of rules. SONiC DASH calls it a group, and has several for each direction. */
export interface AclLevel {
  name: string;
  /** The connections that it judges; both when left out. */
  direction?: AclDirection | 'both';
  /** In any order. */
  readonly rules: AclRule[];
  /** What happens to a packet that no rule matches. */
  defaultAction: AclAction;
  /** The same rules for the compiler, where they are so many that an object for each prefix would cost too much. */
  columns?(): LevelColumns;
}

/** The rules of a level by priority (the first is at place 0), without an object for each range. */
export interface LevelColumns {
  /** By place: 1 to allow, 0 to deny. */
  allows: Uint8Array;
  /** By field, in the order of ACL_FIELD_*. */
  fields: RangeColumns[];
}

/** The ranges of one field, all rules together: the rule at place `places[i]` accepts `firsts[i]` to `lasts[i]`. */
export interface RangeColumns {
  places: Uint32Array;
  firsts: Uint32Array;
  lasts: Uint32Array;
}

/**
 * Any number of levels; Table 4 has those of ACL_LEVEL_NAMES. A connection is allowed only when every level of its direction
 * allows it: the paper's reading ("rules apply in priority order and may either accept or deny", section 6.1); no level
 * overrides another.
 */
export interface AclPolicy {
  levels: readonly AclLevel[];
}

/** The first packet of a connection, which the rules judge; the packets after it follow the flow's state. */
export interface AclPacket {
  /** Outbound when left out. */
  direction?: AclDirection;
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

/** Whether a level judges connections of this direction. */
export function judges({ direction = 'both' }: AclLevel, asked: AclDirection): boolean {
  return direction === 'both' || direction === asked;
}
