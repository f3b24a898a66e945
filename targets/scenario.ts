import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { SiriusError, usageError } from '../core/errors.js';
import { nearest } from '../core/nearest.js';
import { packagePath } from '../core/package-path.js';
import { createValidator } from '../core/schema.js';
import { parseDurationOrZeroNs } from '../core/units.js';
import { readYamlFile, type YamlDocument } from '../core/yaml.js';
import { asOneError, checkScenario, type ReadEvent, type ScenarioProblem } from './scenario-checks.js';

/** A cable between a ToR and a card; both count from 0. */
export interface CableName {
  tor: number;
  card: number;
}

/** A card or a ToR, from 0. */
export interface NodeName {
  node: 'card' | 'tor';
  index: number;
}

export type FaultAction =
  /** Cables go dark, or have light again. */
  | { kind: 'cut' | 'join'; cables: CableName[] }
  /** A planned change: all fNICs leave a card. */
  | { kind: 'switchOver'; card: number }
  /** Cards or ToRs die with all that they hold, or run again, empty. */
  | { kind: 'kill' | 'revive'; nodes: NodeName[] }
  /** Heartbeats by way of these ToRs are lost, or come through again. */
  | { kind: 'mute' | 'unmute'; tors: number[] }
  | { kind: 'pauseController' | 'resumeController' };

export interface FaultEvent {
  /** From the first fault on. */
  atNs: number;
  action: FaultAction;
  /** Cables or a card, as the file has them: `tor1-card1, tor2-card1`. */
  place: string;
}

/** Faults and planned changes, timed: passive data, until a run plays it. */
export interface Scenario {
  name: string;
  description: string;
  /** Cards of the testbed that it is made for. */
  cardCount: number;
  /** In order of time. */
  events: FaultEvent[];
}

/** What a scenario is checked against. */
export interface ScenarioBounds {
  /** ToRs that there are to name, and cards: those of the testbed that it is made for if left out. */
  torCount: number;
  cardCount?: number;
  /** The run that it is played in, which must not end before its last event. */
  run?: ScenarioRun;
}

export interface ScenarioRun {
  durationNs: number;
  /** When the first event happens. */
  firstFaultNs: number;
}

const SUFFIX = '.yaml';
/** Cards of the testbed where a scenario does not say otherwise. */
const PAIR = 2;

/** Names of the scenarios that ship with the package, sorted. */
export function listScenarios(): string[] {
  return readdirSync(packagePath('targets', 'scenarios'))
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => basename(file, SUFFIX))
    .sort();
}

/**
 * Reads a scenario by its name, or any by the path of its file (schema: targets/schemas/scenario.schema.json).
 * @throws SiriusError (usage) naming the file and line of each unknown place, time out of order or beyond the run, and event that contradicts another.
 */
export function loadScenario(nameOrPath: string, bounds: ScenarioBounds): Scenario {
  const document = readYamlFile(pathOf(nameOrPath));
  const { name, description, cards = PAIR, events } = validator()(document);
  const { torCount, cardCount = cards, run } = bounds;
  const unread: ScenarioProblem[] = [];
  const read = events.map((event, index) =>
    readEvent(event, { document, index, torCount, cardCount, unread }),
  );
  const problems = [...unread, ...checkScenario(read, document, run)];
  if (problems.length > 0) throw asOneError(problems);
  // Nothing of it is missing: that would be a problem.
  return { name, description, cardCount: cards, events: read as FaultEvent[] };
}

/**
 * A scenario's file as it stands, to begin one's own from.
 * @throws SiriusError (usage) as `loadScenario`.
 */
export function readScenario(
  nameOrPath: string,
  bounds: ScenarioBounds,
): { scenario: Scenario; text: string } {
  const scenario = loadScenario(nameOrPath, bounds);
  return { scenario, text: readFileSync(pathOf(nameOrPath), 'utf8') };
}

interface RawEvent {
  at: string;
  cut?: string[];
  join?: string[];
  switchOver?: string;
  kill?: string[];
  revive?: string[];
  mute?: string[];
  unmute?: string[];
  pauseController?: true;
  resumeController?: true;
}

interface RawScenario {
  name: string;
  description: string;
  cards?: number;
  events: RawEvent[];
}

let validatorOnce: ((document: YamlDocument) => RawScenario) | undefined;

function validator(): (document: YamlDocument) => RawScenario {
  const path = packagePath('targets', 'schemas', 'scenario.schema.json');
  validatorOnce ??= createValidator<RawScenario>(JSON.parse(readFileSync(path, 'utf8')));
  return validatorOnce;
}

