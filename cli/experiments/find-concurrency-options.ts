import { SiriusError, usageError } from '../../core/errors.js';
import { parseCount } from '../../core/units.js';
import { loadModel } from '../../sirius-card/model.js';
import { hasCards, parseTarget } from '../../targets/target-url.js';
import { checkFlagsTogether } from '../flags-together.js';
import { buildPpsOptions, DEFAULT_PPS_FLAGS, type PpsFlags } from '../pps-options.js';
import { type FindKind, formatLoad, judgement } from './find-kind.js';
import {
  buildGoals,
  checkRange,
  distinctWatts,
  type FindFlags,
  type FindLoad,
  type FindOptions,
  type FindSubject,
  named,
  parseMethod,
  splitPowers,
} from './find-options.js';

/** The flags of `find concurrency` as oclif hands them over. */
export interface FindConcurrencyFlags extends FindFlags {
  'min-flows'?: string;
  'max-flows'?: string;
  seed: string;
  profile: string;
  tunable?: string[];
  target: string;
  model: string;
  power: string;
  acl: string;
}

/**
 * Concurrent connections as a tester of state tables means them (RFC 9411 section 7.2): opened, all of them, and usable while all are open. Loss is
 * the greatest share of flows not learned, of flows of which the cards have no record at the end, and of packets dropped afterwards.
 */
export const FIND_CONCURRENCY: FindKind = {
  command: 'find concurrency',
  loadUnit: 'flows',
  heading: 'most concurrent flows (virtual)',
  latencyName: 'one-way latency',
  throughputName: 'held',
  minFlag: '--min-flows',
  maxFlag: '--max-flows',
  formatLoad: (load) => formatLoad(load, 'flows'),
  judge: ({ input, measured: { packets, latencyNs, warmup, flowTable } }) => {
    const { flows = 1, learned = 0 } = warmup ?? {};
    // Each card of a pair holds every flow.
    const recordsPerCard = flowTable.atEnd / (input.target === 'card://pair' ? 2 : 1);
    const missing = flowTable.capacity === 0 ? 0 : Math.max(0, 1 - recordsPerCard / flows);
    const losses = { notLearned: 1 - learned / flows, missing, packets: packets.lossRatio };
    return judgement(losses, latencyNs.portToPort);
  },
};

const FLOWS_MAX = 64_000_000;
/** Beyond the records of the model, unless told: enough to see it fail. */
const CAPACITY_MARGIN = 1.25;
/** The most flows over the fewest, unless told. */
const FLOWS_RANGE = 1000;
/** Fewer, and loads half a percent apart would be single flows apart. */
const FLOWS_MIN = 1000;

/**
 * Turns flags into the options of a search for each power state, all checked before any trial runs.
 * @throws SiriusError (usage) naming the flag that is wrong.
 */
export function buildFindConcurrencyOptions(
  flags: FindConcurrencyFlags,
  given: ReadonlySet<string>,
): FindOptions {
  const method = parseMethod(flags.method, given);
  const powers = splitPowers(flags.power);
  const { minLoad, maxLoad } = rangeOf(flags);
  checkRange(FIND_CONCURRENCY, { minLoad, maxLoad });
  // What a trial costs is its flows, not its duration: short ones would only be harder on the target.
  const { goals, latencyLimits } = buildGoals(flags, { method, initialShare: 1, initialNsMin: 1 });
  const finalNs = Math.round((goals[0]?.finalTrialSeconds ?? 1) * 1e9);
  const flagsOf = ({ load, durationNs, seed }: FindLoad, power: string): Partial<PpsFlags> => ({
    ...sharedFlags(flags),
    ...{ power, flows: `${load}`, rate: ratePps(load, durationNs) },
    ...{ duration: `${durationNs}ns`, seed: `${seed}` },
  });
  const build = (load: number, power: string) =>
    buildPpsOptions(
      { ...DEFAULT_PPS_FLAGS, ...flagsOf({ load, durationNs: finalNs, seed: 0 }, power), seed: flags.seed },
      { mayOverfill: true },
    );
  const check = (load: number, power: string) => {
    try {
      return named('--max-flows', '--flows', () => build(load, power));
    } catch (error) {
      if (error instanceof SiriusError && error.code === 'line-rate') throw tooShort(flags.duration, load);
      throw error;
    }
  };
  for (const power of powers) check(maxLoad, power);
  const { seed, target } = check(minLoad, powers[0] ?? '');
  checkFlagsTogether({ given, target });
  const watts = hasCards(target) ? distinctWatts(powers) : [undefined];
  const subjects = watts.map(
    (powerWatts): FindSubject => ({
      ...(powerWatts === undefined ? {} : { powerWatts }),
      minLoad,
      maxLoad,
      specOf: (load) => ({
        command: 'pps',
        flags: flagsOf(load, powerWatts === undefined ? (powers[0] ?? '') : `${powerWatts}W`),
        mayOverfill: true,
      }),
    }),
  );
  const { target: _target, ...trialFlags } = sharedFlags(flags);
  return {
    ...{ kind: FIND_CONCURRENCY, method, goals, latencyLimits, seed, target: target.url, subjects },
    trialFlags,
  };
}

function sharedFlags({ profile, tunable, target, model, acl }: FindConcurrencyFlags) {
  return { profile, target, model, acl, ...(tunable === undefined ? {} : { tunable }) };
}

/** One packet for each flow in the duration, rounded up to the generator's thousandths. */
function ratePps(flows: number, durationNs: number): string {
  return `${Math.ceil(((flows * 1e9) / durationNs) * 1000) / 1000}`;
}

function tooShort(duration: string, flows: number): SiriusError {
  return usageError({
    code: 'search-duration',
    where: '--duration',
    expected: `long enough for a packet to each of ${formatLoad(flows, 'flows')} at line rate`,
    got: duration,
    hint: 'Leave --duration out, or search up to fewer flows with --max-flows.',
  });
}

function rangeOf(flags: FindConcurrencyFlags): { minLoad: number; maxLoad: number } {
  const maxText = flags['max-flows'];
  const minText = flags['min-flows'];
  const maxLoad = maxText === undefined ? mostFlows(flags) : parseCount(maxText, { where: '--max-flows' });
  const minLoad =
    minText === undefined
      ? Math.min(maxLoad - 1, Math.max(FLOWS_MIN, Math.ceil(maxLoad / FLOWS_RANGE)))
      : parseCount(minText, { where: '--min-flows' });
  return { minLoad: Math.max(1, minLoad), maxLoad };
}

function mostFlows({ target, model }: FindConcurrencyFlags): number {
  if (!hasCards(parseTarget(target))) return FLOWS_MAX;
  return Math.min(FLOWS_MAX, Math.ceil(loadModel(model).memory.flowRecords * CAPACITY_MARGIN));
}
