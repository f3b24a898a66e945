import { usageError } from '../../core/errors.js';
import { parseCount, parseRate } from '../../core/units.js';
import type { TrafficProfile } from '../../generators/profile.js';
import { type CardModel, mpuServiceNs, type PowerState } from '../../sirius-card/model.js';
import type { Target } from '../../targets/target-url.js';
import { GENERATOR_PORT_COUNT } from '../../targets/underlay.js';
import { offeredCps } from '../offered-rate.js';

export interface KneeOptions {
  target: Target;
  model: CardModel;
  state: PowerState;
  profile: Pick<TrafficProfile, 'encapsulation' | 'innerFrameBytes'>;
}

/** Shares of the knee: loads double up to its half, then the distance to it halves, then it is reached and passed. */
const KNEE_SHARES = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4, 7 / 8, 15 / 16, 1, 1.05];
const QUICK_KNEE_SHARES = [1 / 8, 1 / 2, 7 / 8, 1, 1.05];
/** Passes of a connection's six packets through the pipelines of a card of the pair: SYN and both FINs also go to the other card and back. */
const PASSES_PER_CONNECTION = 6;
const STEPS_MAX = 64;

/**
 * Where the target should stop following, by arithmetic over the model's service times and the generator's wires: it only places the ladder.
 * Where it does stop comes out of the trials. Without cards it is the line rate of one port.
 */
export function expectedKneeCps({ target, model, state, profile }: KneeOptions): number {
  const lineRateBps = model.network.linkRateGbps * 1e9;
  const portCps = offeredCps({ value: 100, unit: 'percent', profile, lineRateBps });
  if (target.scheme !== 'card') return portCps;
  const mpuCps = 1e9 / (PASSES_PER_CONNECTION * mpuServiceNs(model, state));
  return Math.min(
    armCps({ cardCount: target.cardCount, model, state }),
    mpuCps,
    GENERATOR_PORT_COUNT * portCps,
  );
}

export interface ArmOptions {
  cardCount: number;
  model: CardModel;
  state: PowerState;
}

/** Connections per second that the ARM cores of a card, or of cards that replicate, can do by their service times. */
export function armCps({ cardCount, model, state }: ArmOptions): number {
  const { newFlowPrimaryNs, newFlowSecondaryNs, finPrimaryNs, finSecondaryNs } = model.arm;
  const primaryNs = newFlowPrimaryNs + 2 * finPrimaryNs;
  const secondaryNs = cardCount > 1 ? newFlowSecondaryNs + 2 * finSecondaryNs : 0;
  return (cardCount * model.armCores * 1e9) / ((primaryNs + secondaryNs) * state.armServiceScale);
}

/** Rates up to an expected knee and a little over it, ascending, rounded down to three digits; none above `highestCps`. */
export function kneeLadder(
  kneeCps: number,
  { highestCps, isQuick }: { highestCps: number; isQuick: boolean },
): number[] {
  const shares = isQuick ? QUICK_KNEE_SHARES : KNEE_SHARES;
  const rates = shares.map((share) => roundedDown(share * kneeCps));
  return [...new Set(rates.filter((rate) => rate <= highestCps))];
}

/** `100k:3M:8` as rates of equal ratios, ends included. @throws SiriusError (usage) naming --ladder */
export function parseLadder(text: string): number[] {
  const where = '--ladder';
  const [low = '', high = '', steps = '', ...more] = text.split(':');
  if (low === '' || high === '' || steps === '' || more.length > 0) throw ladderError(text);
  const lowCps = parseRate(low, { where, units: ['cps'] }).value;
  const highCps = parseRate(high, { where, units: ['cps'] }).value;
  const count = parseCount(steps, { where });
  if (lowCps >= highCps || count < 2 || count > STEPS_MAX) throw ladderError(text);
  const ratio = (highCps / lowCps) ** (1 / (count - 1));
  return Array.from({ length: count }, (_, step) =>
    step === count - 1 ? highCps : Number((lowCps * ratio ** step).toPrecision(6)),
  );
}

/** The texts of `--rates 10%,1M`; what each means is for the trial to tell. @throws SiriusError (usage) */
export function parseRateList(text: string): string[] {
  const rates = text.split(',').map((rate) => rate.trim());
  if (rates.length <= STEPS_MAX && rates.every((rate) => rate !== '')) return rates;
  throw usageError({
    code: 'rates',
    where: '--rates',
    expected: `one to ${STEPS_MAX} rates separated by commas`,
    got: `"${text}"`,
    hint: 'For example --rates 300k,1M,3M or --rates 5%,10%,20%.',
  });
}

function roundedDown(rate: number): number {
  const unit = 10 ** (Math.floor(Math.log10(rate)) - 2);
  return Number((Math.floor(rate / unit) * unit).toPrecision(3));
}

function ladderError(text: string): Error {
  return usageError({
    code: 'ladder',
    where: '--ladder',
    expected: `LOW:HIGH:STEPS, a lower rate, a higher one, and 2 to ${STEPS_MAX} steps`,
    got: `"${text}"`,
    hint: 'For example --ladder 100k:3.2M:8; leave it out for one up to the knee of the model.',
  });
}
