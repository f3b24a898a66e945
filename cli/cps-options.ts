import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
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
import { checkAddressCapacity } from '../generators/address-capacity.js';
import { type Arrivals, loadProfile, type TrafficProfile } from '../generators/profile.js';
import { RATE_CPS_MIN } from '../generators/tcp-generator.js';
import { whole } from '../results/figure-text.js';
import { type CardModel, loadModel, powerState } from '../sirius-card/model.js';
import { hasCards, parseTarget } from '../targets/target-url.js';
import { GENERATOR_PORT_COUNT } from '../targets/underlay.js';
import { chooseAcl } from './acl-choice.js';
import { offeredCps } from './offered-rate.js';
import { checkRunLength } from './run-duration.js';
import type { CpsTrialOptions } from './trial-options.js';

/** The flags of `cps` as oclif hands them over: text, parsed here and trusted further inside. */
export interface CpsFlags {
  rate?: string;
  duration: string;
  seed: string;
  profile: string;
  multiplier: string;
  tunable?: string[];
  arrivals?: string;
  target: string;
  clock: string;
  model: string;
  power: string;
  acl: string;
  replication: string;
  pcap?: string;
  'pcap-packets': string;
}

export const DEFAULT_CPS_FLAGS: CpsFlags = {
  duration: '2s',
  seed: '1',
  profile: 'cps',
  multiplier: '1',
  target: 'card://pair',
  clock: 'virtual',
  model: 'dsc-200',
  power: '78W',
  acl: 'table4',
  replication: 'on',
  'pcap-packets': '10000',
};

/**
 * Turns flags into the options of a trial, all checked.
 * @throws SiriusError (usage) naming the flag, or the profile's file and line, that is wrong.
 */
export function buildCpsOptions(flags: CpsFlags): CpsTrialOptions {
  const target = parseTarget(flags.target);
  const model = loadModel(flags.model);
  const powerWatts = parsePowerWatts(flags.power, { where: '--power' });
  powerState(model, powerWatts);
  const profile = loadProfile(flags.profile, { tunables: flags.tunable ?? [] });
  const arrivals = (flags.arrivals as Arrivals | undefined) ?? profile.arrivals;
  const rateCps = resolveRate(flags, profile, model);
  const traffic: TrafficProfile = { ...profile, arrivals, rateCps };
  checkLeastRate(flags, rateCps);
  checkLineRate(flags, traffic, model);
  checkAddressCapacity(traffic, { rateCps, lingerNs: lingerNs(model) });
  const durationNs = parseDurationNs(flags.duration, { where: '--duration' });
  checkRunLength({ durationNs, rate: rateCps, unit: 'cps' });
  const options = {
    rateCps,
    durationNs,
    seed: parseSeed(flags.seed),
    profile: traffic,
    target,
    clock: flags.clock as CpsTrialOptions['clock'],
    model,
    powerWatts,
    acl: chooseAcl(flags.acl),
    replication: flags.replication === 'on',
    ...(flags.pcap === undefined
      ? {}
      : { pcap: { path: checkPcapFile(flags.pcap), packets: parsePcapPackets(flags) } }),
  };
  return { ...options, input: echoInput(options, flags) };
}

/** One line that tells what the flags came to. */
export function describeTrial({
  rateCps,
  durationNs,
  target,
  clock,
  powerWatts,
  seed,
  profile,
}: CpsTrialOptions): string {
  const load = `${formatRate(rateCps, 'cps')} (${profile.arrivals}) for ${formatDurationNs(durationNs)}`;
  const driven = hasCards(target) ? `${target.url}, ${powerWatts} W` : target.url;
  return `${load}, profile ${profile.name}, ${driven}, ${clock} clock, seed ${seed}`;
}

function resolveRate(flags: CpsFlags, profile: TrafficProfile, model: CardModel): number {
  const multiplier = parseMultiplier(flags.multiplier);
  if (flags.rate === undefined) return profile.rateCps * multiplier;
  const rate = parseRate(flags.rate, { where: '--rate', units: ['cps', 'pps', 'bps', 'percent'] });
  return offeredCps({ ...rate, profile, lineRateBps: model.network.linkRateGbps * 1e9 }) * multiplier;
}

function checkLeastRate(flags: CpsFlags, rateCps: number): void {
  if (rateCps >= RATE_CPS_MIN) return;
  throw usageError({
    code: 'least-rate',
    where: whereOfRate(flags),
    expected: `at least ${RATE_CPS_MIN} cps`,
    got: `${rateCps} cps`,
    hint: `The lowest that can be offered is --rate ${RATE_CPS_MIN}: one connection in ${formatDurationNs(1e9 / RATE_CPS_MIN)}.`,
  });
}

