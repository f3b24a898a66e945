import { readFileSync } from 'node:fs';
import { type Ipv4Range, parseIpv4Range } from '../../core/address.js';
import { SiriusError, usageError } from '../../core/errors.js';
import { packagePath } from '../../core/package-path.js';
import { createValidator } from '../../core/schema.js';
import { readYamlFile, type YamlDocument } from '../../core/yaml.js';
import {
  ACL_LEVEL_NAMES,
  type AclAction,
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
 * Reads a policy file (schema: sirius-card/schemas/acl.schema.json, example: examples/acl.yaml).
 * @throws SiriusError that names `file:line` for an unreadable file, an unknown key, a wrong type, an address or a port
 *   that is none, and for two rules of one level with the same priority (`overlapping-priority`).
 */
export function readAclFile(path: string): AclPolicy {
  return parseAclPolicy(readYamlFile(path));
}

/** The policy of a document that is already read; errors as of `readAclFile`. */
export function parseAclPolicy(document: YamlDocument): AclPolicy {
  const { levels } = validator()(document);
  return { levels: ACL_LEVEL_NAMES.map((name) => readLevel(name, levels[name], document)) };
}

interface AclFile {
  levels: Partial<Record<AclLevelName, AclFileLevel>>;
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

function readLevel(name: AclLevelName, level: AclFileLevel | undefined, document: YamlDocument): AclLevel {
  if (level === undefined) return { name, rules: [], defaultAction: 'allow' };
  const pointer = `/levels/${name}/rules`;
  checkPriorities(
    name,
    level.rules,
    (i) => `${document.fileName}:${document.lineOf(`${pointer}/${i}/priority`)}`,
  );
  return {
    name,
    rules: level.rules.map((rule, i) => readRule(rule, `${pointer}/${i}`, document)),
    defaultAction: level.default ?? 'deny',
  };
}

function checkPriorities(name: AclLevelName, rules: AclFileRule[], placeOf: (rule: number) => string): void {
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
