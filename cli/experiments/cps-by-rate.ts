import type { LatencyLine, PowerLine } from '../../results/figures/figure-10.js';
import type { Result } from '../../results/result.js';
import { sustainedLossRatio } from '../../results/sustained-loss.js';
import { type CardModel, powerState } from '../../sirius-card/model.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import { isValid } from './invalid-trials.js';
import { armCps } from './latency-ladder.js';

export interface CpsByRateOptions {
  /** As `--model` names it, and what it holds. */
  modelName: string;
  model: CardModel;
  /** Seeds 1 to this. */
  seedCount: number;
  /** Fewer rates and shorter trials, for a first look. */
  isQuick: boolean;
}

/** Offered connections per second, in millions: dense around the knees of the three power states. */
const DROP_RATES = [0.5, 1, 1.5, 2, 2.25, 2.4, 2.5, 2.55, 2.6, 2.75, 2.9, 3, 3.05, 3.1, 3.15, 3.25, 3.5, 4];
const QUICK_DROP_RATES = [1, 2, 2.4, 2.5, 2.6, 2.8, 3, 3.1, 3.25, 4];
const LATENCY_RATES = [0.1, 0.3, 0.5, 1, 1.5, 2, 2.25, 2.5, 2.75, 2.9, 3, 3.05, 3.1, 3.15];
const QUICK_LATENCY_RATES = [0.3, 1, 2, 2.5, 2.8, 3];

/** Near the knee queues take longer to settle, or to show that they do not. */
const DURATIONS = { nearKnee: '1s', below: '300ms' };
const QUICK_DURATIONS = { nearKnee: '200ms', below: '100ms' };
/** Loads from here on, as a share of what the cores can do by arithmetic, get the long trial. */
const NEAR_KNEE_SHARE = 0.98;

/** Figure 10b: fraction of packets dropped in the long run, by offered rate, in each power state. */
export async function dropsByRate(pool: TrialPool, options: CpsByRateOptions): Promise<PowerLine[]> {
  const { model, isQuick } = options;
  const rates = isQuick ? QUICK_DROP_RATES : DROP_RATES;
  return Promise.all(
    model.powerStates.map(async ({ watts }) => ({
      powerWatts: watts,
      samples: (await trials(pool, options, watts, rates)).filter(isValid).map(({ id, input, measured }) => ({
        x: measured.offered.cps,
        y: sustainedLossRatio({ input, measured }),
        runId: id,
      })),
    })),
  );
}

/** Figure 10c: median latencies by offered rate, at the highest power state, up to just beyond its knee. */
export async function latenciesByRate(pool: TrialPool, options: CpsByRateOptions): Promise<LatencyLine[]> {
  const [baseline] = options.model.powerStates;
  if (baseline === undefined) return [];
  const results = await trials(
    pool,
    options,
    baseline.watts,
    options.isQuick ? QUICK_LATENCY_RATES : LATENCY_RATES,
  );
  const samples = (name: 'synToSynAck' | 'pingPong') =>
    results
      .filter((result) => isValid(result) && result.measured.latencyNs[name].count > 0)
      .map(({ id, measured }) => ({ x: measured.offered.cps, y: measured.latencyNs[name].p50, runId: id }));
  return [{ powerWatts: baseline.watts, synToSynAck: samples('synToSynAck'), pingPong: samples('pingPong') }];
}

function trials(
  pool: TrialPool,
  { modelName, model, seedCount, isQuick }: CpsByRateOptions,
  watts: number,
  ratesMillion: readonly number[],
): Promise<Result[]> {
  const seeds = Array.from({ length: seedCount }, (_, index) => index + 1);
  const durations = isQuick ? QUICK_DURATIONS : DURATIONS;
  const longFromCps = NEAR_KNEE_SHARE * armCps({ cardCount: 2, model, state: powerState(model, watts) });
  return Promise.all(
    ratesMillion.flatMap((rate) =>
      seeds.map((seed) =>
        pool.run({
          command: 'cps',
          flags: {
            rate: `${rate}M`,
            duration: rate * 1e6 < longFromCps ? durations.below : durations.nearKnee,
            ...{ model: modelName, power: `${watts}W`, seed: String(seed) },
          },
        }),
      ),
    ),
  );
}
