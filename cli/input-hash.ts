import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { canonicalJson } from '../results/measured-hash.js';

interface HashedOptions {
  /** `table4`, `none` or the path of a policy file, whose contents count. */
  acl: string;
  /** Only echoes the rest. */
  input: unknown;
  /** Does not change what is measured. */
  pcap?: unknown;
}

/**
 * sha256 (hex) over everything that decides what a trial measures: the command and its options, with the contents of profile, model
 * and rule file. Two trials of one program version with the same hash measure the same under the virtual clock.
 */
export function inputHashOf(command: string, options: HashedOptions): string {
  const { input: _echo, pcap: _pcap, acl, ...rest } = options;
  const rules = existsSync(acl) ? readFileSync(acl, 'utf8') : acl;
  return createHash('sha256')
    .update(canonicalJson({ command, ...rest, acl: rules }), 'utf8')
    .digest('hex');
}
