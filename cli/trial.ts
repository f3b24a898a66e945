import { epochMilliseconds, monotonicMs, monotonicNs, nextTurn, utcStamp } from '../core/clock.js';
import { type DataPlane, loadDataPlane, touchMemory } from '../core/dataplane-module.js';
import { percentileNs, readLatencyCounts } from '../core/latency-counts.js';
import { Random } from '../core/random.js';
import { Schedule } from '../core/schedule.js';
import { picoseconds, Testbed } from '../core/testbed.js';
import { formatDurationNs } from '../core/units.js';
import {
  type BackgroundTraffic,
  backgroundFlowCount,
  backgroundFrameBytes,
} from '../generators/background.js';
import type { TrafficProfile } from '../generators/profile.js';
import { createTcpGenerator, frameBytesOf, type TcpGenerator } from '../generators/tcp-generator.js';
import { whole } from '../results/figure-text.js';
import { LATENCY_NS_MAX } from '../results/histogram.js';
import { checkLedger } from '../results/ledger.js';
import { type Measured, RESULT_SCHEMA, type Result, type ResultInput } from '../results/result.js';
import { newRunId } from '../results/run-id.js';
import { type CardModel, powerState } from '../sirius-card/model.js';
import { layOutPolicies } from '../targets/policies.js';
import { type BuiltTarget, buildTarget } from '../targets/target.js';
import { hasCards, type Target } from '../targets/target-url.js';
import { type AclChoice, policySource } from './acl-choice.js';
import { startCapture, writeCapture } from './capture.js';
import { describeHost } from './host.js';
import { inputHashOf } from './input-hash.js';
import { measure } from './measure.js';
import { SeriesRecorder } from './series.js';

export interface CpsTrialOptions {
  rateCps: number;
  durationNs: number;
  seed: number;
  profile: TrafficProfile;
  target: Target;
  clock: 'virtual' | 'wall';
  model: CardModel;
  powerWatts: number;
  acl: AclChoice;
  replication: boolean;
  /** Flows that are learned before the measurement and live on beside it. */
  background?: BackgroundTraffic;
  pcap?: { path: string; packets: number };
  /** Of the result; `cps` if left out. */
  kind?: string;
  /** Echo of every input after defaults. */
  input: Record<string, unknown>;
}

export interface TrialProgress {
  simulatedNs: number;
  durationNs: number;
  wallMs: number;
  /** Per second so far, in `unit`. */
  offered: number;
  achieved: number;
  unit: 'cps' | 'pps';
  lostPackets: number;
  p99Ns: number;
  simulatedPacketsPerSecond: number;
  /** What is going on, when it is not the measurement. */
  stage?: string;
}

export interface TrialHooks {
  onProgress(progress: TrialProgress): void;
  signal: AbortSignal;
}

/** What goes on beside the load under the virtual clock: faults, say. */
export interface Accompaniment {
  /** The run stops at each of its times, with all events before that time handled. */
  schedule: Pick<Schedule, 'nextNs' | 'run'>;
  /** Sections of the result of its own. */
  outcomes(ranNs: number): Pick<Measured, 'faults' | 'endpoints' | 'copies'>;
}

const ALONE: Accompaniment = { schedule: new Schedule(), outcomes: () => ({}) };

/** What a run is interrupted for. */
interface Stops {
  series: SeriesRecorder;
  schedule: Accompaniment['schedule'];
}

/** Everything that a trial runs on, built and not yet started. */
export interface TrialBed {
  testbed: Testbed;
  generator: TcpGenerator;
  target: BuiltTarget;
}

const NANOSECONDS_PER_SECOND = 1e9;
const PROGRESS_PERIOD_MS = 100;
/**
 * Under the wall clock, the most of its schedule that the generator makes up in one pass. Without a bound, a late generator sends
 * everything that is due at once, all of it falls out of the caches, and it never gets back on time.
 */
const WALL_STEP_NS = 50_000n;
const PICOSECONDS = 1000n;
/** Under the wall clock, a progress report (which reads a whole histogram) makes the generator late, so there are few. */
const WALL_PROGRESS_NS = 500_000_000;
/** Under the wall clock: passes between two looks at signals. */
const WALL_TURN_NS = 50_000_000n;

/**
 * Runs one trial of connections per second and measures it.
 * @throws SiriusError for a policy file or a capture file that cannot be used.
 */
