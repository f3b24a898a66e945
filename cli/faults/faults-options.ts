import { usageError } from '../../core/errors.js';
import { formatDurationNs, parseDurationNs } from '../../core/units.js';
import { type FaultEvent, loadScenario, type Scenario, type ScenarioRun } from '../../targets/scenario.js';
import { parseTarget } from '../../targets/target-url.js';
import { GENERATOR_PORT_COUNT } from '../../targets/underlay.js';
import { buildCpsOptions, type CpsFlags, DEFAULT_CPS_FLAGS } from '../cps-options.js';
import type { FaultsTrialOptions } from './faults-trial.js';

/** The flags of one trial with faults, as text. */
export interface FaultsFlags extends Omit<CpsFlags, 'target' | 'duration'> {
  /** Until 6 s after the last event if left out: who lost his way has given up by then. */
  duration?: string;
  /** A pair, or the appliance that the scenario is made for, if left out. */
  target?: string;
  /** A built-in scenario or a file. */
  scenario: string;
  /** When its first event happens; if left out, a third of `duration`, or 2 s. */
  at?: string;
}

const { target: _target, duration: _duration, ...SHARED_FLAGS } = DEFAULT_CPS_FLAGS;

export const DEFAULT_FAULTS_FLAGS: FaultsFlags = {
  ...SHARED_FLAGS,
  scenario: 'card1-down',
  profile: 'faults',
};

/**
 * Turns flags into the options of a trial with faults, all checked.
 * @throws SiriusError (usage) naming the flag, or the file and line, that is wrong.
 */
export function buildFaultsOptions(flags: FaultsFlags): FaultsTrialOptions {
  const bounds = { torCount: GENERATOR_PORT_COUNT, ...givenCards(flags) };
  const firstFaultNs = firstFaultOf(flags);
  // Read once for the testbed and the time that it needs, and once more to be checked against what it gets.
  const asked = loadScenario(flags.scenario, { ...bounds, ...givenRun(flags, firstFaultNs) });
  const duration = flags.duration ?? `${firstFaultNs + lastOf(asked) + GIVEN_UP_NS}ns`;
  const options = buildCpsOptions({ ...flags, duration, target: flags.target ?? targetFor(asked) });
  if (options.target.cardCount < 2) {
    throw usageError({
      code: 'faults-target',
      where: '--target',
      expected: 'card://pair or card://appliance: faults are played in the testbed of Figure 9a',
      got: options.target.url,
      hint: 'Leave --target out.',
    });
  }
  const run = { durationNs: options.durationNs, firstFaultNs };
  const scenario = loadScenario(flags.scenario, { ...bounds, cardCount: options.target.cardCount, run });
  return {
    ...options,
    kind: 'faults',
    scenario,
    firstFaultNs,
    input: { ...options.input, scenario: describe(scenario), firstFaultNs },
  };
}

/** Where a duration was typed, events beyond it are told with all else that is wrong of the file. */
function givenRun({ duration, at }: FaultsFlags, firstFaultNs: number): { run?: ScenarioRun } {
  if (duration === undefined) return {};
  const run = { durationNs: parseDurationNs(duration, { where: '--duration' }), firstFaultNs };
  if (firstFaultNs >= run.durationNs) throw faultAfterEnd(at, run);
  return { run };
}

/** No event of the scenario is at fault, whose times count from the first one. */
function faultAfterEnd(at: string | undefined, { durationNs }: ScenarioRun): Error {
  return usageError({
    code: 'fault-after-end',
    where: '--at',
    expected: `a time before the run ends, at ${formatDurationNs(durationNs)}`,
    got: JSON.stringify(at),
    hint: 'Give a longer --duration, or an earlier --at.',
  });
}

/** Cards that are there to be named, when a target was typed. */
function givenCards({ target }: FaultsFlags): { cardCount?: number } {
  const cardCount = target === undefined ? 0 : parseTarget(target).cardCount;
  return cardCount < 2 ? {} : { cardCount };
}

/** Connections that lost their way give up 5 s later (profile `faults`, `tcp.connectionTimeout`). */
const GIVEN_UP_NS = 6e9;
const FIRST_FAULT_NS = 2e9;

function firstFaultOf({ at, duration }: FaultsFlags): number {
  if (at !== undefined) return parseDurationNs(at, { where: '--at' });
  if (duration === undefined) return FIRST_FAULT_NS;
  return Math.floor(parseDurationNs(duration, { where: '--duration' }) / 3);
}

function lastOf({ events }: Scenario): number {
  return events.at(-1)?.atNs ?? 0;
}

/** The target of a scenario that is played without saying where. */
function targetFor({ cardCount }: Scenario): string {
  return cardCount === 2 ? 'card://pair' : `card://appliance?cards=${cardCount}`;
}

function describe({ name, events }: Scenario): { name: string; events: string[] } {
  return { name, events: events.map(describeEvent) };
}

/** `+2.00 ms cut tor1-card1` */
export function describeEvent({ atNs, action, place }: FaultEvent): string {
  return `+${atNs === 0 ? '0 s' : formatDurationNs(atNs)} ${action.kind} ${place}`;
}
