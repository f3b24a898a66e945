import { usageError } from '../core/errors.js';
import { nearest } from '../core/nearest.js';

/** What can be driven, parsed from its URL. */
export interface Target {
  scheme: TargetScheme;
  /** `pair` or `solo` for a card; empty where the scheme has no host. */
  host: string;
  /** As it is echoed in results: lower case, no trailing slash. */
  url: string;
}

export type TargetScheme = 'card' | 'loopback';

export interface TargetKind {
  url: string;
  summary: string;
  description: string;
}

/** Every target of this version, the default first. */
export const TARGETS: readonly TargetKind[] = [
  {
    url: 'card://pair',
    summary: 'Two Sirius cards that replicate in-line, behind two ToR switches (Figure 9a)',
    description:
      'The testbed of the paper: generator, two ToR switches, two cards. The fNICs are spread evenly; each card is primary for its half and secondary for the other. SYN and both FINs go through the secondary before they leave (in-line replication, section 3.2).',
  },
  {
    url: 'card://solo',
    summary: 'One Sirius card without a partner',
    description:
      'The same card serving all fNICs without replication: what a pair costs is the difference between the two.',
  },
  {
    url: 'loopback://',
    summary: 'The generator wired to itself',
    description:
      'No device under test: every packet comes straight back. It tells what the generator itself can offer and measure, the ceiling of every other target.',
  },
];

/**
 * Parses `--target`: `card://pair`, `card://solo`, `loopback://`.
 * @throws SiriusError (usage) listing the targets that exist.
 */
export function parseTarget(text: string, { where = '--target' }: { where?: string } = {}): Target {
  const url = text.trim().toLowerCase();
  const match = TARGETS.find((target) => url === target.url || url === `${target.url}/`);
  if (match) {
    const [scheme, host = ''] = match.url.split('://');
    return { scheme: scheme as TargetScheme, host, url: match.url };
  }
  const urls = TARGETS.map((target) => target.url);
  const candidate = nearest(url, urls);
  throw usageError({
    code: 'target-unknown',
    where,
    expected: `one of ${urls.join(', ')}`,
    got: `"${text}"`,
    hint: candidate ? `Did you mean ${candidate}?` : '`sirius-bench targets` tells what each one is.',
  });
}

/** Whether the target is made of cards, which have a model, a power state and rules. */
export function hasCards({ scheme }: Target): boolean {
  return scheme === 'card';
}