export async function runCpsTrial(
  options: CpsTrialOptions,
  hooks: TrialHooks,
  accompany: (bed: TrialBed) => Accompaniment = () => ALONE,
): Promise<{ result: Result }> {
  const startedMs = epochMilliseconds();
  const startedNs = monotonicNs();
  const dataPlane = loadDataPlane({ compiles: options.clock === 'wall' ? 'before' : 'meanwhile' });
  const bed = await buildTrialBed(dataPlane, options, hooks);
  const capture = options.pcap ? startCapture(bed, options.pcap, frameBytesOf(options.profile)) : undefined;
  const series = new SeriesRecorder(options.durationNs);
  const accompaniment = accompany(bed);
  const runNs = monotonicNs();
  try {
    const ranNs = await (options.clock === 'virtual' ? runVirtual : runWall)(bed, options, hooks, {
      series,
      schedule: accompaniment.schedule,
    });
    const simulatingNs = Number(monotonicNs() - runNs);
    const measured = measure(bed, options, {
      series: series.finish(bed, ranNs),
      ranNs,
      extra: accompaniment.outcomes(ranNs),
    });
    if (capture) writeCapture(bed, capture);
    const host = describeHost({
      wallTimeNs: Number(monotonicNs() - startedNs),
      simulatingNs,
      sentPackets: measured.packets.sent,
    });
    return {
      result: assemble({
        kind: options.kind ?? 'cps',
        options,
        measured,
        host,
        interrupted: ranNs < options.durationNs,
        startedMs,
      }),
    };
  } finally {
    capture?.release();
  }
}

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

/** Packets under way at once: cards' queues full on both sides, and all links; on top, what servers think about. */
function packetCount({ rateCps, durationNs, profile, model, target }: CpsTrialOptions): number {
  const queued = target.cardCount * model.armCores * model.arm.newFlowQueueSlots;
  const thoughtNs = Math.min(durationNs, profile.tcp.serverTurnaroundNs + profile.tcp.clientTurnaroundNs);
  const thinking = (rateCps / NANOSECONDS_PER_SECOND) * thoughtNs * THINKING_PACKETS_PER_CONNECTION;
  return Math.min(PACKET_COUNT_MAX, PACKET_COUNT_MIN + queued + Math.ceil(thinking * 1.25));
}

/** Without new flows that wait for an ARM core. */
const PACKET_COUNT_MIN = 65_536;
/** SYN-ACK and FIN-ACK; a quarter more, for arrivals that scatter and SYNs that come again. */
const THINKING_PACKETS_PER_CONNECTION = 2;
/** 1 GiB of the smallest packets. What needs more is not offered, and its trial invalid. */
const PACKET_COUNT_MAX = 2 ** 22;

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

/** Connections between two looks at signals and progress under the virtual clock: some tens of milliseconds of work. */
const CONNECTIONS_PER_TURN = 20_000;

async function runVirtual(
  bed: TrialBed,
  { durationNs, rateCps }: CpsTrialOptions,
  hooks: TrialHooks,
  { series, schedule }: Stops,
): Promise<number> {
  const turnNs = Math.max(1, Math.round((CONNECTIONS_PER_TURN / rateCps) * NANOSECONDS_PER_SECOND));
  const startedMs = monotonicMs();
  let reportedMs = startedMs;
  let simulatedNs = 0;
  let recordNs = series.intervalNs;
  while (simulatedNs < durationNs && !hooks.signal.aborted) {
    simulatedNs = Math.min(durationNs, recordNs, simulatedNs + turnNs, schedule.nextNs);
    bed.testbed.exports.engineRun(picoseconds(simulatedNs));
    schedule.run(simulatedNs);
    if (simulatedNs === recordNs) {
      series.record(bed);
      recordNs += series.intervalNs;
    }
    if (monotonicMs() - reportedMs < PROGRESS_PERIOD_MS && simulatedNs < durationNs) continue;
    reportedMs = monotonicMs();
    hooks.onProgress(progressOf(bed, simulatedNs, durationNs, reportedMs - startedMs));
    await nextTurn();
  }
  return simulatedNs;
}

