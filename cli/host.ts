import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { packagePath } from '../core/package-path.js';
import type { Host } from '../results/result.js';

export interface RunCost {
  wallTimeNs: number;
  /** Of the wall time, what went into the run itself and not into setting it up. */
  simulatingNs: number;
  sentPackets: number;
}

/** The program itself, as results carry it: what was built, which need not be what is checked out now. */
export function programOf(): Pick<Host, 'version' | 'commit' | 'build'> {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { version: string };
  const { id, commit } = JSON.parse(readFileSync(packagePath('dist', 'build.json'), 'utf8')) as BuildStamp;
  return { version, commit, build: id };
}

/** As scripts/build-stamp.mjs writes it. */
interface BuildStamp {
  id: string;
  commit: string;
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
