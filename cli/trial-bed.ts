import type { DataPlane } from '../core/dataplane-module.js';
import { percentileNs, readLatencyCounts } from '../core/latency-counts.js';
import { Random } from '../core/random.js';
import { Testbed } from '../core/testbed.js';
import { backgroundFlowCount, backgroundFrameBytes } from '../generators/background.js';
import { createTcpGenerator, frameBytesOf, type TcpGenerator } from '../generators/tcp-generator.js';
import { powerState } from '../sirius-card/model.js';
import { layOutPolicies } from '../targets/policies.js';
import { type BuiltTarget, buildTarget } from '../targets/target.js';
import { hasCards } from '../targets/target-url.js';
import { policySource } from './acl-choice.js';
import type { CpsTrialOptions, TrialHooks, TrialProgress } from './trial-options.js';

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
  const { profile, model, clock, background } = options;
  const random = new Random(options.seed);
  const testbed = new Testbed(dataPlane, {
    packetCount: packetCount(options),
    frameBytesMax: Math.max(
      frameBytesOf(profile),
      background === undefined ? 0 : backgroundFrameBytes(background, profile),
    ),
  });
  const policyOf = policySource(options.acl, profile, random.fork('acl').nextU64());
  const target = buildTarget(testbed, options.target, {
    model,
    powerState: powerState(model, options.powerWatts),
    modelledTime: clock === 'virtual',
    fnicCount: profile.fnicCount,
    firstVni: profile.firstVni,
    encapsulation: profile.encapsulation,
    acls: hasCards(options.target)
      ? await layOutPolicies(testbed, { fnicCount: profile.fnicCount, policyOf, signal })
      : [],
    replication: options.replication,
    flowCapacity: flowCapacity(options),
    seed: options.seed,
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

export function progressOf(
  { testbed, generator }: TrialBed,
  simulatedNs: number,
  durationNs: number,
  wallMs: number,
): TrialProgress {
  const { attempted, completed, sent } = generator.read();
  const seconds = simulatedNs / NANOSECONDS_PER_SECOND;
  return {
    simulatedNs,
    durationNs,
    wallMs,
    offered: attempted / seconds,
    achieved: completed / seconds,
    unit: 'cps',
    lostPackets: testbed.drops().reduce((sum, drop) => sum + drop.count, 0),
    p99Ns: percentileNs(readLatencyCounts(testbed.dataPlane, generator.synToSynAck), 0.99),
    simulatedPacketsPerSecond: wallMs > 0 ? (sent / wallMs) * 1000 : 0,
  };
}