function pathOf(nameOrPath: string): string {
  if (nameOrPath.includes('/') || nameOrPath.endsWith(SUFFIX)) return nameOrPath;
  const names = listScenarios();
  if (names.includes(nameOrPath)) return packagePath('targets', 'scenarios', `${nameOrPath}${SUFFIX}`);
  const meant = nearest(nameOrPath, names);
  throw usageError({
    code: 'unknown-scenario',
    where: 'SCENARIO',
    expected: `a scenario (${names.join(', ')}) or the path of a ${SUFFIX} file`,
    got: JSON.stringify(nameOrPath),
    hint: meant === undefined ? "See 'sirius-bench faults list'." : `Did you mean ${meant}?`,
  });
}

interface EventPlace {
  document: YamlDocument;
  index: number;
  torCount: number;
  cardCount: number;
  /** Takes what cannot be read. */
  unread: ScenarioProblem[];
}

function readEvent(raw: RawEvent, place: EventPlace): ReadEvent {
  const { document, index } = place;
  const pointer = `/events/${index}/at`;
  const where = `${document.fileName}:${document.lineOf(pointer)}: at`;
  const atNs = attempt(pointer, place, () => parseDurationOrZeroNs(raw.at, { where }));
  const { action, names } = readAction(raw, place);
  return { atNs, action, place: names.join(', ') };
}

/** What `read` gives, or a problem more. */
function attempt<T>(pointer: string, { document, unread }: EventPlace, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SiriusError)) throw error;
    unread.push({ line: document.lineOf(pointer), offset: document.offsetOf(pointer), error });
    return undefined;
  }
}

/** The action, unless a name of it is unknown, and what it happens to as the file has it. */
function readAction(raw: RawEvent, place: EventPlace): { action: FaultAction | undefined; names: string[] } {
  const { at: _, ...rest } = raw;
  const [kind, value] = Object.entries(rest)[0] as [FaultAction['kind'], string | string[] | true];
  const names = value === true ? ['controller'] : [value].flat();
  const unreadBefore = place.unread.length;
  const indices = (known: readonly string[], what: string) =>
    names.map((name, item) => {
      const pointer = `/events/${place.index}/${kind}${Array.isArray(value) ? `/${item}` : ''}`;
      return attempt(pointer, place, () => indexOf(name, known, { ...place, pointer, what })) ?? 0;
    });
  const action = actionOf(kind, indices, place);
  return { action: place.unread.length > unreadBefore ? undefined : action, names };
}

/** `indices` looks up what the action happens to. */
function actionOf(
  kind: FaultAction['kind'],
  indices: (known: readonly string[], what: string) => number[],
  { torCount, cardCount }: EventPlace,
): FaultAction {
  const tors = Array.from({ length: torCount }, (_tor, tor) => `tor${tor + 1}`);
  const cards = Array.from({ length: cardCount }, (_card, card) => `card${card + 1}`);
  switch (kind) {
    case 'cut':
    case 'join': {
      const cables = tors.flatMap((tor) => cards.map((card) => `${tor}-${card}`));
      const parsed = indices(cables, 'a cable').map((index) => ({
        tor: Math.floor(index / cardCount),
        card: index % cardCount,
      }));
      return { kind, cables: parsed };
    }
    case 'switchOver':
      return { kind, card: indices(cards, 'a card')[0] as number };
    case 'kill':
    case 'revive': {
      const nodes = indices([...tors, ...cards], 'a card or a ToR').map(
        (index): NodeName =>
          index < torCount ? { node: 'tor', index } : { node: 'card', index: index - torCount },
      );
      return { kind, nodes };
    }
    case 'mute':
    case 'unmute':
      return { kind, tors: indices(tors, 'a ToR') };
    default:
      return { kind };
  }
}

function indexOf(
  text: string,
  names: readonly string[],
  { document, pointer, what }: { document: YamlDocument; pointer: string; what: string },
): number {
  const found = names.indexOf(text);
  if (found >= 0) return found;
  throw unknownPlace(text, names, { what, where: `${document.fileName}:${document.lineOf(pointer)}` });
}

function unknownPlace(
  text: string,
  names: readonly string[],
  { what, where }: { what: string; where: string },
): Error {
  const meant = nearest(text, names);
  return usageError({
    code: 'unknown-place',
    where,
    expected: `${what} of the testbed (${names.join(', ')})`,
    got: JSON.stringify(text),
    hint: meant === undefined ? 'Figure 9a: two ToRs, each joined to every card.' : `Did you mean ${meant}?`,
  });
}
