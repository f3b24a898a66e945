import type { DataPlane } from '../core/dataplane-module.js';
import { Random } from '../core/random.js';
import { Testbed } from '../core/testbed.js';
import { backgroundFlowCount, backgroundFrameBytes } from '../generators/background.js';
import type { TrafficProfile } from '../generators/profile.js';
import { createTcpGenerator, frameBytesOf, type TcpGenerator } from '../generators/tcp-generator.js';
import { powerState } from '../sirius-card/model.js';
import { layOutPolicies } from '../targets/policies.js';
import { type BuiltTarget, buildTarget, type TargetOptions } from '../targets/target.js';
import { hasCards } from '../targets/target-url.js';
import { policySource } from './acl-choice.js';
import type { CpsTrialOptions, TrialHooks } from './trial-options.js';
import { lostPackets, type Meter } from './trial-progress.js';

/** Everything that a trial runs on, built and not yet started. */
export interface TrialBed {
  testbed: Testbed;
  generator: TcpGenerator;
  target: BuiltTarget;
}

const NANOSECONDS_PER_SECOND = 1e9;

/** Builds target and generator into a fresh data plane; a signal ends that between the policies of two fNICs. */
export async function buildTrialBed(
  dataPlane: DataPlane,
  options: CpsTrialOptions,
  { signal }: Pick<TrialHooks, 'signal'>,
): Promise<TrialBed> {
  const { profile, clock, background } = options;
  const random = new Random(options.seed);
  const testbed = new Testbed(dataPlane, {
    packetCount: packetCount(options),
    frameBytesMax: Math.max(
      frameBytesOf(profile),
      background === undefined ? 0 : backgroundFrameBytes(background, profile),
    ),
  });
  const target = await buildTrialTarget(testbed, {
    ...{ options, traffic: profile, random, signal, modelledTime: clock === 'virtual' },
    ...{ replication: options.replication, flowCapacity: flowCapacity(options) },
  });
  const generator = createTcpGenerator(testbed, target, {
    profile,
    durationNs: options.durationNs,
    random,
    ...(background === undefined ? {} : { background }),
  });
  return { testbed, generator, target };
}

/** Packets under way at once: cards' queues full on both sides, and all links. */
function packetCount({ model, target }: CpsTrialOptions): number {
  return PACKET_COUNT_MIN + target.cardCount * model.armCores * model.arm.newFlowQueueSlots;
}

/** Without new flows that wait for an ARM core. */
const PACKET_COUNT_MIN = 65_536;

/** Records that a card may hold: every connection of the pair while it is open and until it has lingered; a quarter on top. */
function flowCapacity({ rateCps, durationNs, profile, model, background }: CpsTrialOptions): number {
  const { closedLingerMs, sweepPeriodMs } = model.ageing;
  const openNs =
    profile.tcp.holdNs + 2 * (profile.tcp.serverTurnaroundNs + profile.tcp.clientTurnaroundNs) + OPEN_NS;
  const keptNs = openNs + (closedLingerMs + sweepPeriodMs) * 1e6;
  const flows = background === undefined ? 0 : backgroundFlowCount(background);
  const records = flows + (rateCps / NANOSECONDS_PER_SECOND) * Math.min(durationNs, keptNs);
  return Math.min(model.memory.flowRecords, Math.ceil(records * 1.25) + 65_536);
}

/** What a connection takes beyond its own waits, generously. */
const OPEN_NS = 10e6;

/** What is read of a trial while it runs. */
export function meterOf({ testbed, generator }: TrialBed): Meter {
  return {
    ...{ testbed, unit: 'cps', latency: generator.synToSynAck },
    read: () => {
      const { attempted, unsent, completed, sent } = generator.read();
      const beside = generator.background?.read().sent ?? 0;
      return {
        ...{ offeredConnections: attempted + unsent, completedConnections: completed },
        ...{ lostPackets: lostPackets(testbed), sentPackets: sent + beside },
      };
    },
  };
}

/** Forgets the cards' latencies so far: what was learned before a measurement is none of it. */
export function resetLatencies({ testbed, target }: Pick<TrialBed, 'testbed' | 'target'>): void {
  for (const card of target.cards) {
    testbed.exports.histogramReset(card.transit);
    testbed.exports.histogramReset(card.pingPong);
  }
}

interface TrialTarget extends Pick<TargetOptions, 'modelledTime' | 'replication' | 'flowCapacity'> {
  /** Of the trial. */
  options: Pick<CpsTrialOptions, 'target' | 'model' | 'powerWatts' | 'acl' | 'seed'>;
  traffic: Pick<TrafficProfile, 'fnicCount' | 'firstVni' | 'encapsulation' | 'clients' | 'servers'>;
  random: Random;
  signal: AbortSignal;
}

/** Builds the target of a trial, with policies from its seed. */
export async function buildTrialTarget(
  testbed: Testbed,
  { options, traffic, random, signal, ...own }: TrialTarget,
): Promise<BuiltTarget> {
  const { target, model, powerWatts, acl, seed } = options;
  const { fnicCount, firstVni, encapsulation } = traffic;
  const policyOf = policySource(acl, traffic, random.fork('acl').nextU64());
  return buildTarget(testbed, target, {
    ...{ ...own, model, powerState: powerState(model, powerWatts), seed },
    ...{ fnicCount, firstVni, encapsulation },
    acls: hasCards(target) ? await layOutPolicies(testbed, { fnicCount, policyOf, signal }) : [],
  });
}
