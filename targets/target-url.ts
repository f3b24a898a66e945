import { usageError } from '../core/errors.js';
import { nearest } from '../core/nearest.js';
import { CARD_COUNT_MAX } from '../sirius-card/dataplane/card-layout.js';

/** What can be driven, parsed from its URL. */
export interface Target {
  scheme: TargetScheme;
  /** `pair`, `solo` or `appliance` for cards; empty where the scheme has no host. */
  host: string;
  cardCount: number;
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
    url: 'card://appliance',
    summary: 'Three Sirius cards or more, each a partner of all the others (card://appliance?cards=4)',
    description:
      "The same two ToR switches with 3 to 12 cards (section 3.3.2: an appliance has twelve). The fNICs are spread evenly, and the copies of one card's flows over all the others, so that a third card can take the place of one that leaves or dies. Made for `faults`.",
  },
  {
    url: 'loopback://',
    summary: 'The generator wired to itself',
    description:
      'No device under test: every packet comes straight back. It tells what the generator itself can offer and measure, the ceiling of every other target.',
  },
];

const APPLIANCE_CARDS_MIN = 3;
const CARD_COUNTS: Readonly<Record<string, number>> = { solo: 1, pair: 2, appliance: APPLIANCE_CARDS_MIN };

/**
 * Parses `--target`: `card://pair`, `card://solo`, `card://appliance?cards=4`, `loopback://`.
 * @throws SiriusError (usage) listing the targets that exist.
 */
export function parseTarget(text: string, { where = '--target' }: { where?: string } = {}): Target {
  const url = text.trim().toLowerCase();
  const match = TARGETS.find((target) => url === target.url || url === `${target.url}/`);
  if (match) {
    const [scheme, host = ''] = match.url.split('://');
    return { scheme: scheme as TargetScheme, host, cardCount: CARD_COUNTS[host] ?? 0, url: match.url };
  }
  const [, cards] = /^card:\/\/appliance\/?\?cards=(\d{1,2})$/.exec(url) ?? [];
  const cardCount = Number(cards);
  if (cardCount >= APPLIANCE_CARDS_MIN && cardCount <= CARD_COUNT_MAX) {
    return { scheme: 'card', host: 'appliance', cardCount, url: `card://appliance?cards=${cardCount}` };
  }
  const urls = TARGETS.map((target) => target.url);
  const candidate = nearest(url, urls);
  throw usageError({
    code: 'target-unknown',
    where,
    expected: `one of ${urls.join(', ')}${cards === undefined ? '' : `, with ?cards=${APPLIANCE_CARDS_MIN} to ${CARD_COUNT_MAX}`}`,
    got: `"${text}"`,
    hint: candidate ? `Did you mean ${candidate}?` : '`sirius-bench targets` tells what each one is.',
  });
}

/** Whether the target is made of cards, which have a model, a power state and rules. */
export function hasCards({ scheme }: Target): boolean {
  return scheme === 'card';
}