async function runWall(
  bed: TrialBed,
  { durationNs }: CpsTrialOptions,
  hooks: TrialHooks,
  { series }: Stops,
): Promise<number> {
  const { exports, dataPlane } = bed.testbed;
  touchMemory(dataPlane);
  const startedNs = monotonicNs();
  const endNs = startedNs + BigInt(Math.round(durationNs));
  let presentNs = startedNs;
  let recordedNs = startedNs;
  let horizonNs = 0n;
  let reportedNs = 0;
  while (presentNs < endNs && !hooks.signal.aborted) {
    const turnNs = presentNs + WALL_TURN_NS;
    while (presentNs < endNs && presentNs < turnNs) {
      const elapsedNs = presentNs - startedNs;
      horizonNs = elapsedNs < horizonNs + WALL_STEP_NS ? elapsedNs : horizonNs + WALL_STEP_NS;
      bed.generator.setHorizon(horizonNs * PICOSECONDS);
      exports.engineStepWall(elapsedNs * PICOSECONDS);
      presentNs = monotonicNs();
      while (Number(presentNs - recordedNs) >= series.intervalNs) {
        recordedNs += BigInt(series.intervalNs);
        series.record(bed);
      }
    }
    const simulatedNs = Number(presentNs - startedNs);
    if (simulatedNs - reportedNs >= WALL_PROGRESS_NS) {
      reportedNs = simulatedNs;
      hooks.onProgress(progressOf(bed, Math.min(simulatedNs, durationNs), durationNs, simulatedNs / 1e6));
    }
    await nextTurn();
    presentNs = monotonicNs();
  }
  const ranNs = Math.min(durationNs, Number(presentNs - startedNs));
  bed.generator.forgo(picoseconds(ranNs));
  return ranNs;
}

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

export interface Assembly {
  /** The command. */
  kind: string;
  options: CpsTrialOptions;
  measured: Measured;
  host: Result['host'];
  interrupted: boolean;
  startedMs: number;
}

/** The result of a trial that has been measured, with the verdict on its own validity. */
export function assemble({ kind, options, measured, host, interrupted, startedMs }: Assembly): Result {
  const invalidReasons = [...reasonsToDoubt(measured), ...tableDoubts(measured, options)];
  const inputHash = inputHashOf(kind, options);
  return {
    schema: RESULT_SCHEMA,
    id: newRunId({ stamp: utcStamp(startedMs), kind, inputHash, measuredHash: measured.hash }),
    kind,
    verdict: invalidReasons.length === 0 ? 'valid' : 'invalid',
    invalidReasons,
    interrupted,
    inputHash,
    input: options.input as ResultInput,
    measured,
    host,
  };
}

/** Later than this at the 99th percentile, and the generator did not offer the load that it claims. */
const SCHEDULE_LAG_NS_MAX = 1_000_000;

function reasonsToDoubt({ generator, ...books }: Measured): string[] {
  const reasons = checkLedger(books);
  if (generator.unsent > 0)
    reasons.push(`the generator could not start ${whole(generator.unsent)} connections`);
  if (generator.unsentPackets > 0)
    reasons.push(`the generator had no free packet for ${whole(generator.unsentPackets)} packets`);
  reasons.push(...backgroundDoubts(books));
  const clamped = Object.entries(books.latencyNs).filter(([, { max }]) => max > LATENCY_NS_MAX);
  for (const [name, { max }] of clamped) {
    reasons.push(
      `latencyNs.${name} has values up to ${formatDurationNs(max)}, above the ${formatDurationNs(LATENCY_NS_MAX)} that its histogram tells apart`,
    );
  }
  if (generator.scheduleLagNs.p99 > SCHEDULE_LAG_NS_MAX) {
    reasons.push(
      `the generator was late: 1% of its SYNs by ${formatDurationNs(generator.scheduleLagNs.p99)} or more, at most ${formatDurationNs(SCHEDULE_LAG_NS_MAX)} is allowed`,
    );
  }
  return reasons;
}

/** A table that was laid out for the load, with less than the card has, must hold the load: what it refuses, the card would not. */
function tableDoubts({ flowTable, packets }: Measured, { model, target }: CpsTrialOptions): string[] {
  const refused = packets.dropped.byReason.flowTableFull ?? 0;
  const held = model.memory.flowRecords * target.cardCount;
  if (refused === 0 || flowTable.capacity >= held) return [];
  return [
    `flow tables were laid out for ${whole(flowTable.capacity)} records, the cards hold ${whole(held)}, and refused ${whole(refused)}`,
  ];
}

/** A target that never knew its background flows was measured without them. */
function backgroundDoubts({ background }: Pick<Measured, 'background'>): string[] {
  if (background === undefined) return [];
  const { tcpFlows, udpFlows, learned, unsent } = background;
  const missing = tcpFlows + udpFlows - learned;
  return [
    ...(missing > 0 ? [`${whole(missing)} background flows were not learned before the measurement`] : []),
    ...(unsent > 0 ? [`the generator had no free packet for ${whole(unsent)} background packets`] : []),
  ];
}
