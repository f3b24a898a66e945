import { createHash } from 'node:crypto';
import { parseRate } from '../../core/units.js';
import { exampleResult, lossySeries } from '../../results/fixture.js';
import type { Measured, Result } from '../../results/result.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import { prepareTrial, type TrialSpec } from '../sweep/trial-spec.js';
import { faultRun } from './table-6-fixture.js';

/** Connections per second beyond which a made-up pair loses some. */
export const LIMIT_CPS: Record<string, number> = { '78W': 3.08e6, '68W': 3.07e6, '52W': 2.52e6 };
const PPS: Record<string, number> = { '78W': 55e6, '68W': 49.5e6, '52W': 41.25e6 };
export const WIRE_BITS = 138 * 8;

export interface FakeOptions {
  /** Checks and hashes inputs as the real pool does, which takes milliseconds each. */
  isStrict?: boolean;
  pairLimit?(power: string): number;
  isInvalid?(spec: TrialSpec): boolean;
  /** Share of its rate that a card keeps at 64M flows. */
  fullTableShare?: number;
}

/** A pool that runs nothing; each input has a run of its own. */
export function fakePool(options: FakeOptions = {}): { pool: TrialPool; asked: Set<string> } {
  const asked = new Set<string>();
  const pool: TrialPool = {
    run: async (spec) => {
      const key = options.isStrict === true ? prepareTrial(spec).inputHash : JSON.stringify(spec);
      asked.add(key);
      const isInvalid = options.isInvalid?.(spec) === true;
      return {
        ...exampleResult({
          id: `run-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`,
          ...(isInvalid ? { verdict: 'invalid', invalidReasons: ['made up'] } : {}),
        }),
        measured: measuredOf(spec, options),
      };
    },
  };
  return { pool, asked };
}

function measuredOf(spec: TrialSpec, options: FakeOptions): Measured {
  if (spec.command === 'pps') return ofPackets(spec, options);
  if (spec.command === 'cps' || spec.command === 'hero') return ofConnections(spec, options);
  return ofFaults(spec);
}

/** Half of what is under way breaks without replication. */
function ofFaults({ flags }: TrialSpec & { command: 'faults' }): Measured {
  const broken = flags.replication === 'off' ? 120_000 : 0;
  const atCards = flags.scenario === 'planned-switchover' ? 0 : 240;
  return faultRun('faults', { lost: 90_000, atCards, broken }).measured;
}

function ofPackets({ flags }: TrialSpec & { command: 'pps' }, { fullTableShare = 0.9 }: FakeOptions) {
  const pps = (PPS[flags.power ?? ''] ?? 0) * (Number(flags.flows) > 16e6 ? fullTableShare : 1);
  const offered = { cps: 0, pps: 100e9 / WIRE_BITS, bps: 100e9 };
  return { ...exampleResult().measured, offered, achieved: { cps: 0, pps, bps: pps * WIRE_BITS } };
}

function ofConnections(
  spec: TrialSpec & { command: 'cps' | 'hero' },
  { pairLimit = (power) => LIMIT_CPS[power] ?? 0 }: FakeOptions,
): Result['measured'] {
  const { measured } = exampleResult();
  const { flags } = spec;
  const cps = parseRate(flags.rate ?? '', { where: '--rate', units: ['cps'] }).value;
  const limit = pairLimit(flags.power ?? '');
  const isLarge = spec.command === 'cps' && spec.flags.tunable?.includes('innerFrameBytes=1500') === true;
  const transitNs = isLarge ? 3139 : 2361;
  const { latencyNs, connections, packets } = measured;
  const lossRatio = Math.max(0, 1 - limit / cps);
  return {
    ...measured,
    offered: { cps, pps: 6 * cps, bps: 6 * cps * WIRE_BITS },
    achieved: { ...measured.achieved, cps: Math.min(cps, limit) },
    connections: { ...connections, established: 1000, completed: 1000, broken: NO_BROKEN },
    packets: { ...packets, lossRatio },
    ...lossySeries(lossRatio),
    latencyNs: {
      ...latencyNs,
      pingPong: { ...latencyNs.pingPong, count: 3000, p50: cps > 3e6 ? 99_000 : 13_240 },
      cardTransit: { ...latencyNs.cardTransit, p50: transitNs },
    },
  };
}

const NO_BROKEN = { reset: 0, timeout: 0, total: 0 };
