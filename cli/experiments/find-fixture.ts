import { exampleMeasured, exampleResult, lossySeries, seriesOf } from '../../results/fixture.js';
import { sealMeasured } from '../../results/measured-hash.js';
import type { Result } from '../../results/result.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import type { TrialSpec } from '../sweep/trial-spec.js';

/** What a made-up target does with one trial; the rest is as in the example result. */
export interface OracleAnswer {
  lossRatio?: number;
  brokenRatio?: number;
  p99Ns?: number;
  synAcks?: number;
  invalid?: string;
  /** Connections open at the end of each interval. */
  open?: number[];
}

export interface OracleTrial {
  load: number;
  durationNs: number;
  seed: number;
  power: string | undefined;
}

/** A pool that runs nothing: `answer` tells what each trial measures; equal trials have one result, as in the real one. */
export function oraclePool(answer: (trial: OracleTrial) => OracleAnswer) {
  const asked: OracleTrial[] = [];
  const results = new Map<string, Result>();
  const pool: Pick<TrialPool, 'run'> = {
    run: async ({ flags }: TrialSpec) => {
      const key = JSON.stringify(flags);
      const trial = {
        load: Number(flags.rate),
        durationNs: Number(flags.duration?.replace(/ns$/, '')),
        seed: Number(flags.seed),
        power: flags.power,
      };
      asked.push(trial);
      const result = results.get(key) ?? resultOf(answer(trial), results.size);
      results.set(key, result);
      return result;
    },
  };
  return { pool, asked };
}

function resultOf(
  { lossRatio = 0, brokenRatio = 0, p99Ns = 500_000, synAcks = 1000, invalid, open }: OracleAnswer,
  place: number,
): Result {
  const { hash: _hash, ...measured } = exampleMeasured();
  const { connections, packets, latencyNs } = measured;
  const broken = Math.round(brokenRatio * connections.attempted);
  return {
    ...exampleResult({
      id: `run-${place}`,
      ...(invalid === undefined ? {} : { verdict: 'invalid', invalidReasons: [invalid] }),
    }),
    measured: sealMeasured({
      ...measured,
      connections: { ...connections, broken: { reset: broken, timeout: 0, total: broken } },
      packets: { ...packets, lossRatio },
      ...(open === undefined ? lossySeries(lossRatio) : seriesOf(open)),
      latencyNs: { ...latencyNs, synToSynAck: { ...latencyNs.synToSynAck, count: synAcks, p99: p99Ns } },
    }),
  };
}
