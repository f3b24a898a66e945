import { Worker } from 'node:worker_threads';
import { packagePath } from '../core/package-path.js';
import type { SeedReport } from './seed.js';

export interface CampaignOptions {
  firstSeed: number;
  seedCount: number;
  jobs: number;
  build: 'release' | 'debug';
  onSeed(report: SeedReport): void;
}

/** The part of a campaign that one thread does: every `step`-th seed. */
export interface CampaignShare {
  firstSeed: number;
  endSeed: number;
  step: number;
  build: 'release' | 'debug';
}

/** Runs many seeds, in as many threads as there are jobs. */
export async function runCampaign({
  firstSeed,
  seedCount,
  jobs,
  build,
  onSeed,
}: CampaignOptions): Promise<void> {
  const endSeed = firstSeed + seedCount;
  const shares = Array.from(
    { length: Math.min(jobs, seedCount) },
    (_, job): CampaignShare => ({ firstSeed: firstSeed + job, endSeed, step: jobs, build }),
  );
  await Promise.all(shares.map((share) => runShare(share, onSeed)));
}

function runShare(share: CampaignShare, onSeed: (report: SeedReport) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(packagePath('dist/simulator/campaign-worker.js'), { workerData: share });
    worker.on('message', onSeed);
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a thread of the campaign ended with code ${code}`));
    });
  });
}
