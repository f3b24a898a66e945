import { usageError } from '../../core/errors.js';
import { formatDurationNs, parseDurationNs } from '../../core/units.js';
import { CARD_COUNT_MAX } from '../../sirius-card/dataplane/card-layout.js';
import { type FaultEvent, loadScenario, type Scenario, type ScenarioPlaces } from '../../targets/scenario.js';
import { GENERATOR_PORT_COUNT } from '../../targets/underlay.js';
import { buildCpsOptions, type CpsFlags } from '../cps-options.js';
import type { FaultsTrialOptions } from './faults-trial.js';

/** Whatever a scenario can name. */
export const ALL_PLACES: ScenarioPlaces = { torCount: GENERATOR_PORT_COUNT, cardCount: CARD_COUNT_MAX };

/** The flags of one trial with faults, as text. */
export interface FaultsFlags extends Omit<CpsFlags, 'target'> {
  /** A pair, or the appliance that the scenario is made for, if left out. */
  target?: string;
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
  clock: 'virtual',
  model: 'dsc-200',
  power: '78W',
  acl: 'table4',
  replication: 'on',
  'pcap-packets': '10000',
};

/** What the testbed of Figure 9a with so many cards has to name. */
export function placesOf(cardCount: number): ScenarioPlaces {
  return { torCount: GENERATOR_PORT_COUNT, cardCount };
}

/**
 * Turns flags into the options of a trial with faults, all checked.
 * @throws SiriusError (usage) naming the flag, or the file and line, that is wrong.
 */
export function buildFaultsOptions(flags: FaultsFlags): FaultsTrialOptions {
  const options = buildCpsOptions({ ...flags, target: flags.target ?? targetFor(flags.scenario) });
  if (options.target.cardCount < 2) {
    throw usageError({
      code: 'faults-target',
      where: '--target',
      expected: 'card://pair or card://appliance: faults are played in the testbed of Figure 9a',
      got: options.target.url,
      hint: 'Leave --target out.',
    });
  }
  const scenario = loadScenario(flags.scenario, placesOf(options.target.cardCount));
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

/** The target of a scenario that is played without saying where. */
function targetFor(nameOrPath: string): string {
  const { cardCount } = loadScenario(nameOrPath, placesOf(CARD_COUNT_MAX));
  return cardCount === 2 ? 'card://pair' : `card://appliance?cards=${cardCount}`;
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