function whereOfRate({ rate }: CpsFlags): string {
  return rate === undefined ? 'rate of the profile' : '--rate';
}

/** How long a card may remember a connection after its end, until its sweep comes by. */
function lingerNs({ ageing }: CardModel): number {
  return (ageing.closedLingerMs + ageing.sweepPeriodMs) * 1e6;
}

/** Refuses what does not fit the generator's wires; the wall clock has none, there the trial itself tells. */
function checkLineRate(flags: CpsFlags, profile: TrafficProfile, model: CardModel): void {
  const { linkRateGbps } = model.network;
  const highestPercent = 100 * GENERATOR_PORT_COUNT;
  const lineRateBps = linkRateGbps * 1e9;
  const highestCps = offeredCps({ value: highestPercent, unit: 'percent', profile, lineRateBps });
  if (flags.clock !== 'virtual' || profile.rateCps <= highestCps) return;
  throw usageError({
    code: 'line-rate',
    where: whereOfRate(flags),
    expected: `at most ${whole(Math.floor(highestCps))} cps, the line rate of ${GENERATOR_PORT_COUNT} ports of ${linkRateGbps} Gbps with frames of ${profile.innerFrameBytes} B`,
    got: `${whole(Math.ceil(profile.rateCps))} cps`,
    hint: `The highest that can be offered is --rate ${Math.floor(highestCps)}, or --rate ${highestPercent}%.`,
  });
}

function parseMultiplier(text: string): number {
  const value = /^\d+(\.\d+)?x?$/i.test(text.trim()) ? Number.parseFloat(text) : 0;
  if (value > 0 && Number.isFinite(value)) return value;
  throw usageError({
    code: 'multiplier',
    where: '--multiplier',
    expected: 'a number above zero',
    got: `"${text}"`,
    hint: '-m 2 doubles the rate, -m 0.5 halves it.',
  });
}

/** A seed as `--seed` gives it. @throws SiriusError (usage) */
export function parseSeed(text: string): number {
  const seed = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(seed)) return seed;
  throw usageError({
    code: 'seed',
    where: '--seed',
    expected: `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`,
    got: `"${text}"`,
    hint: 'For example --seed 1; the same seed gives the same packets.',
  });
}

/** At the smallest frames half a gigabyte in the data plane, and as much again to sort them by time. */
const PCAP_PACKETS_MAX = 4_000_000;

/** The first four bytes of a pcapng file, in either byte order (a section header block). */
const PCAPNG_START = 0x0a0d0d0a;

/** A capture takes the place of an earlier one, and of nothing else. */
function checkPcapFile(path: string): string {
  if (!existsSync(path) || !statSync(path).isFile()) return path;
  const start = Buffer.alloc(4);
  const file = openSync(path, 'r');
  const byteCount = readSync(file, start);
  closeSync(file);
  if (byteCount === 0 || start.readUInt32BE(0) === PCAPNG_START) return path;
  throw usageError({
    code: 'pcap-file',
    where: '--pcap',
    expected: 'a new file, or an earlier capture to replace',
    got: `${path}, which is no pcapng file`,
    hint: 'Choose another name, or remove the file.',
  });
}

function parsePcapPackets(flags: CpsFlags): number {
  const packets = parseCount(flags['pcap-packets'], { where: '--pcap-packets' });
  if (packets <= PCAP_PACKETS_MAX) return packets;
  throw usageError({
    code: 'pcap-packets',
    where: '--pcap-packets',
    expected: `at most ${formatCount(PCAP_PACKETS_MAX)} packets, which are held in memory until the run ends`,
    got: formatCount(packets),
    hint: 'Keep fewer packets; a capture starts with the first ones.',
  });
}

/** What the result keeps of its inputs: every one that counts with this target, after defaults. */
function echoInput(options: Omit<CpsTrialOptions, 'input'>, flags: CpsFlags): Record<string, unknown> {
  const { name, description: _description, origins: _origins, ...traffic } = options.profile;
  const { rateCps, durationNs, seed, target, clock, model, powerWatts, acl, replication, pcap } = options;
  return {
    profile: name,
    rateCps,
    durationNs,
    seed,
    target: target.url,
    clock,
    ...(hasCards(target) ? { model: model.name, powerWatts, acl: acl.word } : {}),
    ...(target.cardCount > 1 ? { replication } : {}),
    arrivals: traffic.arrivals,
    multiplier: parseMultiplier(flags.multiplier),
    tunables: flags.tunable ?? [],
    traffic,
    ...(pcap === undefined ? {} : { pcap }),
  };
}
