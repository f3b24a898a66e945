import type { TrafficProfile } from '../generators/profile.js';
import { readAclFile } from '../sirius-card/acl/acl-file.js';
import { DASH_SHAPES, type DashScale, generateDashPolicy } from '../sirius-card/acl/dash.js';
import type { AclPolicy } from '../sirius-card/acl/rule.js';
import { generateTable4Policy } from '../sirius-card/acl/table4.js';

/**
 * The policy of each fNIC by the word of `--acl`: `none`, `table4` or a scale of DASH (made from the seed so that the profile's
 * traffic passes), or a file, which holds for every fNIC.
 */
export function policySource(
  acl: string,
  { clients, servers }: Pick<TrafficProfile, 'clients' | 'servers'>,
  seed: bigint,
): (fnic: number) => AclPolicy | undefined {
  if (acl === 'none') return () => undefined;
  const permit = {
    clients: { first: clients.firstAddress, count: clients.addressCount },
    servers: { first: servers.firstAddress, count: servers.addressCount },
  };
  if (acl === 'table4') return (fnic) => generateTable4Policy({ seed, fnic, permit });
  if (isDashScale(acl)) return (fnic) => generateDashPolicy({ seed, fnic, scale: acl, permit });
  const policy = readAclFile(acl);
  return () => policy;
}

function isDashScale(word: string): word is DashScale {
  return Object.hasOwn(DASH_SHAPES, word);
}
