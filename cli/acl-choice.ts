import { usageError } from '../core/errors.js';
import { nearest } from '../core/nearest.js';
import { readYamlFile } from '../core/yaml.js';
import type { TrafficProfile } from '../generators/profile.js';
import { parseAclPolicy } from '../sirius-card/acl/acl-file.js';
import { DASH_SHAPES, type DashScale, generateDashPolicy } from '../sirius-card/acl/dash.js';
import type { AclPolicy } from '../sirius-card/acl/rule.js';
import { generateTable4Policy } from '../sirius-card/acl/table4.js';

/** What `--acl` says, read once: a rule set by its name, or a file's policy. */
export interface AclChoice {
  /** As it was given. */
  word: string;
  /** The policy of a file, which holds for every fNIC. */
  policy?: AclPolicy;
}

const NAMES = ['table4', 'none', ...Object.keys(DASH_SHAPES)];
const SUFFIXES = ['.yaml', '.yml', '.json'];

/**
 * Reads the word of `--acl`: a name, or the path of a file (anything with a slash or ending in `.yaml`, `.yml` or `.json`).
 * @throws SiriusError (usage) for an unknown name, or naming the line of the file that is wrong.
 */
export function chooseAcl(word: string): AclChoice {
  if (NAMES.includes(word)) return { word };
  if (word.includes('/') || SUFFIXES.some((suffix) => word.endsWith(suffix)))
    return { word, policy: parseAclPolicy(readYamlFile(word)) };
  const meant = nearest(word, NAMES);
  throw usageError({
    code: 'unknown-acl',
    where: '--acl',
    expected: `a rule set (${NAMES.join(', ')}) or the path of a policy file (.yaml, .yml, .json)`,
    got: JSON.stringify(word),
    hint: meant === undefined ? `For a file of that name: --acl ./${word}` : `Did you mean ${meant}?`,
  });
}

/** The policy of each fNIC. Generated ones come from the seed, such that the profile's traffic passes. */
export function policySource(
  { word, policy }: AclChoice,
  { clients, servers }: Pick<TrafficProfile, 'clients' | 'servers'>,
  seed: bigint,
): (fnic: number) => AclPolicy | undefined {
  if (policy !== undefined) return () => policy;
  if (word === 'none') return () => undefined;
  const permit = {
    clients: { first: clients.firstAddress, count: clients.addressCount },
    servers: { first: servers.firstAddress, count: servers.addressCount },
  };
  if (word === 'table4') return (fnic) => generateTable4Policy({ seed, fnic, permit });
  return (fnic) => generateDashPolicy({ seed, fnic, scale: word as DashScale, permit });
}
