import { IMPAIRMENT_CHANCE_ONE } from '../core/dataplane/contract.js';
import { type LinkOptions, picoseconds, type Testbed, UNBOUNDED_BYTES } from '../core/testbed.js';

/** What one end of a cable is joined to. */
export interface CableEnd extends Pick<LinkOptions, 'owner' | 'bufferBytes' | 'lookaheadNs'> {
  name: string;
}

export interface CableOptions extends Pick<LinkOptions, 'latencyNs' | 'rateGbps'> {
  left: CableEnd;
  right: CableEnd;
  /** Puts an impairment into its middle, well until it is told otherwise: its seed. */
  impairmentSeed?: bigint;
}

/** The links that an app at one end receives by and sends into. */
export interface CableLinks {
  input: number;
  output: number;
}

export interface LaidCable {
  left: CableLinks;
  right: CableLinks;
  /** Every link that is dark when the cable is cut. */
  links: readonly number[];
  impairment?: number;
}

/** Lays a cable between two apps: a link each way, or two with an impairment between. */
export function layCable(testbed: Testbed, options: CableOptions): LaidCable {
  const { left, right, impairmentSeed } = options;
  if (impairmentSeed === undefined) {
    const onward = addDirection(testbed, options, left, right);
    const back = addDirection(testbed, options, right, left);
    return {
      left: { input: back, output: onward },
      right: { input: onward, output: back },
      links: [onward, back],
    };
  }
  const { exports } = testbed;
  const place = testbed.addPlace(`${left.name}~${right.name}`, 'switch');
  const app = exports.impairmentCreate(testbed.pool, place, impairmentSeed);
  const half = { ...options, latencyNs: options.latencyNs / 2 };
  const addLane = (from: CableEnd, to: CableEnd) => {
    const before = addDirection(testbed, half, from, to);
    const behind = testbed.addLink({
      ...{ name: `~${from.name}-${to.name}`, owner: from.owner, latencyNs: half.latencyNs },
      ...{ rateGbps: 0, bufferBytes: UNBOUNDED_BYTES, lookaheadNs: 0 },
    });
    exports.impairmentAddLane(app, before, behind);
    return { before, behind };
  };
  const onward = addLane(left, right);
  const back = addLane(right, left);
  testbed.addApp(app);
  return {
    left: { input: back.behind, output: onward.before },
    right: { input: onward.behind, output: back.before },
    links: [onward.before, onward.behind, back.before, back.behind],
    impairment: app,
  };
}

function addDirection(
  testbed: Testbed,
  { latencyNs, rateGbps }: Pick<LinkOptions, 'latencyNs' | 'rateGbps'>,
  { owner, bufferBytes, lookaheadNs, name }: CableEnd,
  to: CableEnd,
): number {
  return testbed.addLink({
    name: `${name}-${to.name}`,
    ...{ owner, latencyNs, rateGbps, bufferBytes, lookaheadNs },
  });
}

/** What an impairment does to a packet, each with its chance from 0 to 1. */
export interface Harm {
  loss: number;
  duplication: number;
  corruption: number;
  delay: number;
  /** A delayed packet is late by up to this. */
  delayMaxNs: number;
}

export const NO_HARM: Harm = { loss: 0, duplication: 0, corruption: 0, delay: 0, delayMaxNs: 0 };

/** Lets a cable's impairment do harm from now on; what is held back by the one before still comes late. */
export function impair({ exports }: Testbed, app: number, harm: Harm): void {
  const chance = (share: number) => Math.round(share * IMPAIRMENT_CHANCE_ONE);
  exports.impairmentSet(
    app,
    chance(harm.loss),
    chance(harm.duplication),
    chance(harm.corruption),
    chance(harm.delay),
    picoseconds(harm.delayMaxNs),
  );
}
