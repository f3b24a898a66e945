import { PREAMBLE_AND_GAP_BYTES } from '../core/dataplane/contract.js';
import { usageError } from '../core/errors.js';
import {
  formatCount,
  formatDurationNs,
  formatRate,
  parseCount,
  parseDurationNs,
  parsePowerWatts,
  parseRate,
} from '../core/units.js';
import { parsePacketSize } from '../generators/packet-genome.js';
import { type Arrivals, loadProfile } from '../generators/profile.js';
import { checkUdpTraffic, lineRatePps, meanWireBytes, type UdpTraffic } from '../generators/udp-traffic.js';
import { type CardModel, loadModel, type PowerState, powerState } from '../sirius-card/model.js';
import { hasCards, parseTarget, type Target } from '../targets/target-url.js';
import { GENERATOR_PORT_COUNT } from '../targets/underlay.js';
import { type AclChoice, chooseAcl } from './acl-choice.js';
import { DEFAULT_CPS_FLAGS, parseSeed } from './cps-options.js';
import { checkRunLength } from './run-duration.js';

/** The flags of `pps` as oclif hands them over. */
export interface PpsFlags {
  rate: string;
  duration: string;
  seed: string;
  'packet-size': string;
  flows: string;
  bidirectional: boolean;
  warmup: boolean;
  profile: string;
  tunable?: string[];
  arrivals?: string;
  target: string;
  model: string;
  power: string;
  acl: string;
}

export const DEFAULT_PPS_FLAGS: PpsFlags = {
  rate: 'max',
  duration: '20ms',
  seed: DEFAULT_CPS_FLAGS.seed,
  'packet-size': '64',
  flows: '100k',
  bidirectional: false,
  warmup: true,
  target: 'card://solo',
  profile: DEFAULT_CPS_FLAGS.profile,
  model: DEFAULT_CPS_FLAGS.model,
  power: DEFAULT_CPS_FLAGS.power,
  acl: DEFAULT_CPS_FLAGS.acl,
};

export interface PpsTrialOptions {
  ratePps: number;
  durationNs: number;
  seed: number;
  traffic: UdpTraffic;
  profileName: string;
  target: Target;
  model: CardModel;
  powerWatts: number;
  acl: AclChoice;
  /** Flows learned per second before the measurement; undefined when they are learned while they are counted. */
  warmupPps?: number;
  /** More flows than the target holds are a finding: what it does not learn is no reason to doubt the trial. */
  mayOverfill?: true;
  /** Echo of every input after defaults. */
  input: Record<string, unknown>;
}

/** Of what the ARM cores can learn: above it a burst of flows that meet on one core finds its queue full. */
const WARMUP_LOAD = 0.85;
const LOOPBACK_WARMUP_PPS = 10e6;
/** The generator counts in thousandths. */
const RATE_PPS_MIN = 0.001;

/**
 * Turns flags into the options of a trial, all checked.
 * @throws SiriusError (usage) naming the flag that is wrong.
 */
export function buildPpsOptions(
  flags: PpsFlags,
  { mayOverfill = false }: { mayOverfill?: boolean } = {},
): PpsTrialOptions {
  const target = parseTarget(flags.target);
  const model = loadModel(flags.model);
  const powerWatts = parsePowerWatts(flags.power, { where: '--power' });
  const state = powerState(model, powerWatts);
  const profile = loadProfile(flags.profile, { tunables: flags.tunable ?? [] });
  const flowCount = mayOverfill
    ? parseCount(flags.flows, { where: '--flows' })
    : parseFlows(flags.flows, model, target);
  const { encapsulation, fnicCount, firstVni, clients, servers } = profile;
  const traffic: UdpTraffic = {
    ...{ encapsulation, fnicCount, firstVni, clients, servers },
    arrivals: (flags.arrivals as Arrivals | undefined) ?? 'constant',
    genome: parsePacketSize(flags['packet-size']),
    flowCount,
    bidirectional: flags.bidirectional,
  };
  checkUdpTraffic(traffic, { portCount: GENERATOR_PORT_COUNT });
  const ratePps = resolveRate(flags.rate, traffic, model);
  const durationNs = parseDurationNs(flags.duration, { where: '--duration' });
  const learnedPps = flags.warmup ? warmupPps(target, model, state) : undefined;
  const warmupNs = learnedPps === undefined ? 0 : (flowCount / learnedPps) * 1e9;
  checkRunLength({ durationNs, warmupNs, rate: ratePps, unit: 'pps' });
  const options = {
    ...{ ratePps, durationNs, seed: parseSeed(flags.seed), traffic, profileName: profile.name },
    ...{ target, model, powerWatts, acl: chooseAcl(flags.acl) },
    ...(learnedPps === undefined ? {} : { warmupPps: learnedPps }),
    ...(mayOverfill ? { mayOverfill: true as const } : {}),
  };
  return { ...options, input: echoInput(options, flags) };
}

