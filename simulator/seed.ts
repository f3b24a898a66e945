import type { DataPlane } from '../core/dataplane-module.js';
import { drawCase } from './case.js';
import type { ScheduleKind } from './fault-draw.js';
import { describeAction, describeEvent, milliseconds, type SimulatedEvent } from './faults.js';
import type { Violation } from './invariants.js';
import { shrink } from './shrink.js';
import { Simulation, type SimulationParts } from './simulation.js';

/** What came of one seed. */
export interface SeedReport {
  seed: number;
  kind: ScheduleKind;
  cardCount: number;
  fnicCount: number;
  /** All of its events; numbers in `kept` count from 0 here. */
  events: string[];
  violations: Violation[];
  /** The fewest events that fail it, when it fails. */
  kept: number[];
  durationNs: number;
  packets: number;
  connections: number;
}

export interface SeedOptions extends Omit<SimulationParts, 'dataPlane'> {
  /** Makes a fresh data plane for each run. */
  load(): DataPlane;
  /** Numbers of the events that happen; all if left out. */
  keep?: readonly number[];
  /** Told what happens, in order of time: events of the schedule, and what the control plane notes. */
  onNote?(note: string): void;
  /** Looks for the fewest events that fail it. */
  shrinks?: boolean;
}

/** Runs one seed, and when it fails finds out how little of its schedule is enough. */
export function runSeed(seed: number, options: SeedOptions): SeedReport {
  const { events, kind, cardCount, fnicCount } = drawCase(seed);
  const numbers = options.keep ?? [...events.keys()];
  const outcome = playEvents(seed, numbers, options);
  const silent = { ...options, onNote: () => undefined };
  const fails = (some: readonly number[]) => playEvents(seed, some, silent).violations.length > 0;
  const kept = outcome.violations.length > 0 && options.shrinks ? shrink(numbers, fails) : [...numbers];
  return { seed, kind, cardCount, fnicCount, events: events.map(describeEvent), kept, ...outcome };
}

function playEvents(seed: number, numbers: readonly number[], { load, wrapFabric, onNote }: SeedOptions) {
  const given = drawCase(seed);
  const { length: connections } = given.flows;
  const events = numbers.map((number) => given.events[number] as SimulatedEvent);
  try {
    const parts = { dataPlane: load(), ...(wrapFabric === undefined ? {} : { wrapFabric }) };
    const simulation = new Simulation({ ...given, events }, parts);
    const outcome = simulation.play();
    const told = [
      ...numbers.map((number) => noteOf(number, given.events[number] as SimulatedEvent)),
      { atNs: given.healNs, what: 'all that is broken is mended' },
      ...simulation.control.events,
    ].sort((one, other) => one.atNs - other.atNs);
    for (const { atNs, what } of told) onNote?.(`${milliseconds(atNs)}: ${what}`);
    return outcome;
  } catch (error) {
    const violation: Violation = { promise: 'no-trap', what: (error as Error).stack ?? String(error) };
    return { violations: [violation], durationNs: 0, packets: 0, connections };
  }
}

/** An event by the number that `--events` takes; what the control plane does about it, if it notices, is noted by itself. */
function noteOf(number: number, { atNs, action }: SimulatedEvent): { atNs: number; what: string } {
  return { atNs, what: `event ${number}, ${describeAction(action)}` };
}

/** What a person reads of a seed that failed, with the command that replays it. */
export function describeFailure({
  seed,
  kind,
  cardCount,
  fnicCount,
  events,
  kept,
  violations,
}: SeedReport): string {
  const shown = violations.slice(0, VIOLATIONS_SHOWN);
  const more = violations.length - shown.length;
  return [
    `seed ${seed} failed (${kind}, ${cardCount} cards, ${fnicCount} fNICs):`,
    ...shown.map(({ promise, what }) => `  ${promise}: ${what}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    `events that are enough, ${kept.length} of ${events.length}:`,
    ...kept.map((number) => `  ${number}: ${events[number]}`),
    `replay: npm run simulate -- --seed ${seed} --events ${kept.length === 0 ? 'none' : kept.join(',')}`,
  ].join('\n');
}

const VIOLATIONS_SHOWN = 5;
