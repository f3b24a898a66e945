import { usageError } from '../core/errors.js';
import { parseRate } from '../core/units.js';
import { backgroundFlowCount, backgroundPps, checkBackground } from '../generators/background.js';
import { hasCards } from '../targets/target-url.js';
import { buildCpsOptions, DEFAULT_CPS_FLAGS } from './cps-options.js';
import { HERO_SCALES, type HeroScaleName } from './hero-scales.js';
import { PACKETS_PER_CONNECTION } from './offered-rate.js';
import type { CpsTrialOptions } from './trial-options.js';

/** The flags of one hero trial, as oclif hands them over. */
export interface HeroTrialFlags {
  scale: string;
  rate: string;
  duration: string;
  seed: string;
  target: string;
  model: string;
  power: string;
  /** Inner frames of the background. */
  'packet-size': string;
  /** The scale's own unless given. */
  acl?: string;
}

export const DEFAULT_HERO_FLAGS: HeroTrialFlags = {
  ...{ scale: 'baby', rate: '3M', duration: '10s', 'packet-size': '64' },
  seed: DEFAULT_CPS_FLAGS.seed,
  target: DEFAULT_CPS_FLAGS.target,
  model: DEFAULT_CPS_FLAGS.model,
  power: DEFAULT_CPS_FLAGS.power,
};

/**
 * Turns flags into the options of a hero trial, all checked.
 * @throws SiriusError (usage) naming the flag that is wrong.
 */
export function buildHeroOptions(flags: HeroTrialFlags): CpsTrialOptions {
  const { scale: name, acl, 'packet-size': packetSize, ...shared } = flags;
  const scale = HERO_SCALES[name as HeroScaleName];
  const innerFrameBytes = parsePacketSize(packetSize);
  parseRate(flags.rate, { where: '--rate', units: ['cps'] });
  const options = buildCpsOptions({
    ...DEFAULT_CPS_FLAGS,
    ...shared,
    tunable: scale.tunables,
    acl: acl ?? scale.acl,
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
  const background = scale.background && { ...scale.background, innerFrameBytes };
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

/** The frames of TCP, without its payload, and of UDP have one length. */
function parsePacketSize(text: string): number {
  const bytes = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0;
  if (bytes >= PACKET_BYTES_MIN && bytes <= PACKET_BYTES_MAX) return bytes;
  throw usageError({
    code: 'packet-size',
    where: '--packet-size',
    expected: `${PACKET_BYTES_MIN} to ${PACKET_BYTES_MAX}, the bytes of an inner frame`,
    got: `"${text}"`,
    hint: 'DASH raises the size until the links are nearly full: --packet-size 1500.',
  });
}

const PACKET_BYTES_MIN = 64;
const PACKET_BYTES_MAX = 1500;

/** Packets that a hero trial simulates, about: learning, the background while the connections last, and these. */
export function heroPackets({ rateCps, durationNs, background }: CpsTrialOptions): number {
  const connections = (PACKETS_PER_CONNECTION * rateCps * durationNs) / 1e9;
  if (background === undefined) return connections;
  const flows = backgroundFlowCount(background);
  return connections + flows * PACKETS_TO_LEARN + (backgroundPps(background) * durationNs) / 1e9;
}

/** A handshake or a first datagram, and refreshes while the others are learned. */
const PACKETS_TO_LEARN = 3;

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
