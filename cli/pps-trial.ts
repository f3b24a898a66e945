import { epochMilliseconds, monotonicMs, monotonicNs, nextTurn, utcStamp } from '../core/clock.js';
import { loadDataPlane } from '../core/dataplane-module.js';
import { percentileNs, readLatencyCounts } from '../core/latency-counts.js';
import { Random } from '../core/random.js';
import { type Drop, picoseconds, Testbed } from '../core/testbed.js';
import { createUdpGenerator, type UdpGenerator } from '../generators/udp-generator.js';
import { checkUdpLedger, udpLedger } from '../generators/udp-ledger.js';
import { udpFrameBytesMax } from '../generators/udp-traffic.js';
import { idleTimeoutMs, type WarmupOutcome, warmUp } from '../generators/udp-warmup.js';
import { RESULT_SCHEMA, type Result, type ResultInput } from '../results/result.js';
import { newRunId } from '../results/run-id.js';
import { type CardModel, powerState } from '../sirius-card/model.js';
import { layOutPolicies } from '../targets/policies.js';
import { type BuiltTarget, buildTarget } from '../targets/target.js';
import { hasCards } from '../targets/target-url.js';
import { policySource } from './acl-choice.js';
import { describeHost } from './host.js';
import { inputHashOf } from './input-hash.js';
import { measurePps, type PpsSeries } from './measure-pps.js';
import type { PpsTrialOptions } from './pps-options.js';
import type { TrialHooks, TrialProgress } from './trial-options.js';

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
const PACKETS_PER_TURN = 100_000;
const PROGRESS_PERIOD_MS = 100;
const INTERVAL_COUNT = 100;
const INTERVAL_NS_MIN = 100_000;
/** Records beyond the flows, for a target that has no table of its own size. */
const SPARE_RECORDS = 65_536;

/**
 * Runs one trial of packets per second under the virtual clock: learns every flow, waits until nothing is under way, then counts.
 * @throws SiriusError for a policy file that cannot be used.
 */
export async function runPpsTrial(options: PpsTrialOptions, hooks: TrialHooks): Promise<{ result: Result }> {
  const startedMs = epochMilliseconds();
  const startedNs = monotonicNs();
  const bed = await buildPpsBed(options, hooks);
  const runNs = monotonicNs();
  const warmup = await learnFlows(bed, options, hooks);
  const { ranNs, series } = await count(bed, options, hooks, warmup);
  const simulatingNs = Number(monotonicNs() - runNs);
  const sentPackets = bed.generator.read('warmup').sent + bed.generator.read('counted').sent;
  const measured = measurePps(bed, options, { warmup, series, ranNs });
  const ledger = udpLedger(bed.testbed, bed.generator.read('counted'), warmup?.drops);
  const inputHash = inputHashOf('pps', options);
  const invalidReasons = [
    ...checkUdpLedger(ledger),
    ...reasonsToDoubt(options, measured.generator.unsentPackets, warmup),
  ];
  return {
    result: {
      schema: RESULT_SCHEMA,
      id: newRunId({ stamp: utcStamp(startedMs), kind: 'pps', inputHash, measuredHash: measured.hash }),
      kind: 'pps',
      verdict: invalidReasons.length === 0 ? 'valid' : 'invalid',
      invalidReasons,
      interrupted: ranNs < options.durationNs,
      inputHash,
      input: options.input as ResultInput,
      measured,
      host: describeHost({ wallTimeNs: Number(monotonicNs() - startedNs), simulatingNs, sentPackets }),
    },
  };
}

