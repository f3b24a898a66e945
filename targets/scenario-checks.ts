import { SiriusError, usageError } from '../core/errors.js';
import { formatDurationNs } from '../core/units.js';
import type { YamlDocument } from '../core/yaml.js';
import type { FaultAction, FaultEvent, ScenarioRun } from './scenario.js';

// What a scenario must be beyond its schema. All of it is known before anything runs, so all of it is refused at the door, and told at once.

/** An event as far as it could be read: a time or a name may be none. */
export interface ReadEvent extends Omit<FaultEvent, 'atNs' | 'action'> {
  atNs: number | undefined;
  action: FaultAction | undefined;
}

export interface ScenarioProblem {
  /** Of the file. */
  line: number;
  /** The order of problems, also of those in one line. */
  offset: number;
  error: SiriusError;
}

/** Of one event: told once, whatever lines its parts are on. */
interface EventProblem extends ScenarioProblem {
  index: number;
}

/** Finds times out of order or beyond the run, and events that contradict one another: each with file and line. */
export function checkScenario(
  events: readonly ReadEvent[],
  document: YamlDocument,
  run: ScenarioRun | undefined,
): ScenarioProblem[] {
  // What events after an unreadable one find is not known.
  const unreadable = events.findIndex(({ atNs, action }) => atNs === undefined || action === undefined);
  const known = (unreadable < 0 ? events : events.slice(0, unreadable)) as readonly FaultEvent[];
  const contradictions = checkContradictions(known, document);
  const told = new Set(contradictions.map(({ index }) => index));
  return [
    ...checkOrder(events, document),
    ...(run ? checkEnd(events, document, run) : []),
    ...contradictions,
    ...checkStates(known, document).filter(({ index }) => !told.has(index)),
  ];
}

/** Told in full; more are counted. */
const PROBLEMS_TOLD_MAX = 5;

/** All problems of a file as one error, a line each and in its order. */
export function asOneError(problems: readonly ScenarioProblem[]): SiriusError {
  const sorted = [...problems].sort((one, other) => one.offset - other.offset);
  const told = sorted.slice(0, PROBLEMS_TOLD_MAX);
  const untold = sorted.length - told.length;
  const [first] = told as [ScenarioProblem];
  if (sorted.length === 1) return first.error;
  return new SiriusError({
    code: first.error.code,
    message: told.map(({ error }) => error.message).join('\n'),
    hint: [
      ...told.map(({ line, error }) => `line ${line}: ${error.hint}`),
      ...(untold === 0 ? [] : [`${untold} more ${untold === 1 ? 'problem' : 'problems'} after these`]),
    ].join('\n'),
  });
}

interface ProblemText {
  code: string;
  /** Of the event. */
  index: number;
  /** JSON pointer into the event, if not all of it is wrong. */
  pointer?: string;
  /** What of the line is wrong, if not all of it. */
  key?: string;
  expected: string;
  got: string;
  hint: string;
}

function problemAt(document: YamlDocument, { index, pointer = '', key, ...text }: ProblemText): EventProblem {
  const place = `/events/${index}${pointer}`;
  const line = document.lineOf(place);
  const where = `${document.fileName}:${line}${key === undefined ? '' : `: ${key}`}`;
  return { line, offset: document.offsetOf(place), index, error: usageError({ where, ...text }) };
}

/** As the file has it. */
function writtenAt(document: YamlDocument, index: number): string {
  const { events } = document.value as { events: { at: string }[] };
  return JSON.stringify(events[index]?.at);
}

function lineOfEvent(document: YamlDocument, index: number): number {
  return document.lineOf(`/events/${index}`);
}

