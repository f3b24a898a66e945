import { hasCards } from '../../targets/target-url.js';
import { checkFlagsTogether } from '../flags-together.js';
import { buildPpsOptions, DEFAULT_PPS_FLAGS, type PpsFlags } from '../pps-options.js';
import { type FindKind, formatLoad, judgement } from './find-kind.js';
import {
  buildGoals,
  checkRange,
  distinctWatts,
  type FindFlags,
  type FindOptions,
  type FindSubject,
  named,
  parseMethod,
  splitPowers,
} from './find-options.js';
import { packetSizes } from './pps-sizes.js';

/** Flags of `pps` that mean the same to a search. */
export type SharedPpsFlags = Pick<
  PpsFlags,
  | 'seed'
  | 'flows'
  | 'bidirectional'
  | 'profile'
  | 'tunable'
  | 'arrivals'
  | 'target'
  | 'model'
  | 'power'
  | 'acl'
>;

/** The flags of `find pps` as oclif hands them over. */
export interface FindPpsFlags extends SharedPpsFlags, FindFlags {
  'packet-size': string;
  'min-rate'?: string;
  'max-rate'?: string;
}

/** Loss of a trial: packets dropped of those sent after all flows were learned. */
export const FIND_PPS: FindKind = {
  command: 'find pps',
  loadUnit: 'pps',
  heading: 'highest packets per second (virtual)',
  latencyName: 'one-way latency',
  throughputName: 'throughput',
  minFlag: '--min-rate',
  maxFlag: '--max-rate',
  formatLoad: (load) => formatLoad(load, 'pps'),
  judge: ({ measured: { packets, latencyNs } }) =>
    judgement({ packets: packets.lossRatio }, latencyNs.portToPort),
};

const INITIAL_DURATION_SHARE = 0.1;
/** The highest rate over the lowest one, unless told. */
const RATE_RANGE = 1000;

/**
 * Turns flags into the options of a search for each packet size and power state, all checked before any trial runs.
 * @throws SiriusError (usage) naming the flag that is wrong.
 */
export function buildFindPpsOptions(flags: FindPpsFlags, given: ReadonlySet<string>): FindOptions {
  const method = parseMethod(flags.method, given);
  const powers = splitPowers(flags.power);
  const shared = sharedPpsFlags(flags);
  const ranges = [...new Set(packetSizes(flags['packet-size']))].map((size) => rangeOf(flags, shared, size));
  const { goals, latencyLimits, shortest } = buildGoals(flags, {
    method,
    initialShare: INITIAL_DURATION_SHARE,
    initialNsMin: 1e9 / Math.min(...ranges.map(({ minLoad }) => minLoad)),
  });
  const trialOf = (own: Partial<PpsFlags>) => buildPpsOptions({ ...DEFAULT_PPS_FLAGS, ...shared, ...own });
  for (const power of powers) trialOf({ power });
  for (const { packetSize, minLoad } of ranges) {
    named(shortest.flag, '--duration', () =>
      trialOf({
        ...{ power: powers[0] ?? '', 'packet-size': packetSize, rate: `${minLoad}`, duration: shortest.text },
      }),
    );
  }
  const { seed, target } = trialOf({ power: powers[0] ?? '' });
  checkFlagsTogether({ given, target });
  const { power: _power, seed: _seed, target: _target, ...trialFlags } = shared;
  const watts = hasCards(target) ? distinctWatts(powers) : [undefined];
  const subjects = watts.flatMap((powerWatts) =>
    ranges.map(
      (range): FindSubject => ({
        ...(powerWatts === undefined ? {} : { powerWatts }),
        ...range,
        specOf: ({ load, durationNs, seed }) => ({
          command: 'pps',
          flags: {
            ...shared,
            ...(powerWatts === undefined ? { power: powers[0] ?? '' } : { power: `${powerWatts}W` }),
            ...{ 'packet-size': range.packetSize, rate: `${load}` },
            ...{ duration: `${durationNs}ns`, seed: `${seed}` },
          },
        }),
      }),
    ),
  );
  return {
    ...{ kind: FIND_PPS, method, goals, latencyLimits, seed, target: target.url, subjects },
    trialFlags,
  };
}

export function sharedPpsFlags(flags: SharedPpsFlags): SharedPpsFlags {
  const { seed, flows, bidirectional, profile, tunable, arrivals, target, model, power, acl } = flags;
  return {
    ...{ seed, flows, bidirectional, profile, target, model, power, acl },
    ...(tunable === undefined ? {} : { tunable }),
    ...(arrivals === undefined ? {} : { arrivals }),
  };
}

/** Up to the line rate of one port unless told; that rate depends on the packet size. */
function rangeOf(flags: FindPpsFlags, shared: SharedPpsFlags, packetSize: string) {
  const [power = ''] = splitPowers(flags.power);
  const rateOf = (rate: string) =>
    buildPpsOptions({ ...DEFAULT_PPS_FLAGS, ...shared, power, 'packet-size': packetSize, rate }).ratePps;
  const lineRatePps = rateOf('max');
  const maxLoad = Math.floor(named('--max-rate', '--rate', () => rateOf(flags['max-rate'] ?? 'max')));
  const minText = flags['min-rate'];
  const minLoad =
    minText === undefined
      ? Math.max(1, Math.ceil(maxLoad / RATE_RANGE))
      : Math.ceil(named('--min-rate', '--rate', () => rateOf(minText)));
  checkRange(FIND_PPS, { minLoad, maxLoad });
  return { packetSize, minLoad, maxLoad, lineRatePps };
}
