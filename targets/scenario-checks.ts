import { usageError } from '../core/errors.js';
import { formatDurationNs } from '../core/units.js';
import type { YamlDocument } from '../core/yaml.js';
import type { FaultAction, FaultEvent, ScenarioRun } from './scenario.js';

// What a scenario must be beyond its schema. All of it is known before anything runs, so all of it is refused at the door.

/** @throws SiriusError (usage) naming file and line: times out of order or beyond the run, or events that contradict one another. */
export function checkScenario(
  events: readonly FaultEvent[],
  document: YamlDocument,
  run: ScenarioRun | undefined,
): void {
  checkOrder(events, document);
  if (run) checkEnd(events, document, run);
  checkContradictions(events, document);
  checkStates(events, document);
}

/** As the file has it. */
function writtenAt(document: YamlDocument, index: number): string {
  const { events } = document.value as { events: { at: string }[] };
  return JSON.stringify(events[index]?.at);
}

function lineOf(document: YamlDocument, pointer: string): string {
  return `${document.fileName}:${document.lineOf(pointer)}`;
}

function checkOrder(events: readonly FaultEvent[], document: YamlDocument): void {
  for (const [index, { atNs }] of events.entries()) {
    const beforeNs = events[index - 1]?.atNs ?? 0;
    if (atNs >= beforeNs && (index > 0 || atNs === 0)) continue;
    const got = writtenAt(document, index);
    throw usageError({
      code: 'scenario-order',
      where: `${lineOf(document, `/events/${index}/at`)}: at`,
      expected: index === 0 ? '0s: times count from the first event' : 'events in order of time',
      got: index === 0 ? got : `${got} after ${writtenAt(document, index - 1)}`,
      hint: index === 0 ? 'Use --at to say when the first event happens.' : 'Move the event up.',
    });
  }
}

function checkEnd(
  events: readonly FaultEvent[],
  document: YamlDocument,
  { durationNs, firstFaultNs }: ScenarioRun,
): void {
  const late = events.findIndex(({ atNs }) => firstFaultNs + atNs >= durationNs);
  if (late < 0) return;
  const atNs = firstFaultNs + (events[late] as FaultEvent).atNs;
  throw usageError({
    code: 'fault-after-end',
    where: `${lineOf(document, `/events/${late}/at`)}: at`,
    expected: `events before the run ends, at ${formatDurationNs(durationNs)}`,
    got: `${writtenAt(document, late)} after the first one, which is at ${formatDurationNs(firstFaultNs)}: at ${formatDurationNs(atNs)}`,
    hint: 'Give a longer --duration, or an earlier --at.',
  });
}

/** What an action happens to. */
function placesOf(action: FaultAction): string[] {
  switch (action.kind) {
    case 'cut':
    case 'join':
      return action.cables.map(({ tor, card }) => `tor${tor + 1}-card${card + 1}`);
    case 'switchOver':
      return [`card${action.card + 1}`];
    case 'kill':
    case 'revive':
      return action.nodes.map(({ node, index }) => `${node}${index + 1}`);
    case 'mute':
    case 'unmute':
      // Not the ToR itself: its heartbeats.
      return action.tors.map((tor) => `heartbeats by tor${tor + 1}`);
    default:
      return ['controller'];
  }
}

/** A cable can't go down and up at one instant, nor a card be switched over twice. */
function checkContradictions(events: readonly FaultEvent[], document: YamlDocument): void {
  const seen = new Map<string, string>();
  for (const [index, { atNs, action, place }] of events.entries()) {
    const what = `${action.kind} ${place}`;
    for (const one of placesOf(action)) {
      const other = seen.get(`${atNs} ${one}`);
      seen.set(`${atNs} ${one}`, what);
      if (other === undefined) continue;
      throw usageError({
        code: 'scenario-contradiction',
        where: lineOf(document, `/events/${index}`),
        expected: 'at most one thing to happen to a place at one instant',
        got: `"${what}" together with "${other}"`,
        hint: 'Let one of them happen later.',
      });
    }
  }
}

/** By kind of event: whether the place must be as it was at the start, whether it is changed by that, and what to expect of it. */
const STATES: Record<FaultAction['kind'], { from: boolean; to: boolean; expected: string; undo: string }> = {
  cut: { from: true, to: false, expected: 'a cable that is joined', undo: 'join' },
  join: { from: false, to: true, expected: 'a cable that was cut', undo: 'cut' },
  kill: { from: true, to: false, expected: 'a card or ToR that runs', undo: 'revive' },
  revive: { from: false, to: true, expected: 'a card or ToR that was killed', undo: 'kill' },
  switchOver: { from: true, to: true, expected: 'a card that runs', undo: 'revive' },
  mute: { from: true, to: false, expected: 'heartbeats that come through', undo: 'unmute' },
  unmute: { from: false, to: true, expected: 'heartbeats that were muted', undo: 'mute' },
  pauseController: { from: true, to: false, expected: 'a controller that runs', undo: 'resumeController' },
  resumeController: {
    from: false,
    to: true,
    expected: 'a controller that was paused',
    undo: 'pauseController',
  },
};

/**
 * What is cut can't be cut, and what was not killed can't be revived: a second cut, kill, mute or pause, undoing what was not done, and a switchover
 * of a killed card are slips of the pen, not faults. Other events that change nothing are let through: what they do hangs on the run, as with a
 * second switchover, a mute or cut at a killed ToR, or a switchover while the controller is paused.
 */
function checkStates(events: readonly FaultEvent[], document: YamlDocument): void {
  /** Places that are not as at the start, and the event that made them so. */
  const changed = new Map<string, number>();
  for (const [index, { action }] of events.entries()) {
    const { from, to, expected, undo } = STATES[action.kind];
    for (const [item, place] of placesOf(action).entries()) {
      const since = changed.get(place);
      if ((since === undefined) !== from) {
        const isList = action.kind !== 'switchOver' && place !== 'controller';
        const by = since === undefined ? undefined : events[since]?.action.kind;
        throw usageError({
          code: 'scenario-no-change',
          where: `${lineOf(document, `/events/${index}/${action.kind}${isList ? `/${item}` : ''}`)}: ${action.kind}`,
          expected,
          got:
            since === undefined
              ? `${place}, to which that has not happened`
              : `${place} after the ${by} of line ${document.lineOf(`/events/${since}`)}`,
          hint: `Leave it out, or let a ${undo} come before it.`,
        });
      }
      if (to) changed.delete(place);
      else changed.set(place, index);
    }
  }
}
