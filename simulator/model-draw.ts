import type { Random } from '../core/random.js';
import type { CardModel } from '../sirius-card/model.js';

const MS = 1e6;
const US = 1e3;

/** Uniform over whole numbers from `least` to `most`. */
export function between(random: Random, least: number, most: number): number {
  return least + random.below(most - least + 1);
}

/**
 * A card model whose times are drawn within sane ranges: some orders of magnitude shorter than a network's where what takes long is only waited for, so
 * that a simulation of some seconds sees flows age and cards find one another again.
 */
export function drawModel(base: CardModel, random: Random): CardModel {
  const probeIntervalNs = between(random, 2, 5) * MS;
  return {
    ...base,
    armCores: between(random, 1, 16),
    arm: {
      ...base.arm,
      newFlowQueueSlots: between(random, 16, 256),
      updateQueueSlots: between(random, 64, 1024),
    },
    exchange: {
      batchNs: between(random, 1, 20) * US,
      intervalNs: between(random, 10, 200) * US,
      bulkIntervalNs: between(random, 50, 500) * US,
      resendNs: between(random, 1, 5) * MS,
    },
    ageing: {
      establishedIdleMs: between(random, 500, 1000),
      halfOpenIdleMs: between(random, 150, 300),
      closedLingerMs: between(random, 100, 250),
      sweepPeriodMs: between(random, 10, 80),
    },
    network: {
      ...base.network,
      generatorToTorNs: between(random, 2, 30) * 100,
      torToCardNs: between(random, 2, 20) * 100,
      torForwardingNs: between(random, 2, 10) * 100,
    },
    control: {
      heartbeatIntervalNs: between(random, 3, 8) * MS,
      heartbeatMissesMax: between(random, 2, 4),
      controllerReactionNs: between(random, 5, 40) * MS,
      linkDownDetectionNs: between(random, 50, 1000) * US,
      probeIntervalNs,
      probeMissesMax: between(random, 2, 4),
      routeInstallNs: between(random, 50, 900) * US,
    },
  };
}
