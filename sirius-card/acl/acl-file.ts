import { readFileSync } from 'node:fs';
import { type Ipv4Range, parseIpv4Range } from '../../core/address.js';
import { SiriusError, usageError } from '../../core/errors.js';
import { packagePath } from '../../core/package-path.js';
import { createValidator } from '../../core/schema.js';
import { readYamlFile, type YamlDocument } from '../../core/yaml.js';
import {
  ACL_LEVEL_NAMES,
  type AclAction,
  type AclDirection,
  type AclLevel,
  type AclLevelName,
  type AclPolicy,
  type AclRule,
  ANY_ADDRESS,
  ANY_PORT,
  PORT_MAX,
  type ValueRange,
} from './rule.js';

/**
 * Reads a policy file (schema: sirius-card/schemas/acl.schema.json, examples: examples/acl.yaml, examples/acl-groups.yaml).
 * @throws SiriusError that names `file:line` for an unreadable file, an unknown key, a wrong type, an address or a port
 *   that is none, for two rules of one level with the same priority
 *   (`overlapping-priority`) and for two groups of one name (`acl-group-name`).
 */
export function readAclFile(path: string): AclPolicy {
  return parseAclPolicy(readYamlFile(path));
}

/** The policy of a document that is already read; errors as of `readAclFile`. */
export function parseAclPolicy(document: YamlDocument): AclPolicy {
  const { levels = {}, groups } = validator()(document);
  if (groups === undefined)
    return {
      levels: ACL_LEVEL_NAMES.map((name) =>
        readLevel({ name, pointer: `/levels/${name}`, level: levels[name], document }),
      ),
    };
  checkNames(groups, document);
  return {
    levels: groups.map((level, i) => ({
      ...readLevel({ name: level.name, pointer: `/groups/${i}`, level, document }),
      direction: level.direction ?? 'both',
    })),
  };
}

/** Either levels or groups. */
interface AclFile {
  levels?: Partial<Record<AclLevelName, AclFileLevel>>;
  groups?: AclFileGroup[];
}

interface AclFileGroup extends AclFileLevel {
  name: string;
  direction?: AclDirection | 'both';
}

interface AclFileLevel {
  default?: AclAction;
  rules: AclFileRule[];
}

interface AclFileRule {
  priority: number;
  action: AclAction;
  protocols?: (number | string)[];
  sources?: string[];
  destinations?: string[];
  sourcePorts?: (number | string)[];
  destinationPorts?: (number | string)[];
}

let cachedValidator: ((document: YamlDocument) => AclFile) | undefined;

function validator(): (document: YamlDocument) => AclFile {
  const schemaPath = packagePath('sirius-card', 'schemas', 'acl.schema.json');
  cachedValidator ??= createValidator<AclFile>(JSON.parse(readFileSync(schemaPath, 'utf8')));
  return cachedValidator;
}

interface LevelInFile {
  name: string;
  /** Where it stands in the document. */
  pointer: string;
  level: AclFileLevel | undefined;
  document: YamlDocument;
}

function readLevel({ name, pointer, level, document }: LevelInFile): AclLevel {
  if (level === undefined) return { name, rules: [], defaultAction: 'allow' };
  const placeOf = (i: number) => `${document.fileName}:${document.lineOf(`${pointer}/rules/${i}/priority`)}`;
  checkPriorities(name, level.rules, placeOf);
  return {
    name,
    rules: level.rules.map((rule, i) => readRule(rule, `${pointer}/rules/${i}`, document)),
    defaultAction: level.default ?? 'deny',
  };
}

function checkNames(groups: readonly AclFileGroup[], document: YamlDocument): void {
  const seen = new Map<string, number>();
  const placeOf = (i: number) => `${document.fileName}:${document.lineOf(`/groups/${i}/name`)}`;
  for (const [i, { name }] of groups.entries()) {
    const other = seen.get(name);
    if (other !== undefined) {
      throw usageError({
        code: 'acl-group-name',
        where: placeOf(i),
        expected: 'a name that no other group has',
        got: `${JSON.stringify(name)}, which the group at ${placeOf(other)} has`,
        hint: 'Give each group a name of its own: errors tell groups by it.',
      });
    }
    seen.set(name, i);
  }
}

function checkPriorities(name: string, rules: AclFileRule[], placeOf: (rule: number) => string): void {
  const seen = new Map<number, number>();
  for (const [i, { priority }] of rules.entries()) {
    const other = seen.get(priority);
    if (other !== undefined) {
      throw usageError({
        code: 'overlapping-priority',
        where: placeOf(i),
        expected: `a priority that no other rule of level ${name} has`,
        got: `overlapping priority ${priority}, which the rule at ${placeOf(other)} has`,
        hint: 'Give each rule of a level a priority of its own: the lowest number that matches wins.',
      });
    }
    seen.set(priority, i);
  }
}

const PROTOCOL_NUMBERS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17 };

function readRule(rule: AclFileRule, pointer: string, document: YamlDocument): AclRule {
  const placeOf = (key: string, i: number) =>
    `${document.fileName}:${document.lineOf(`${pointer}/${key}/${i}`)}`;
  const addresses = (key: 'sources' | 'destinations') =>
    rule[key]?.map((text, i) => readAddresses(text, placeOf(key, i))) ?? [ANY_ADDRESS];
  const ports = (key: 'sourcePorts' | 'destinationPorts') =>
    rule[key]?.map((text, i) => readPorts(text, placeOf(key, i))) ?? [ANY_PORT];
  return {
    priority: rule.priority,
    action: rule.action,
    protocols: rule.protocols?.map((protocol) => PROTOCOL_NUMBERS[protocol] ?? Number(protocol)) ?? 'any',
    sources: addresses('sources'),
    destinations: addresses('destinations'),
    sourcePorts: ports('sourcePorts'),
    destinationPorts: ports('destinationPorts'),
  };
}

function readAddresses(text: string, where: string): ValueRange {
  let range: Ipv4Range;
  try {
    range = parseIpv4Range(text);
  } catch (cause) {
    if (!(cause instanceof SiriusError)) throw cause;
    throw usageError({
      code: 'acl-address',
      where,
      expected: 'an IPv4 prefix, range or address such as 10.0.0.0/8, 10.0.0.1-10.0.0.9 or 10.0.0.1',
      got: JSON.stringify(text),
      hint: cause.hint,
    });
  }
  return { first: range.first, last: range.first + range.count - 1 };
}

const PORTS_PATTERN = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/;

function readPorts(text: number | string, where: string): ValueRange {
  const [, first = Number.NaN, last = first] = PORTS_PATTERN.exec(String(text))?.map(Number) ?? [];
  const range = { first, last: Number.isNaN(last) ? first : last };
  if (range.first <= range.last && range.last <= PORT_MAX) return range;
  throw usageError({
    code: 'acl-port',
    where,
    expected: `a port or a range of ports from 0 to ${PORT_MAX}, the lower first`,
    got: JSON.stringify(text),
    hint: 'Write one port as 443 and a range as 1024-65535.',
  });
}
