import { parentPort, workerData } from 'node:worker_threads';
import { loadDataPlane } from '../core/dataplane-module.js';
import type { CampaignShare } from './campaign.js';
import { runSeed } from './seed.js';

const { firstSeed, endSeed, step, build } = workerData as CampaignShare;
for (let seed = firstSeed; seed < endSeed; seed += step) {
  parentPort?.postMessage(runSeed(seed, { load: () => loadDataPlane({ build }), shrinks: true }));
}