/** One line that tells what the flags came to. */
export function describePpsTrial({
  ratePps,
  durationNs,
  traffic,
  target,
  powerWatts,
  seed,
}: PpsTrialOptions): string {
  const load = `${formatRate(ratePps, 'pps')} (${traffic.arrivals}) of ${sizeText(traffic)} for ${formatDurationNs(durationNs)}`;
  const driven = hasCards(target) ? `${target.url}, ${powerWatts} W` : target.url;
  return `${load} over ${formatCount(traffic.flowCount)} flows, ${driven}, virtual clock, seed ${seed}`;
}

function sizeText({ genome }: UdpTraffic): string {
  return genome.name === 'imix' ? 'imix' : `${genome.name} B`;
}

function parseFlows(text: string, model: CardModel, target: Target): number {
  const flows = parseCount(text, { where: '--flows' });
  if (!hasCards(target) || flows <= model.memory.flowRecords) return flows;
  throw usageError({
    code: 'flow-count',
    where: '--flows',
    expected: `at most ${model.memory.flowRecords.toLocaleString('en-US')} flows, the records of a card's flow table`,
    got: flows.toLocaleString('en-US'),
    hint: `Offer fewer flows, or use a model with more memory.flowRecords.`,
  });
}

function resolveRate(text: string, traffic: UdpTraffic, model: CardModel): number {
  const { linkRateGbps } = model.network;
  const portPps = (linkRateGbps * 1e9) / (8 * meanWireBytes(traffic));
  const highestPps = lineRatePps({ ...traffic, portCount: GENERATOR_PORT_COUNT, linkRateGbps });
  if (text.trim().toLowerCase() === 'max') return Math.min(portPps, highestPps);
  const { value, unit } = parseRate(text, { where: '--rate', units: ['pps', 'bps', 'percent'] });
  const ratePps =
    unit === 'pps'
      ? value
      : unit === 'bps'
        ? value / (8 * (meanWireBytes(traffic) - PREAMBLE_AND_GAP_BYTES))
        : (value / 100) * portPps;
  if (ratePps < RATE_PPS_MIN) {
    throw usageError({
      code: 'rate',
      where: '--rate',
      expected: `at least ${RATE_PPS_MIN} packets per second`,
      got: formatRate(ratePps, 'pps'),
      hint: 'For example --rate 1pps.',
    });
  }
  // The highest rate is rounded down to a thousandth.
  if (ratePps < highestPps + 0.001) return Math.min(ratePps, highestPps);
  throw usageError({
    code: 'line-rate',
    where: '--rate',
    expected: `at most ${formatRate(Math.floor(highestPps), 'pps')}, what ${GENERATOR_PORT_COUNT} ports of ${linkRateGbps} Gbps carry of ${sizeText(traffic)}`,
    got: formatRate(ratePps, 'pps'),
    hint: 'Use --rate max for the line rate of one port.',
  });
}

/** A flow's first packet is an operation of an ARM core, on both cards of a pair: a share of what all cores can do. */
function warmupPps(target: Target, model: CardModel, { armServiceScale }: PowerState): number {
  if (!hasCards(target)) return LOOPBACK_WARMUP_PPS;
  const { newFlowPrimaryNs, newFlowSecondaryNs } = model.arm;
  const isPair = target.cardCount > 1;
  const flowNs = (newFlowPrimaryNs + (isPair ? newFlowSecondaryNs : 0)) * armServiceScale;
  const cores = model.armCores * (isPair ? 2 : 1);
  return Math.floor((cores * 1e9 * WARMUP_LOAD) / flowNs);
}

/** What the result keeps of its inputs: every one, after defaults. */
function echoInput(options: Omit<PpsTrialOptions, 'input'>, flags: PpsFlags): Record<string, unknown> {
  const { ratePps, durationNs, seed, traffic, profileName, target, model, powerWatts, acl } = options;
  const { warmupPps, mayOverfill } = options;
  const { genome, flowCount, bidirectional, ...rest } = traffic;
  return {
    ...{ profile: profileName, ratePps, durationNs, seed, target: target.url, clock: 'virtual' },
    ...(hasCards(target) ? { model: model.name, powerWatts, acl: acl.word } : {}),
    ...{ packetSize: genome.name, flows: flowCount, bidirectional },
    ...(warmupPps === undefined ? {} : { warmupPps }),
    ...(mayOverfill === undefined ? {} : { mayOverfill }),
    ...{ arrivals: traffic.arrivals, tunables: flags.tunable ?? [], traffic: rest },
  };
}
