import type { Harm } from '../targets/cable.js';
import type { FaultAction } from '../targets/scenario.js';

/** Where an impairment is: the cable of a ToR to a card, or (no card) to the hosts; all cables when left out. */
export interface HarmPlace {
  tor: number;
  card?: number;
}

/** What can befall an appliance and its network: what scenarios have, and what only a simulator does. */
export type SimulatedAction =
  | FaultAction
  | { kind: 'impair'; places: HarmPlace[] | 'all'; harm: Harm }
  | { kind: 'calm' }
  /** A card's flow table has room for so many records more. */
  | { kind: 'fill'; card: number; room: number }
  | { kind: 'empty'; card: number }
  /** New connections are judged by the next version of their policies; each card hears of it at a time of its own. */
  | { kind: 'policy'; staggerNs: number };

export interface SimulatedEvent {
  atNs: number;
  action: SimulatedAction;
}

/** `12.3 ms: kill card2` */
export function describeEvent({ atNs, action }: SimulatedEvent): string {
  return `${milliseconds(atNs)}: ${describeAction(action)}`;
}

export function milliseconds(atNs: number): string {
  return `${(atNs / 1e6).toFixed(3)} ms`;
}

export function describeAction(action: SimulatedAction): string {
  switch (action.kind) {
    case 'cut':
    case 'join':
      return `${action.kind} ${action.cables.map(({ tor, card }) => `tor${tor + 1}-card${card + 1}`).join(', ')}`;
    case 'kill':
    case 'revive':
      return `${action.kind} ${action.nodes.map(({ node, index }) => `${node}${index + 1}`).join(', ')}`;
    case 'mute':
    case 'unmute':
      return `${action.kind} ${action.tors.map((tor) => `tor${tor + 1}`).join(', ')}`;
    case 'switchOver':
      return `switchOver card${action.card + 1}`;
    case 'impair':
      return `impair ${describePlaces(action.places)}: ${describeHarm(action.harm)}`;
    case 'fill':
      return `fill card${action.card + 1}, room for ${action.room}`;
    case 'empty':
      return `empty card${action.card + 1}`;
    case 'policy':
      return `policy, within ${(action.staggerNs / 1e6).toFixed(3)} ms`;
    default:
      return action.kind;
  }
}

function describePlaces(places: HarmPlace[] | 'all'): string {
  if (places === 'all') return 'all cables';
  return places
    .map(({ tor, card }) => (card === undefined ? `hosts-tor${tor + 1}` : `tor${tor + 1}-card${card + 1}`))
    .join(', ');
}

function describeHarm({ loss, duplication, corruption, delay, delayMaxNs }: Harm): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)}%`;
  return `${percent(loss)} lost, ${percent(duplication)} doubled, ${percent(corruption)} spoilt, ${percent(delay)} late by up to ${delayMaxNs / 1e3} us`;
}
