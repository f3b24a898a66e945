import { usageError } from '../core/errors.js';
import type { Target } from '../targets/target-url.js';

export interface GivenFlags {
  /** Names of the flags that were typed (`typedFlags`). */
  given: ReadonlySet<string>;
  target: Target;
  /** `key=value` each. */
  tunables?: readonly string[];
}

interface Clash {
  flag: string;
  /** Whether the flag, once given, would be ignored. */
  isIdle(flags: GivenFlags): boolean;
  expected: string;
  got(flags: GivenFlags): string;
  hint: string;
}

const CARD_FLAGS = [
  { flag: 'power', what: 'a power state is of a card' },
  { flag: 'model', what: 'a model is of a card' },
  { flag: 'acl', what: 'a card holds the rules' },
];

const CLASHES: readonly Clash[] = [
  {
    flag: 'rate',
    isIdle: ({ tunables = [] }) => tunables.some((tunable) => /^\s*rate\s*=/.test(tunable)),
    expected: 'one rate',
    got: () => '--rate beside --tunable rate',
    hint: 'Leave one of them out.',
  },
  {
    flag: 'pcap-packets',
    isIdle: ({ given }) => !given.has('pcap'),
    expected: '--pcap FILE beside it',
    got: () => 'no --pcap',
    hint: 'Name the capture with --pcap, or leave --pcap-packets out.',
  },
  {
    flag: 'replication',
    isIdle: ({ target }) => target.cardCount < 2,
    expected: 'a --target that replicates, card://pair or card://appliance',
    got: gotTarget,
    hint: 'Leave --replication out, or drive card://pair.',
  },
  ...CARD_FLAGS.map(({ flag, what }) => ({
    flag,
    isIdle: ({ target }: GivenFlags) => target.scheme !== 'card',
    expected: `a --target with cards, since ${what}`,
    got: gotTarget,
    hint: `Leave --${flag} out, or drive card://pair or card://solo.`,
  })),
];

/**
 * Refuses a flag that another flag makes idle: who sets it expects it to count.
 * @throws SiriusError (usage) naming both flags.
 */
export function checkFlagsTogether(flags: GivenFlags): void {
  const clash = CLASHES.find(({ flag, isIdle }) => flags.given.has(flag) && isIdle(flags));
  if (clash === undefined) return;
  throw usageError({
    code: 'flag-idle',
    where: `--${clash.flag}`,
    expected: clash.expected,
    got: clash.got(flags),
    hint: clash.hint,
  });
}

export interface IdleFlags {
  /** Names of flags that do nothing beside `got`. */
  flags: readonly string[];
  expected: string;
  got: string;
}

/** Refuses the flags that do nothing in this combination, if one of them was typed. @throws SiriusError (usage) */
export function refuseIdleFlags(given: ReadonlySet<string>, { flags, expected, got }: IdleFlags): void {
  const flag = flags.find((name) => given.has(name));
  if (flag === undefined) return;
  const hint = `--${flag} does nothing here: leave it out.`;
  throw usageError({ code: 'flag-idle', where: `--${flag}`, expected, got, hint });
}

function gotTarget({ target }: GivenFlags): string {
  return `--target ${target.url}`;
}
