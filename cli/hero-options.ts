import { usageError } from '../core/errors.js';
import { backgroundFlowCount, backgroundPps, checkBackground } from '../generators/background.js';
import { hasCards } from '../targets/target-url.js';
import { buildCpsOptions } from './cps-options.js';
import { HERO_SCALES, type HeroScaleName } from './hero-scales.js';
import type { CpsTrialOptions } from './trial.js';

/** The flags of one hero trial, as oclif hands them over. */
export interface HeroTrialFlags {
  scale: string;
  rate: string;
  duration: string;
  seed: string;
  target: string;
  model: string;
  power: string;
  /** The scale's own unless given. */
  acl?: string;
}

export const DEFAULT_HERO_FLAGS: HeroTrialFlags = {
  scale: 'baby',
  rate: '3M',
  duration: '10s',
  seed: '1',
  target: 'card://pair',
  model: 'dsc-200',
  power: '78W',
};

/**
 * Turns flags into the options of a hero trial, all checked.
 * @throws SiriusError (usage) naming the flag that is wrong.
 */
export function buildHeroOptions(flags: HeroTrialFlags): CpsTrialOptions {
  const { scale: name, acl, ...shared } = flags;
  const scale = HERO_SCALES[name as HeroScaleName];
  const options = buildCpsOptions({
    ...shared,
    profile: 'cps',
    multiplier: '1',
    tunable: scale.tunables,
    clock: 'virtual',
    acl: acl ?? scale.acl,
    replication: 'on',
    'pcap-packets': '10000',
  });
  if (!hasCards(options.target)) {
    throw usageError({
      code: 'hero-target',
      where: '--target',
      expected: 'a target with flow tables, card://pair or card://solo',
      got: options.target.url,
      hint: 'The hero test is about flow tables: leave --target out.',
    });
  }
  const { background } = scale;
  if (background !== undefined) checkBackground(background, options.profile);
  checkIdle(flags, options, background?.refreshNs);
  return {
    ...options,
    ...(background === undefined ? {} : { background }),
    input: {
      scale: name,
      ...options.input,
      ...(background === undefined ? {} : { background, backgroundFlows: backgroundFlowCount(background) }),
    },
  };
}

/** Packets that a hero trial simulates, about: learning, the background while the connections last, and these. */
export function heroPackets({ rateCps, durationNs, background }: CpsTrialOptions): number {
  const connections = (PACKETS_PER_CONNECTION * rateCps * durationNs) / 1e9;
  if (background === undefined) return connections;
  const flows = backgroundFlowCount(background);
  return connections + flows * PACKETS_TO_LEARN + (backgroundPps(background) * durationNs) / 1e9;
}

/** A handshake or a first datagram, and refreshes while the others are learned. */
const PACKETS_TO_LEARN = 3;
const PACKETS_PER_CONNECTION = 6;

/** A model whose flows age faster than they are refreshed would forget them all the time. */
function checkIdle(flags: HeroTrialFlags, { model }: CpsTrialOptions, refreshNs = 0): void {
  const { establishedIdleMs } = model.ageing;
  // The other direction comes half an interval later.
  if (establishedIdleMs * 1e6 > refreshNs / 2) return;
  throw usageError({
    code: 'hero-idle',
    where: '--model',
    expected: `ageing.establishedIdleMs above ${refreshNs / 2e6}, the time between two packets of a background flow`,
    got: `${establishedIdleMs} in model ${flags.model}`,
    hint: 'DASH has 5000 ms, and refreshes every 4.9 s in each direction.',
  });
}
