import { loadDataPlane } from '../core/dataplane-module.js';
import { Random } from '../core/random.js';
import { Testbed } from '../core/testbed.js';
import { createUdpGenerator, type UdpGenerator, type UdpPhaseName } from '../generators/udp-generator.js';
import { checkUdpLedger, udpLedger } from '../generators/udp-ledger.js';
import { udpFrameBytesMax } from '../generators/udp-traffic.js';
import { idleTimeoutMs, type WarmupOutcome, warmUp } from '../generators/udp-warmup.js';
import type { Result, Series } from '../results/result.js';
import type { CardModel } from '../sirius-card/model.js';
import type { BuiltTarget } from '../targets/target.js';
import { hasCards } from '../targets/target-url.js';
import { conductTrial } from './conduct-trial.js';
import { measurePps } from './measure-pps.js';
import type { PpsTrialOptions } from './pps-options.js';
import { SeriesRecorder } from './series.js';
import { buildTrialTarget, resetLatencies } from './trial-bed.js';
import type { TrialHooks } from './trial-options.js';
import { lostPackets, type Meter, progressFrom, reporter } from './trial-progress.js';
import { runVirtual, sliceOf } from './virtual-run.js';

/** Everything that a trial runs on. */
export interface PpsBed {
  testbed: Testbed;
  generator: UdpGenerator;
  target: BuiltTarget;
}

const NANOSECONDS_PER_SECOND = 1e9;
/** Packets under way at once: all links' buffers and the cards' queues, full. */
const PACKET_COUNT = 131_072;
/** Packets between two looks at signals and progress. */
const PACKETS_PER_SLICE = 100_000;
const INTERVAL_NS_MIN = 100_000;
/** Records beyond the flows, for a target that has no table of its own size. */
const SPARE_RECORDS = 65_536;

/**
 * Runs one trial of packets per second under the virtual clock: learns every flow, waits until nothing is under way, then counts.
 * @throws SiriusError for a policy file that cannot be used.
 */
export function runPpsTrial(options: PpsTrialOptions, hooks: TrialHooks): Promise<{ result: Result }> {
  return conductTrial('pps', options, async (simulate) => {
    const bed = await buildPpsBed(options, hooks);
    const { warmup, ranNs, series } = await simulate(async () => {
      const warmup = await learnFlows(bed, options, hooks);
      return { warmup, ...(await count(bed, options, hooks, warmup?.endNs)) };
    });
    const measured = measurePps(bed, options, { warmup, series, ranNs });
    const { packets, generator } = measured;
    return {
      measured,
      interrupted: ranNs < options.durationNs,
      invalidReasons: [
        ...checkUdpLedger(packets),
        ...reasonsToDoubt(options, generator.unsentPackets, warmup),
      ],
      sentPackets: bed.generator.read('warmup').sent + packets.sent,
    };
  });
}

/** Builds target and generator into a fresh data plane; a signal ends that between the policies of two fNICs. */
async function buildPpsBed(
  options: PpsTrialOptions,
  { signal }: Pick<TrialHooks, 'signal'>,
): Promise<PpsBed> {
  const { traffic, target: url, seed } = options;
  const model = longLived(options);
  const random = new Random(seed);
  const hugePages = traffic.flowCount >= model.memory.flowRecords * DENSE_SHARE;
  const testbed = new Testbed(loadDataPlane({ hugePages }), {
    packetCount: PACKET_COUNT,
    frameBytesMax: udpFrameBytesMax(traffic),
  });
  const target = await buildTrialTarget(testbed, {
    ...{ options: { ...options, model }, traffic, random, signal, modelledTime: true, replication: true },
    // The card's own table, whatever the load: how full it is decides how much of it a packet reads.
    flowCapacity: hasCards(url) ? model.memory.flowRecords : traffic.flowCount + SPARE_RECORDS,
  });
  const generator = createUdpGenerator(testbed, target, { traffic, random });
  return { testbed, generator, target };
}

/** With fewer flows than this share of a table's records, pages of 4 KiB are few against those of 2 MiB that they lie in. */
const DENSE_SHARE = 0.1;

/** The model with an idle time that no flow of the run outlives (docs/decisions/0008-udp-flows-without-state.md). */
function longLived({ model, traffic, warmupPps, durationNs }: PpsTrialOptions): CardModel {
  const idleMs = idleTimeoutMs({ flowCount: traffic.flowCount, warmupPps, durationNs });
  return {
    ...model,
    ageing: { ...model.ageing, establishedIdleMs: idleMs, halfOpenIdleMs: idleMs, sweepPeriodMs: idleMs },
  };
}

async function learnFlows(
  bed: PpsBed,
  options: PpsTrialOptions,
  hooks: TrialHooks,
): Promise<WarmupOutcome | undefined> {
  const { warmupPps, traffic } = options;
  if (warmupPps === undefined) return undefined;
  const { testbed, generator } = bed;
  const durationNs = (traffic.flowCount / warmupPps) * NANOSECONDS_PER_SECOND;
  const stage = { stage: 'learning flows', durationNs };
  const report = reporter(hooks, progressFrom(meterOf(bed, 'warmup'), stage));
  const steps = warmUp(testbed, generator, { startNs: 0, ratePps: warmupPps });
  let step = steps.next();
  while (!step.done && !hooks.signal.aborted) {
    await report(step.value);
    step = steps.next();
  }
  if (step.done) return step.value;
  // Ended early: what was learned is told, and what is under way is the warm-up's.
  return { endNs: step.value, ledger: udpLedger(testbed, generator.read('warmup')), drops: testbed.drops() };
}

interface Counted {
  /** Of the counted phase; 0 when the run was ended before it began. */
  ranNs: number;
  series: Series;
}

async function count(
  bed: PpsBed,
  { durationNs, ratePps }: PpsTrialOptions,
  hooks: TrialHooks,
  startNs = 0,
): Promise<Counted> {
  const meter = meterOf(bed, 'counted');
  const series = new SeriesRecorder(meter, { durationNs, intervalNsMin: INTERVAL_NS_MIN });
  if (hooks.signal.aborted) return { ranNs: 0, series: series.finish(0) };
  resetLatencies(bed);
  bed.generator.startCounted({ startNs, durationNs, ratePps });
  const sliceNs = sliceOf(PACKETS_PER_SLICE, ratePps);
  const stretch = { startNs, durationNs, sliceNs, stops: [series] };
  const ranNs = await runVirtual(meter, stretch, hooks);
  return { ranNs, series: series.finish(ranNs) };
}

function meterOf({ testbed, generator }: PpsBed, phase: UdpPhaseName): Meter {
  return {
    ...{ testbed, unit: 'pps', latency: generator.latency[phase] },
    read: () => {
      const { sent, delivered } = generator.read(phase);
      return {
        ...{ offeredConnections: 0, completedConnections: 0 },
        ...{ lostPackets: lostPackets(testbed), sentPackets: sent, deliveredPackets: delivered },
      };
    },
  };
}

function reasonsToDoubt(
  { traffic, mayOverfill }: PpsTrialOptions,
  unsent: number,
  warmup: WarmupOutcome | undefined,
): string[] {
  const reasons: string[] = [];
  if (unsent > 0) reasons.push(`the generator could not offer ${unsent.toLocaleString('en-US')} packets`);
  if (warmup === undefined || mayOverfill) return reasons;
  const missing = traffic.flowCount - warmup.ledger.delivered;
  if (missing > 0)
    reasons.push(`${missing.toLocaleString('en-US')} flows were not learned before the measurement`);
  return reasons;
}
