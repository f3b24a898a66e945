import { formatDurationNs, formatRate, formatRatio } from '../../core/units.js';
import type { Result } from '../../results/result.js';
import { parseTarget } from '../../targets/target-url.js';
import { renderColumns } from '../columns.js';
import { exitCodeOf } from '../exit-code.js';
import { checkFlagsTogether, refuseIdleFlags } from '../flags-together.js';
import type { PpsFlags } from '../pps-options.js';
import { runSweep, type SweepFlags, type SweepOptions } from '../sweep/sweep.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import { prepareTrial, type TrialSpec } from '../sweep/trial-spec.js';

export interface PerformPpsSizesOptions extends SweepOptions {
  /** Names of the flags that were typed. */
  given: ReadonlySet<string>;
}

export interface PpsSizesReport {
  /** One trial for each packet size, in the order asked for. */
  trials: Result[];
}

/** The sizes of a list such as `64,512,imix`; one where there is no comma. */
export function packetSizes(text: string): string[] {
  return text.split(',').map((size) => size.trim());
}

/** `pps` with several packet sizes: a trial for each, side by side, and one table. */
export async function performPpsSizes(
  flags: PpsFlags & SweepFlags,
  { given, ...options }: PerformPpsSizesOptions,
): Promise<{ report: PpsSizesReport; text: string; exitCode: number }> {
  checkFlagsTogether({ given, target: parseTarget(flags.target) });
  refuseIdleFlags(given, {
    flags: ['chart', 'no-chart'],
    expected: 'one packet size, of whose run the chart is',
    got: `--packet-size ${flags['packet-size']}`,
  });
  const trials = await runSweep(flags, options, (pool) => ppsBySize(pool, flags));
  return {
    report: { trials },
    text: renderPpsSizes(trials),
    exitCode: Math.max(...trials.map(exitCodeOf)),
  };
}

export async function ppsBySize(pool: TrialPool, flags: PpsFlags): Promise<Result[]> {
  const {
    profile,
    tunable,
    arrivals,
    target,
    model,
    power,
    acl,
    rate,
    duration,
    seed,
    flows,
    bidirectional,
    warmup,
  } = flags;
  const specs = packetSizes(flags['packet-size']).map(
    (size): TrialSpec => ({
      command: 'pps',
      flags: {
        ...{ profile, target, model, power, acl, rate, duration, seed, flows, bidirectional, warmup },
        ...(tunable === undefined ? {} : { tunable }),
        ...(arrivals === undefined ? {} : { arrivals }),
        'packet-size': size,
      },
    }),
  );
  // All are checked before the first one starts.
  for (const spec of specs) prepareTrial(spec);
  return Promise.all(specs.map((spec) => pool.run(spec)));
}

const HEADS = ['SIZE', 'OFFERED', 'ACHIEVED', 'ON THE WIRE', 'LOST', 'P50', 'P99', 'VERDICT'];

export function renderPpsSizes(trials: readonly Result[]): string {
  const rows = trials.map(({ input, measured, verdict }) => {
    const { offered, achieved, packets, latencyNs } = measured;
    const { portToPort } = latencyNs;
    const latency = (name: 'p50' | 'p99') =>
      portToPort === undefined || portToPort.count === 0 ? '-' : formatDurationNs(portToPort[name]);
    return [
      `${input.packetSize}`,
      formatRate(offered.pps, 'pps'),
      formatRate(achieved.pps, 'pps'),
      formatRate(achieved.bps, 'bps'),
      formatRatio(packets.lossRatio),
      latency('p50'),
      latency('p99'),
      verdict,
    ];
  });
  const table = renderColumns([HEADS, ...rows], { columns: Number.POSITIVE_INFINITY });
  return `packets per second by packet size, latency one way (virtual)\n\n${table}\n`;
}
