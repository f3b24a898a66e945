import { createHash } from 'node:crypto';
import { canonicalJson } from '../results/measured-hash.js';
import type { AclChoice } from './acl-choice.js';

export interface HashedOptions {
  acl: AclChoice;
  model: object;
  profile?: object;
  /** Only echoes the rest. */
  input: unknown;
  /** Does not change what is measured. */
  pcap?: unknown;
}

/** Words of a profile or model about itself, and where its numbers came from: paths of this machine among them. */
const NOT_MEASURED = ['description', 'origins', 'provenance'];

/**
 * sha256 (hex) over everything that decides what a trial measures: the command and its options, with what profile, model and rule file
 * say. Two trials of one program with the same hash measure the same under the virtual clock, wherever it is installed.
 */
export function inputHashOf(command: string, options: HashedOptions): string {
  const { input: _echo, pcap: _pcap, model, profile, ...rest } = options;
  const hashed = {
    ...{ command, ...rest, model: decisive(model) },
    ...(profile === undefined ? {} : { profile: decisive(profile) }),
  };
  return createHash('sha256').update(canonicalJson(hashed), 'utf8').digest('hex');
}

function decisive(named: object): object {
  return Object.fromEntries(Object.entries(named).filter(([key]) => !NOT_MEASURED.includes(key)));
}
