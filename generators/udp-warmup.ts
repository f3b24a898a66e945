import { type Drop, picoseconds, type Testbed } from '../core/testbed.js';
import type { UdpGenerator } from './udp-generator.js';
import { type UdpLedger, udpLedger } from './udp-ledger.js';

/** At most this long after the last packet of a warm-up the target must have let go of all packets. */
const QUIET_NS_MAX = 1_000_000_000;
const QUIET_STEP_NS = 100_000;
/** Flows learned between two looks at signals and progress: some tens of milliseconds of work. */
const FLOWS_PER_SLICE = 10_000;
const NANOSECONDS_PER_SECOND = 1e9;
const IDLE_MARGIN_MS = 1000;

export interface WarmupOptions {
  /** No earlier than what the engine has run to. */
  startNs: number;
  ratePps: number;
}

export interface WarmupOutcome {
  /** Where the clock stands: the counted phase may start here. */
  endNs: number;
  /** `delivered` is how many flows' first packets came back; with `inFlight` above 0 the target never became quiet. */
  ledger: UdpLedger;
  /** What was lost by then, for the ledger of the counted phase. */
  drops: Drop[];
}

/**
 * Lets the target learn every flow under the virtual clock, and waits until nothing is under way. Each `next()` runs a slice and
 * yields the time in nanoseconds, so that the caller can show progress or stop.
 */
export function* warmUp(
  testbed: Testbed,
  generator: UdpGenerator,
  { startNs, ratePps }: WarmupOptions,
): Generator<number, WarmupOutcome> {
  const lastNs = generator.startWarmup({ startNs, ratePps });
  const sliceNs = Math.ceil((FLOWS_PER_SLICE / ratePps) * NANOSECONDS_PER_SECOND);
  let nowNs = startNs;
  while (nowNs <= lastNs) {
    nowNs = Math.min(lastNs + 1, nowNs + sliceNs);
    testbed.exports.engineRun(picoseconds(nowNs));
    yield nowNs;
  }
  const quietNsMax = lastNs + QUIET_NS_MAX;
  while (testbed.inFlight() > 0 && nowNs < quietNsMax) {
    nowNs += QUIET_STEP_NS;
    testbed.exports.engineRun(picoseconds(nowNs));
  }
  return { endNs: nowNs, ledger: udpLedger(testbed, generator.read('warmup')), drops: testbed.drops() };
}

export interface IdleOptions {
  flowCount: number;
  /** Undefined without a warm-up. */
  warmupPps: number | undefined;
  /** Of the counted phase. */
  durationNs: number;
}

/**
 * An idle time-out in milliseconds that no flow of a run outlives, however rarely it is visited: longer than warm-up, quiet and counted phase
 * together (docs/decisions/0008-udp-flows-without-state.md).
 */
export function idleTimeoutMs({ flowCount, warmupPps, durationNs }: IdleOptions): number {
  const warmupNs = warmupPps === undefined ? 0 : (flowCount / warmupPps) * NANOSECONDS_PER_SECOND;
  return Math.ceil((warmupNs + QUIET_NS_MAX + durationNs) / 1e6) + IDLE_MARGIN_MS;
}
