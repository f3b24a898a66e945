import type { PowerLine } from '../../results/figures/figure-10.js';
import type { CardModel } from '../../sirius-card/model.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import { isValid } from './invalid-trials.js';

export interface PpsByFlowsOptions {
  /** As `--model` names it, and what it holds. */
  modelName: string;
  model: CardModel;
  /** Seeds 1 to this. */
  seedCount: number;
  /** Fewer and smaller flow counts, for a first look. */
  isQuick: boolean;
}

/** Concurrent flows of Figure 10a; a count beyond the model's flow table is left out. */
const FLOW_COUNTS = [1e3, 1e4, 1e5, 1e6, 4e6, 16e6, 32e6, 64e6];
const QUICK_FLOW_COUNTS = [1e3, 1e5, 4e6];
/** Long against the 20 us that the pipelines' queue takes to fill, and some 2 million packets at line rate. */
const DURATION = '20ms';

/**
 * Figure 10a: line rate of the smallest packets into one card, by how many flows are live, in each power state. What is achieved in packets per
 * second is emergent but for the pipelines' service time and the memory's bandwidth, which are fitted to the figure.
 */
export async function ppsByFlows(pool: TrialPool, options: PpsByFlowsOptions): Promise<PowerLine[]> {
  const { model, modelName, seedCount, isQuick } = options;
  const counts = (isQuick ? QUICK_FLOW_COUNTS : FLOW_COUNTS).filter(
    (count) => count <= model.memory.flowRecords,
  );
  const seeds = Array.from({ length: seedCount }, (_, index) => index + 1);
  // The longest trials first, so that no core waits for one of them at the end.
  const trials = [...counts]
    .reverse()
    .flatMap((flows) =>
      model.powerStates.flatMap(({ watts }) => seeds.map((seed) => ({ flows, watts, seed }))),
    );
  const samples = await Promise.all(
    trials.map(async ({ flows, watts, seed }) => {
      const result = await pool.run({
        command: 'pps',
        flags: {
          ...{ rate: 'max', duration: DURATION, 'packet-size': '64', flows: String(flows) },
          ...{ target: 'card://solo', model: modelName, power: `${watts}W`, seed: String(seed) },
        },
      });
      return { watts, result, sample: { x: flows, y: result.measured.achieved.pps, runId: result.id } };
    }),
  );
  return model.powerStates.map(({ watts }) => ({
    powerWatts: watts,
    samples: samples.filter((one) => one.watts === watts && isValid(one.result)).map(({ sample }) => sample),
  }));
}
