import type { Random } from '../core/random.js';
import type { Harm } from '../targets/cable.js';
import type { HarmPlace, SimulatedAction, SimulatedEvent } from './faults.js';
import { between } from './model-draw.js';

/**
 * What a schedule promises beforehand. A single failure and planned changes break no connection; when failures overlap, connections may break, and all else
 * must hold.
 */
export type ScheduleKind = 'single' | 'planned' | 'multiple';

export interface FaultDraw {
  kind: ScheduleKind;
  events: SimulatedEvent[];
}

export interface FaultPlaces {
  torCount: number;
  cardCount: number;
  /** Faults happen between these. */
  fromNs: number;
  untilNs: number;
  /** None begins later. */
  beginUntilNs: number;
  /** An operator waits for so long after each step of a planned change. */
  stepNs: number;
}

const MS = 1e6;

/** Draws what befalls an appliance; in order of time. What is not mended by it is mended at its end. */
export function drawFaults(random: Random, places: FaultPlaces): FaultDraw {
  const kind = random.pick<ScheduleKind>(['single', 'single', 'planned', 'multiple', 'multiple']);
  const events = kind === 'planned' ? drawPlanned(random, places) : drawFailures(random, places, kind);
  return { kind, events: events.sort((a, b) => a.atNs - b.atNs) };
}

function drawFailures(random: Random, places: FaultPlaces, kind: ScheduleKind): SimulatedEvent[] {
  const count = kind === 'single' ? 1 : between(random, 2, 6);
  return Array.from({ length: count }, () => drawIncident(random, places)).flat();
}

/** One failure, and in most cases its end. */
function drawIncident(random: Random, places: FaultPlaces): SimulatedEvent[] {
  const { fromNs, untilNs, beginUntilNs } = places;
  const atNs = fromNs + random.below(beginUntilNs - fromNs);
  const lastsNs = random.chance(1, 3) ? between(random, 1, 5000) * 1e3 : between(random, 1, 600) * MS;
  const [begin, end] = random.pick(INCIDENTS)(random, places);
  if (begin.kind === 'cut' && random.chance(1, 5)) return flap(random, { atNs, begin, end });
  const begins = { atNs, action: begin };
  if (atNs + lastsNs >= untilNs) return [begins];
  return [begins, { atNs: atNs + lastsNs, action: end }];
}

function flap(
  random: Random,
  { atNs, begin, end }: { atNs: number; begin: SimulatedAction; end: SimulatedAction },
): SimulatedEvent[] {
  const stepNs = between(random, 100, 10_000) * 1e3;
  return Array.from({ length: 2 * between(random, 1, 3) }, (_, step) => ({
    atNs: atNs + step * stepNs,
    action: step % 2 === 0 ? begin : end,
  }));
}

type Incident = (random: Random, places: FaultPlaces) => [begin: SimulatedAction, end: SimulatedAction];

const cable: Incident = (random, { torCount, cardCount }) => {
  const cables = [{ tor: random.below(torCount), card: random.below(cardCount) }];
  return [
    { kind: 'cut', cables },
    { kind: 'join', cables },
  ];
};

const cablesOfCard: Incident = (random, { torCount, cardCount }) => {
  const card = random.below(cardCount);
  const cables = Array.from({ length: torCount }, (_, tor) => ({ tor, card }));
  return [
    { kind: 'cut', cables },
    { kind: 'join', cables },
  ];
};

const cablesOfTor: Incident = (random, { torCount, cardCount }) => {
  const tor = random.below(torCount);
  const cables = Array.from({ length: cardCount }, (_, card) => ({ tor, card }));
  return [
    { kind: 'cut', cables },
    { kind: 'join', cables },
  ];
};

const card: Incident = (random, { cardCount }) => {
  const nodes = [{ node: 'card' as const, index: random.below(cardCount) }];
  return [
    { kind: 'kill', nodes },
    { kind: 'revive', nodes },
  ];
};

const tor: Incident = (random, { torCount }) => {
  const nodes = [{ node: 'tor' as const, index: random.below(torCount) }];
  return [
    { kind: 'kill', nodes },
    { kind: 'revive', nodes },
  ];
};

const heartbeats: Incident = (random, { torCount }) => {
  const tors = [random.below(torCount)];
  return [
    { kind: 'mute', tors },
    { kind: 'unmute', tors },
  ];
};

const controller: Incident = () => [{ kind: 'pauseController' }, { kind: 'resumeController' }];

const tableFull: Incident = (random, { cardCount }) => {
  const filled = random.below(cardCount);
  return [
    { kind: 'fill', card: filled, room: random.below(20) },
    { kind: 'empty', card: filled },
  ];
};

const harm: Incident = (random, places) => [
  { kind: 'impair', places: drawPlaces(random, places), harm: drawHarm(random) },
  { kind: 'calm' },
];

const INCIDENTS: readonly Incident[] = [
  ...[
    cable,
    cablesOfCard,
    cablesOfTor,
    card,
    card,
    tor,
    heartbeats,
    controller,
    tableFull,
    tableFull,
    harm,
    harm,
  ],
];

function drawPlaces(random: Random, { torCount, cardCount }: FaultPlaces): HarmPlace[] | 'all' {
  if (random.chance(1, 2)) return 'all';
  const place = { tor: random.below(torCount) };
  return [random.chance(1, 4) ? place : { ...place, card: random.below(cardCount) }];
}

function drawHarm(random: Random): Harm {
  const share = (most: number) => (random.chance(1, 2) ? 0 : (random.below(1000) / 1000) * most);
  return {
    loss: share(0.05),
    duplication: share(0.1),
    corruption: share(0.03),
    delay: share(0.3),
    delayMaxNs: between(random, 1, 500) * 1e3,
  };
}

/** Steps that an operator takes one after the other: cards leave, and may be replaced by empty ones; policies change. */
function drawPlanned(random: Random, { cardCount, fromNs, stepNs }: FaultPlaces): SimulatedEvent[] {
  const events: SimulatedEvent[] = [];
  let atNs = fromNs + random.below(50 * MS);
  for (let steps = between(random, 1, 3); steps > 0; steps--) {
    const index = random.below(cardCount);
    if (random.chance(1, 3)) {
      events.push({ atNs, action: { kind: 'policy', staggerNs: random.below(2 * MS) } });
      atNs += between(random, 1, 30) * MS;
      continue;
    }
    events.push({ atNs, action: { kind: 'switchOver', card: index } });
    atNs += stepNs;
    if (random.chance(1, 2)) continue;
    const nodes = [{ node: 'card' as const, index }];
    events.push({ atNs, action: { kind: 'kill', nodes } });
    atNs += between(random, 1, 50) * MS;
    events.push({ atNs, action: { kind: 'revive', nodes } });
    atNs += stepNs;
  }
  return events;
}
