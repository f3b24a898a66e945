import { SiriusError } from '../../core/errors.js';
import { sustainedLossRatio } from '../../results/sustained-loss.js';
import { hasCards } from '../../targets/target-url.js';
import { buildCpsOptions, type CpsFlags, DEFAULT_CPS_FLAGS } from '../cps-options.js';
import { checkFlagsTogether } from '../flags-together.js';
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

/** Flags of `cps` that mean the same to a search. */
type SharedFlags = Pick<
  CpsFlags,
  'seed' | 'profile' | 'tunable' | 'arrivals' | 'target' | 'model' | 'power' | 'acl' | 'replication'
>;

/** The flags of `find cps` as oclif hands them over. */
export interface FindCpsFlags extends SharedFlags, FindFlags {
  'min-rate'?: string;
  'max-rate'?: string;
}

/**
 * Loss of a trial: packets dropped of those sent, as the paper counts it (section 6.2), or connections broken of those
 * attempted if that is more; and what would be lost in the long run (`sustainedLossRatio`). A connection that is open at the end is not lost: it may
 * only be under way.
 */
export const FIND_CPS: FindKind = {
  command: 'find cps',
  loadUnit: 'cps',
  heading: 'highest new connections per second (virtual)',
  lossNote: 'loss: also of connections by which queues grew until the end of a trial',
  latencyName: 'SYN to SYN-ACK',
  throughputName: 'throughput',
  minFlag: '--min-rate',
  maxFlag: '--max-rate',
  formatLoad: (load) => formatLoad(load, 'cps'),
  judge: (result, isFinal) => {
    const { packets, connections, latencyNs } = result.measured;
    const { attempted, broken } = connections;
    const brokenRatio = attempted === 0 ? 0 : broken.total / attempted;
    // Shorter trials end while queues still fill to where they will settle, which is no reason to rule a rate out.
    const sustained = isFinal ? sustainedLossRatio(result) : 0;
    const losses = { packets: packets.lossRatio, broken: brokenRatio, sustained };
    return judgement(losses, latencyNs.synToSynAck);
  },
};

/** The first trials of a search last this share of the last ones unless told, but never less than one connection takes to be due. */
const INITIAL_DURATION_SHARE = 0.1;

/**
 * Turns flags into the options of a search, all checked before any trial runs.
 * @throws SiriusError (usage) naming the flag that is wrong.
 */
export function buildFindCpsOptions(flags: FindCpsFlags, given: ReadonlySet<string>): FindOptions {
  const method = parseMethod(flags.method, given);
  const powers = splitPowers(flags.power);
  const shared = sharedFlags(flags);
  const trialOf = (own: Partial<CpsFlags>) =>
    buildCpsOptions({
      ...DEFAULT_CPS_FLAGS,
      ...shared,
      duration: flags.duration,
      power: powers[0] ?? '',
      ...own,
    });
  const maxLoad = highestCps(flags, trialOf);
  const minLoad = lowestCps(flags, { maxLoad, trialOf });
  checkRange(FIND_CPS, { minLoad, maxLoad });
  const { goals, latencyLimits, shortest } = buildGoals(flags, {
    method,
    initialShare: INITIAL_DURATION_SHARE,
    initialNsMin: 1e9 / minLoad,
  });
  for (const power of powers) trialOf({ rate: `${maxLoad}`, power });
  // The shortest trial at the lowest rate must have a connection.
  named(shortest.flag, '--duration', () => trialOf({ rate: `${minLoad}`, duration: shortest.text }));
  const { seed, target } = trialOf({ rate: `${maxLoad}` });
  checkFlagsTogether({ given, target });
  const { power: _power, seed: _seed, target: _target, ...trialFlags } = shared;
  const watts = hasCards(target) ? distinctWatts(powers) : [undefined];
  const subjects = watts.map(
    (powerWatts): FindSubject => ({
      ...(powerWatts === undefined ? {} : { powerWatts }),
      minLoad,
      maxLoad,
      specOf: ({ load, durationNs, seed }) => ({
        command: 'cps',
        flags: {
          ...shared,
          clock: 'virtual',
          ...(powerWatts === undefined ? {} : { power: `${powerWatts}W` }),
          ...{ rate: `${load}`, duration: `${durationNs}ns`, seed: `${seed}` },
        },
      }),
    }),
  );
  return {
    ...{ kind: FIND_CPS, method, goals, latencyLimits, seed, target: target.url, subjects },
    trialFlags: { ...trialFlags, clock: 'virtual' },
  };
}

type TrialOf = (own: Partial<CpsFlags>) => ReturnType<typeof buildCpsOptions>;

function sharedFlags(flags: FindCpsFlags): SharedFlags {
  const { seed, profile, tunable, arrivals, target, model, power, acl, replication } = flags;
  return {
    seed,
    profile,
    target,
    model,
    power,
    acl,
    replication,
    ...(tunable === undefined ? {} : { tunable }),
    ...(arrivals === undefined ? {} : { arrivals }),
  };
}

/** Line rate of one port unless told; halved until the profile's addresses suffice. */
function highestCps(flags: FindCpsFlags, trialOf: TrialOf): number {
  const rate = flags['max-rate'];
  if (rate !== undefined) return Math.floor(named('--max-rate', '--rate', () => trialOf({ rate }).rateCps));
  for (let percent = 100; ; percent /= 2) {
    try {
      return Math.floor(trialOf({ rate: `${percent}%` }).rateCps);
    } catch (error) {
      const lacksAddresses = error instanceof SiriusError && error.code === 'address-capacity';
      if (!lacksAddresses || percent < 1) throw error;
    }
  }
}

/** The highest rate over the lowest one, unless told. */
const RATE_RANGE = 1000;

function lowestCps(flags: FindCpsFlags, { maxLoad, trialOf }: { maxLoad: number; trialOf: TrialOf }): number {
  const rate = flags['min-rate'];
  if (rate === undefined) return Math.max(1, Math.ceil(maxLoad / RATE_RANGE));
  return Math.ceil(named('--min-rate', '--rate', () => trialOf({ rate }).rateCps));
}
