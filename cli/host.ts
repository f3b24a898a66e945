import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { packagePath } from '../core/package-path.js';
import type { Host } from '../results/result.js';
import { commitOf } from './commit.js';

export interface RunCost {
  wallTimeNs: number;
  /** Of the wall time, what went into the run itself and not into setting it up. */
  simulatingNs: number;
  sentPackets: number;
}

/** The program itself, as results carry it. */
export function programOf(): Pick<Host, 'version' | 'commit'> {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { version: string };
  return { version, commit: commitOf(packagePath()) ?? '' };
}

/** The machine and what the run cost on it. */
export function describeHost({ wallTimeNs, simulatingNs, sentPackets }: RunCost): Host {
  return {
    wallTimeNs,
    simulatedPacketsPerSecond: simulatingNs > 0 ? Math.round((sentPackets * 1e9) / simulatingNs) : 0,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    cpu: cpus()[0]?.model ?? 'unknown',
    node: process.version,
    ...programOf(),
  };
}