function checkOrder(events: readonly ReadEvent[], document: YamlDocument): ScenarioProblem[] {
  return events.flatMap(({ atNs }, index) => {
    const beforeNs = events[index - 1]?.atNs ?? 0;
    if (atNs === undefined || (atNs >= beforeNs && (index > 0 || atNs === 0))) return [];
    const at = { code: 'scenario-order', index, pointer: '/at', key: 'at' };
    const written = writtenAt(document, index);
    if (index === 0) {
      const expected = '0s: times count from the first event';
      const hint = 'Use --at to say when the first event happens.';
      return [problemAt(document, { ...at, expected, got: written, hint })];
    }
    const got = `${written} after ${writtenAt(document, index - 1)} in line ${lineOfEvent(document, index - 1)}`;
    const hint = 'Move the event up.';
    return [problemAt(document, { ...at, expected: 'events in order of time', got, hint })];
  });
}

/** One problem, at the first of the events that the run ends before: what mends it is of them all. */
function checkEnd(
  events: readonly ReadEvent[],
  document: YamlDocument,
  { durationNs, firstFaultNs }: ScenarioRun,
): ScenarioProblem[] {
  const late = events.flatMap(({ atNs = 0 }, index) => {
    const eventNs = firstFaultNs + atNs;
    return eventNs < durationNs ? [] : [{ index, eventNs }];
  });
  const [first] = late;
  if (first === undefined) return [];
  const lastNs = Math.max(...late.map(({ eventNs }) => eventNs));
  const which = late.length === 1 ? 'the event' : `the ${late.length} late events`;
  return [
    problemAt(document, {
      ...{ code: 'fault-after-end', index: first.index, pointer: '/at', key: 'at' },
      expected: `an event before the run ends at ${formatDurationNs(durationNs)}`,
      got: `one at ${formatDurationNs(first.eventNs)}: ${writtenAt(document, first.index)} after the first, which is at ${formatDurationNs(firstFaultNs)}`,
      hint: `Give a --duration above ${formatDurationNs(lastNs)}, an earlier --at, or let ${which} come earlier.`,
    }),
  ];
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
function checkContradictions(events: readonly FaultEvent[], document: YamlDocument): EventProblem[] {
  const seen = new Map<string, number>();
  return events.flatMap(({ atNs, action }, index) => {
    const clashes = placesOf(action).flatMap((place) => {
      const earlier = seen.get(`${atNs} ${place}`);
      seen.set(`${atNs} ${place}`, index);
      return earlier === undefined ? [] : [{ place, earlier }];
    });
    const [clash] = clashes;
    if (clash === undefined) return [];
    const { place, earlier } = clash;
    const { kind } = (events[earlier] as FaultEvent).action;
    const line = lineOfEvent(document, earlier);
    const isSame = kind === action.kind;
    return [
      problemAt(document, {
        ...{ code: 'scenario-contradiction', index },
        expected: `at most one thing to happen to ${place} at ${writtenAt(document, index)}`,
        got: isSame
          ? `${kind} a second time, after line ${line}`
          : `${action.kind} beside ${kind} in line ${line}`,
        hint: isSame ? 'Remove one of the two.' : 'Let one of them happen later.',
      }),
    ];
  });
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
function checkStates(events: readonly FaultEvent[], document: YamlDocument): EventProblem[] {
  /** Places that are not as at the start, and the event that made them so. */
  const changed = new Map<string, number>();
  return events.flatMap(({ action: { kind }, action }, index) => {
    const { from, to, expected, undo } = STATES[kind];
    return placesOf(action).flatMap((place, item) => {
      const since = changed.get(place);
      if (to) changed.delete(place);
      else changed.set(place, index);
      if ((since === undefined) === from) return [];
      const isList = kind !== 'switchOver' && place !== 'controller';
      const remedy = place === 'controller' ? undo : `${undo} ${place}`;
      return [
        problemAt(document, {
          ...{
            code: 'scenario-no-change',
            ...{ index, pointer: `/${kind}${isList ? `/${item}` : ''}` },
            key: kind,
          },
          expected,
          got:
            since === undefined
              ? `${place} without ${undo} before it`
              : `${place} after ${events[since]?.action.kind} in line ${lineOfEvent(document, since)}`,
          hint: `Remove this ${kind}, or ${remedy} ${since === undefined ? 'before it' : 'between the two'}.`,
        }),
      ];
    });
  });
}
