import type { Random } from '../core/random.js';
import { between } from './model-draw.js';
import { SERVICE_PORT_COUNT, SERVICE_PORT_FIRST } from './policy.js';

/** Who speaks: the end that opened the connection, or the one that was asked. */
export type Side = 'initiator' | 'responder';

/** How a connection ends, when nothing befalls it. */
export type Ending = Side | 'both' | 'reset';

/** One connection as it is meant to go; passive data. */
export interface FlowPlan {
  /** Its number is the initiator's port, less INITIATOR_PORT_FIRST. */
  id: number;
  protocol: 'tcp' | 'udp';
  fnic: number;
  /** Opened by the virtual machine, not by the network. */
  isOutbound: boolean;
  machineAddress: number;
  networkAddress: number;
  servicePort: number;
  /** ToR that its packets enter by. */
  tor: number;
  openNs: number;
  /** From established to the first FIN, or RST; undefined: open until the traffic ends. */
  holdNs: number | undefined;
  ending: Ending;
  /** From the first FIN until the other side's; undefined: half-closed until the traffic ends. */
  closeDelayNs: number | undefined;
  /** Opened again on the same addresses and ports so long after it was over. */
  reopenNs: number | undefined;
}

export const INITIATOR_PORT_FIRST = 10_000;
const MACHINE_FIRST = 0x0a00_0000;
/** Below and above the machines, so that either end of a connection may be the low one of its key. */
const NETWORKS = [0x0900_0000, 0xac10_0000] as const;
const MS = 1e6;

export interface TrafficPlaces {
  fnicCount: number;
  torCount: number;
  untilNs: number;
}

export function drawTraffic(random: Random, places: TrafficPlaces): FlowPlan[] {
  const count = between(random, 20, 120);
  return Array.from({ length: count }, (_, id) => drawFlow(random, id, places));
}

export function drawFlow(
  random: Random,
  id: number,
  { fnicCount, torCount, untilNs }: TrafficPlaces,
): FlowPlan {
  const fnic = random.below(fnicCount);
  const holdNs = random.pick([0, random.below(5 * MS), random.below(100 * MS), undefined]);
  return {
    id,
    fnic,
    protocol: random.chance(1, 8) ? 'udp' : 'tcp',
    isOutbound: random.chance(1, 2),
    machineAddress: MACHINE_FIRST + fnic * 256 + random.below(4),
    networkAddress: random.pick(NETWORKS) + random.below(8),
    servicePort: SERVICE_PORT_FIRST + random.below(SERVICE_PORT_COUNT),
    tor: random.below(torCount),
    openNs: random.below(untilNs),
    holdNs,
    ending: random.pick<Ending>(['initiator', 'initiator', 'responder', 'both', 'reset']),
    closeDelayNs: random.pick([0, 0, random.below(1000) * 1e3, random.below(60 * MS), undefined]),
    reopenNs: random.chance(1, 4) ? random.below(150 * MS) : undefined,
  };
}
