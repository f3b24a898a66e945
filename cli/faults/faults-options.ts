import { usageError } from '../../core/errors.js';
import { formatDurationNs, parseDurationNs } from '../../core/units.js';
import { type FaultEvent, loadScenario, type Scenario } from '../../targets/scenario.js';
import { hasCards } from '../../targets/target-url.js';
import { GENERATOR_PORT_COUNT } from '../../targets/underlay.js';
import { buildCpsOptions, type CpsFlags } from '../cps-options.js';
import type { FaultsTrialOptions } from './faults-trial.js';

/** The flags of one trial with faults, as text. */
export interface FaultsFlags extends CpsFlags {
  /** A built-in scenario or a file. */
  scenario: string;
  /** When its first event happens; a third of the duration if left out. */
  at?: string;
}

export const DEFAULT_FAULTS_FLAGS: FaultsFlags = {
  scenario: 'card1-down',
  duration: '6s',
  seed: '1',
  profile: 'faults',
  multiplier: '1',
  target: 'card://pair',
  clock: 'virtual',
  model: 'dsc-200',
  power: '78W',
  acl: 'table4',
  replication: 'on',
  'pcap-packets': '10000',
};

/** Of the testbed of Figure 9a. */
export const PLACES = { torCount: GENERATOR_PORT_COUNT, cardCount: 2 };

/**
 * Turns flags into the options of a trial with faults, all checked.
 * @throws SiriusError (usage) naming the flag, or the file and line, that is wrong.
 */
export function buildFaultsOptions(flags: FaultsFlags): FaultsTrialOptions {
  const scenario = loadScenario(flags.scenario, PLACES);
  const options = buildCpsOptions(flags);
  if (!hasCards(options.target) || options.target.host !== 'pair') {
    throw usageError({
      code: 'faults-target',
      where: '--target',
      expected: 'card://pair: faults are played in the testbed of Figure 9a',
      got: options.target.url,
      hint: 'Leave --target out.',
    });
  }
  const { durationNs } = options;
  const firstFaultNs =
    flags.at === undefined ? Math.floor(durationNs / 3) : parseDurationNs(flags.at, { where: '--at' });
  checkEnd(scenario, { durationNs, firstFaultNs });
  return {
    ...options,
    kind: 'faults',
    scenario,
    firstFaultNs,
    input: { ...options.input, scenario: describe(scenario), firstFaultNs },
  };
}

function describe({ name, events }: Scenario): { name: string; events: string[] } {
  return { name, events: events.map(describeEvent) };
}

/** `+2.00 ms cut tor1-card1` */
export function describeEvent({ atNs, action, place }: FaultEvent): string {
  return `+${atNs === 0 ? '0 s' : formatDurationNs(atNs)} ${action.kind} ${place}`;
}

function checkEnd({ events, name }: Scenario, run: { durationNs: number; firstFaultNs: number }): void {
  const late = events.find(({ atNs }) => run.firstFaultNs + atNs >= run.durationNs);
  if (late === undefined) return;
  throw usageError({
    code: 'fault-after-end',
    where: `scenario ${name}: "${describeEvent(late)}", from --at ${formatDurationNs(run.firstFaultNs)} on`,
    expected: `events before the run ends, at ${formatDurationNs(run.durationNs)}`,
    got: `one at ${formatDurationNs(run.firstFaultNs + late.atNs)}`,
    hint: 'Give a longer --duration, or an earlier --at.',
  });
}