/** Builds target and generator into a fresh data plane; a signal ends that between the policies of two fNICs. */
async function buildPpsBed(
  options: PpsTrialOptions,
  { signal }: Pick<TrialHooks, 'signal'>,
): Promise<PpsBed> {
  const { traffic, target: url, seed, powerWatts } = options;
  const model = longLived(options);
  const random = new Random(seed);
  const hugePages = traffic.flowCount >= model.memory.flowRecords * DENSE_SHARE;
  const testbed = new Testbed(loadDataPlane({ hugePages }), {
    packetCount: PACKET_COUNT,
    frameBytesMax: udpFrameBytesMax(traffic),
  });
  const { fnicCount } = traffic;
  const policyOf = policySource(options.acl, traffic, random.fork('acl').nextU64());
  const target = buildTarget(testbed, url, {
    ...{ model, powerState: powerState(model, powerWatts), modelledTime: true, replication: true, seed },
    ...{ fnicCount, firstVni: traffic.firstVni, encapsulation: traffic.encapsulation },
    acls: hasCards(url) ? await layOutPolicies(testbed, { fnicCount, policyOf, signal }) : [],
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
  const durationNs = (traffic.flowCount / warmupPps) * NANOSECONDS_PER_SECOND;
  const clock = progressClock();
  const steps = warmUp(bed.testbed, bed.generator, { startNs: 0, ratePps: warmupPps });
  let step = steps.next();
  while (!step.done && !hooks.signal.aborted) {
    if (clock.isDue()) {
      hooks.onProgress({
        ...progressOf(bed, 'warmup', step.value, durationNs, clock.elapsedMs()),
        stage: 'learning flows',
      });
      await nextTurn();
    }
    step = steps.next();
  }
  if (step.done) return step.value;
  // Ended early: what was learned is told, and what is under way is the warm-up's.
  const { testbed, generator } = bed;
  return { endNs: step.value, ledger: udpLedger(testbed, generator.read('warmup')), drops: testbed.drops() };
}

interface Counted {
  /** Of the counted phase; 0 when the run was ended before it began. */
  ranNs: number;
  series: PpsSeries;
}

async function count(
  bed: PpsBed,
  { durationNs, ratePps }: PpsTrialOptions,
  hooks: TrialHooks,
  warmup: WarmupOutcome | undefined,
): Promise<Counted> {
  const { testbed, generator, target } = bed;
  const intervalNs = Math.max(INTERVAL_NS_MIN, Math.ceil(durationNs / INTERVAL_COUNT));
  const series: PpsSeries = { intervalNs, sent: [], delivered: [], lost: [] };
  if (hooks.signal.aborted) return { ranNs: 0, series };
  for (const card of target.cards) {
    testbed.exports.histogramReset(card.transit);
    testbed.exports.histogramReset(card.pingPong);
  }
  const startNs = warmup?.endNs ?? 0;
  generator.startCounted({ startNs, durationNs, ratePps });
  const turnNs = Math.max(1, Math.round((PACKETS_PER_TURN / ratePps) * NANOSECONDS_PER_SECOND));
  const clock = progressClock();
  const totals = () => totalsOf(bed, warmup?.drops ?? []);
  let last = { sent: 0, delivered: 0, lost: 0 };
  let ranNs = 0;
  let recordNs = intervalNs;
  while (ranNs < durationNs && !hooks.signal.aborted) {
    ranNs = Math.min(durationNs, recordNs, ranNs + turnNs);
    testbed.exports.engineRun(picoseconds(startNs + ranNs));
    if (ranNs === recordNs || ranNs === durationNs) {
      const now = totals();
      series.sent.push(now.sent - last.sent);
      series.delivered.push(now.delivered - last.delivered);
      series.lost.push(now.lost - last.lost);
      last = now;
      recordNs += intervalNs;
    }
    if (!clock.isDue() && ranNs < durationNs) continue;
    hooks.onProgress(progressOf(bed, 'counted', ranNs, durationNs, clock.elapsedMs()));
    await nextTurn();
  }
  return { ranNs, series };
}

function totalsOf({ testbed, generator }: PpsBed, dropsBefore: readonly Drop[]) {
  const { sent, delivered } = generator.read('counted');
  const sum = (drops: readonly Drop[]) => drops.reduce((total, drop) => total + drop.count, 0);
  return { sent, delivered, lost: sum(testbed.drops()) - sum(dropsBefore) };
}

function progressClock() {
  const startedMs = monotonicMs();
  let reportedMs = startedMs;
  return {
    elapsedMs: () => monotonicMs() - startedMs,
    isDue: () => {
      if (monotonicMs() - reportedMs < PROGRESS_PERIOD_MS) return false;
      reportedMs = monotonicMs();
      return true;
    },
  };
}

function progressOf(
  { testbed, generator }: PpsBed,
  phase: 'warmup' | 'counted',
  simulatedNs: number,
  durationNs: number,
  wallMs: number,
): TrialProgress {
  const { sent, delivered } = generator.read(phase);
  const seconds = simulatedNs / NANOSECONDS_PER_SECOND;
  return {
    ...{ simulatedNs, durationNs, wallMs, unit: 'pps' },
    offered: sent / seconds,
    achieved: delivered / seconds,
    lostPackets: testbed.drops().reduce((sum, drop) => sum + drop.count, 0),
    p99Ns: percentileNs(readLatencyCounts(testbed.dataPlane, generator.latency[phase]), 0.99),
    simulatedPacketsPerSecond: wallMs > 0 ? (sent / wallMs) * 1000 : 0,
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
