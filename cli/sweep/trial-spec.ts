import type { Result } from '../../results/result.js';
import { buildCpsOptions, type CpsFlags, DEFAULT_CPS_FLAGS } from '../cps-options.js';
import { buildFaultsOptions, DEFAULT_FAULTS_FLAGS, type FaultsFlags } from '../faults/faults-options.js';
import { buildHeroOptions, DEFAULT_HERO_FLAGS, type HeroTrialFlags, heroPackets } from '../hero-options.js';
import { inputHashOf } from '../input-hash.js';
import { PACKETS_PER_CONNECTION } from '../offered-rate.js';
import { buildPpsOptions, DEFAULT_PPS_FLAGS, type PpsFlags } from '../pps-options.js';
import type { TrialHooks } from '../trial-options.js';

/** One trial of a sweep as plain data, so that it can be sent to a worker: the flags of its command, the rest by default. */
export type TrialSpec =
  | { command: 'cps'; flags: Partial<CpsFlags> }
  | { command: 'pps'; flags: Partial<PpsFlags>; mayOverfill?: true }
  | { command: 'faults'; flags: Partial<FaultsFlags> }
  | { command: 'hero'; flags: Partial<HeroTrialFlags> };

/** A trial whose flags were checked. */
export interface PreparedTrial {
  inputHash: string;
  /** Packets that it simulates, about. */
  weight: number;
  perform(hooks: TrialHooks): Promise<{ result: Result }>;
}

/**
 * Checks a trial's flags; nothing runs yet.
 * @throws SiriusError (usage) naming what is wrong with the flags.
 */
export function prepareTrial(spec: TrialSpec): PreparedTrial {
  if (spec.command === 'pps') {
    const options = buildPpsOptions(
      { ...DEFAULT_PPS_FLAGS, ...spec.flags },
      { mayOverfill: spec.mayOverfill === true },
    );
    const learned = options.warmupPps === undefined ? 0 : options.traffic.flowCount;
    return {
      inputHash: inputHashOf('pps', options),
      weight: learned + (options.ratePps * options.durationNs) / 1e9,
      perform: async (hooks) => (await import('../pps-trial.js')).runPpsTrial(options, hooks),
    };
  }
  if (spec.command === 'faults') {
    const options = buildFaultsOptions({ ...DEFAULT_FAULTS_FLAGS, ...spec.flags });
    return {
      inputHash: inputHashOf('faults', options),
      weight: (PACKETS_PER_CONNECTION * options.rateCps * options.durationNs) / 1e9,
      perform: async (hooks) => (await import('../faults/faults-trial.js')).runFaultsTrial(options, hooks),
    };
  }
  if (spec.command === 'hero') {
    const options = buildHeroOptions({ ...DEFAULT_HERO_FLAGS, ...spec.flags });
    return {
      inputHash: inputHashOf('hero', options),
      weight: heroPackets(options),
      perform: async (hooks) => (await import('../hero-trial.js')).runHeroTrial(options, hooks),
    };
  }
  const options = buildCpsOptions({ ...DEFAULT_CPS_FLAGS, ...spec.flags });
  return {
    inputHash: inputHashOf('cps', options),
    weight: (PACKETS_PER_CONNECTION * options.rateCps * options.durationNs) / 1e9,
    perform: async (hooks) => (await import('../trial.js')).runCpsTrial(options, hooks),
  };
}
