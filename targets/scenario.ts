import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { usageError } from '../core/errors.js';
import { nearest } from '../core/nearest.js';
import { packagePath } from '../core/package-path.js';
import { createValidator } from '../core/schema.js';
import { parseDurationNs } from '../core/units.js';
import { readYamlFile, type YamlDocument } from '../core/yaml.js';

/** A cable between a ToR and a card; both count from 0. */
export interface CableName {
  tor: number;
  card: number;
}

export type FaultAction =
  | { kind: 'cut' | 'join'; cables: CableName[] }
  | { kind: 'switchOver'; card: number };

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
  /** In order of time. */
  events: FaultEvent[];
}

/** How many ToRs and cards there are to name. */
export interface ScenarioPlaces {
  torCount: number;
  cardCount: number;
}

const SUFFIX = '.yaml';

/** Names of the scenarios that ship with the package, sorted. */
export function listScenarios(): string[] {
  return readdirSync(packagePath('targets', 'scenarios'))
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => basename(file, SUFFIX))
    .sort();
}

/**
 * Reads a scenario by its name, or any by the path of its file (schema: targets/schemas/scenario.schema.json).
 * @throws SiriusError (usage) naming the file and line of an unknown place, a time out of order, or events that contradict one another.
 */
export function loadScenario(nameOrPath: string, places: ScenarioPlaces): Scenario {
  const document = readYamlFile(pathOf(nameOrPath));
  const { name, description, events } = validator()(document);
  const parsed = events.map((event, index) => parseEvent(event, { document, index, places }));
  checkOrder(parsed, document);
  checkContradictions(parsed, document);
  return { name, description, events: parsed };
}

interface RawEvent {
  at: string;
  cut?: string[];
  join?: string[];
  switchOver?: string;
}

interface RawScenario {
  name: string;
  description: string;
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
  places: ScenarioPlaces;
}

function parseEvent(raw: RawEvent, place: EventPlace): FaultEvent {
  const { document, index } = place;
  const where = `${document.fileName}:${document.lineOf(`/events/${index}/at`)}: at`;
  const atNs = /^0+(ns|us|ms|s|m|h)$/i.test(raw.at.trim()) ? 0 : parseDurationNs(raw.at, { where });
  const cables = raw.cut ?? raw.join;
  if (cables === undefined) {
    const card = raw.switchOver ?? '';
    return { atNs, action: { kind: 'switchOver', card: parseCard(card, place) }, place: card };
  }
  const kind = raw.cut ? 'cut' : 'join';
  const parsed = cables.map((cable, item) => parseCable(cable, { ...place, pointer: `${kind}/${item}` }));
  return { atNs, action: { kind, cables: parsed }, place: cables.join(', ') };
}

function parseCable(
  text: string,
  { document, index, places, pointer }: EventPlace & { pointer: string },
): CableName {
  const names = Array.from({ length: places.torCount }, (_, tor) =>
    Array.from({ length: places.cardCount }, (_card, card) => `tor${tor + 1}-card${card + 1}`),
  ).flat();
  const found = names.indexOf(text);
  if (found >= 0) return { tor: Math.floor(found / places.cardCount), card: found % places.cardCount };
  throw unknownPlace(text, names, {
    what: 'a cable',
    where: `${document.fileName}:${document.lineOf(`/events/${index}/${pointer}`)}`,
  });
}

function parseCard(text: string, { document, index, places }: EventPlace): number {
  const names = Array.from({ length: places.cardCount }, (_, card) => `card${card + 1}`);
  const found = names.indexOf(text);
  if (found >= 0) return found;
  throw unknownPlace(text, names, {
    what: 'a card',
    where: `${document.fileName}:${document.lineOf(`/events/${index}/switchOver`)}`,
  });
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
    hint: meant === undefined ? 'Figure 9a: two ToRs, each joined to both cards.' : `Did you mean ${meant}?`,
  });
}

function checkOrder(events: readonly FaultEvent[], document: YamlDocument): void {
  for (const [index, { atNs }] of events.entries()) {
    const beforeNs = events[index - 1]?.atNs ?? 0;
    if (atNs >= beforeNs && (index > 0 || atNs === 0)) continue;
    throw usageError({
      code: 'scenario-order',
      where: `${document.fileName}:${document.lineOf(`/events/${index}/at`)}: at`,
      expected: index === 0 ? '0s: times count from the first event' : 'events in order of time',
      got: index === 0 ? `${atNs} ns` : `${atNs} ns after ${beforeNs} ns`,
      hint: index === 0 ? 'Use --at to say when the first event happens.' : 'Move the event up.',
    });
  }
}

/** A cable can't go down and up at one instant, nor a card be switched over twice. */
function checkContradictions(events: readonly FaultEvent[], document: YamlDocument): void {
  const seen = new Map<string, string>();
  for (const [index, { atNs, action, place }] of events.entries()) {
    const what = `${action.kind} ${place}`;
    const places =
      action.kind === 'switchOver'
        ? [`card ${action.card}`]
        : action.cables.map(({ tor, card }) => `cable ${tor} ${card}`);
    for (const one of places) {
      const other = seen.get(`${atNs} ${one}`);
      seen.set(`${atNs} ${one}`, what);
      if (other === undefined) continue;
      throw usageError({
        code: 'scenario-contradiction',
        where: `${document.fileName}:${document.lineOf(`/events/${index}`)}`,
        expected: 'at most one thing to happen to a place at one instant',
        got: `"${what}" together with "${other}"`,
        hint: 'Let one of them happen later.',
      });
    }
  }
}
