import { Random } from '../core/random.js';
import { type CardModel, loadModel } from '../sirius-card/model.js';
import { drawFaults, type ScheduleKind } from './fault-draw.js';
import type { SimulatedEvent } from './faults.js';
import type { Encapsulation } from './frames.js';
import type { HostTiming } from './hosts.js';
import { between, drawModel } from './model-draw.js';
import { drawPolicy, POLICY_KIND_COUNT, type PolicyWords } from './policy.js';
import { drawFlow, drawTraffic, type FlowPlan } from './traffic.js';

/** A card's own clock. */
export interface CardClock {
  /** How long a second of it takes, in seconds. */
  rate: number;
  /** What it shows at the start, in milliseconds that wrap. */
  startMs: number;
}

/** Everything that a seed stands for, drawn before anything happens: passive data. */
export interface SimulationCase {
  seed: number;
  kind: ScheduleKind;
  events: SimulatedEvent[];
  cardCount: number;
  fnicCount: number;
  encapsulation: Encapsulation;
  model: CardModel;
  flowCapacity: number;
  clocks: CardClock[];
  /** By version, then by kind of fNIC. */
  policies: PolicyWords[][];
  /** The last ones of them, one for each fNIC, are opened when all faults are over: new connections must get through then. */
  flows: FlowPlan[];
  trialFlowCount: number;
  hostTiming: HostTiming;
  /** When what is still broken is mended. */
  healNs: number;
  /** From then on until all must have come right. */
  settleNs: number;
}

const MS = 1e6;
export const TOR_COUNT = 2;
const CARD_COUNTS = [2, 2, 2, 3, 3, 4, 5, 6] as const;
/** Two clocks may differ by a hundredth, far more than crystals do. */
const CLOCK_SKEW_PER_MILLION_MAX = 5000;

let baseModel: CardModel | undefined;

export function drawCase(seed: number): SimulationCase {
  const random = new Random(seed).fork('simulation');
  const topology = random.fork('topology');
  baseModel ??= loadModel('dsc-200');
  const model = drawModel(baseModel, random.fork('model'));
  const cardCount = topology.pick(CARD_COUNTS);
  const fnicCount = between(topology, 1, 16);
  const { controllerReactionNs } = model.control;
  const trafficNs = 450 * MS;
  const healNs = 900 * MS;
  const faults = drawFaults(random.fork('faults'), {
    ...{ torCount: TOR_COUNT, cardCount, fromNs: 60 * MS, untilNs: healNs, beginUntilNs: trafficNs },
    stepNs: 4 * controllerReactionNs + 60 * MS,
  });
  const endOfFaultsNs = Math.max(healNs, (faults.events.at(-1)?.atNs ?? 0) + MS);
  const traffic = random.fork('traffic');
  const flows = drawTraffic(traffic, { fnicCount, torCount: TOR_COUNT, untilNs: trafficNs });
  const settleNs = 6 * controllerReactionNs + 250 * MS;
  const places = { fnicCount, torCount: TOR_COUNT, untilNs: 1 };
  for (let fnic = 0; fnic < fnicCount; fnic++) {
    flows.push({
      ...drawFlow(traffic, flows.length, places),
      ...{ fnic, openNs: endOfFaultsNs + settleNs + fnic * 1e3, reopenNs: undefined, protocol: 'tcp' },
    });
  }
  const { establishedIdleMs } = model.ageing;
  return {
    seed,
    ...faults,
    cardCount,
    fnicCount,
    encapsulation: topology.chance(1, 4) ? 'nvgre' : 'vxlan',
    model,
    flowCapacity: 600,
    clocks: Array.from({ length: cardCount }, (_, card) => drawClock(random.fork(`clock ${card}`))),
    policies: drawPolicies(
      random.fork('policies'),
      1 + faults.events.filter(({ action }) => action.kind === 'policy').length,
    ),
    flows,
    trialFlowCount: fnicCount,
    hostTiming: {
      retransmitNs: between(topology, 15, 40) * MS,
      giveUpNs: patienceNs(faults.events),
      keepAliveNs: (establishedIdleMs / 6) * MS,
      thinkNsMax: between(topology, 1, 500) * 1e3,
    },
    healNs: endOfFaultsNs,
    settleNs,
  };
}

/**
 * For how long hosts try. Failures last for longer than that, so that nothing passes by outliving them; but where packets are lost all over, or tables
 * have no room, it takes many tries.
 */
function patienceNs(events: readonly SimulatedEvent[]): number {
  const takesTries = events.some(({ action: { kind } }) => kind === 'impair' || kind === 'fill');
  return (takesTries ? 1200 : 400) * MS;
}

function drawClock(random: Random): CardClock {
  const skew = random.below(2 * CLOCK_SKEW_PER_MILLION_MAX) - CLOCK_SKEW_PER_MILLION_MAX;
  return { rate: 1 + skew / 1e6, startMs: random.nextU32() };
}

function drawPolicies(random: Random, versionCount: number): PolicyWords[][] {
  return Array.from({ length: versionCount }, () =>
    Array.from({ length: POLICY_KIND_COUNT }, () => drawPolicy(random)),
  );
}
