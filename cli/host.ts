import { execFileSync } from 'node:child_process';
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

/** The machine and what the run cost on it. */
export function describeHost({ wallTimeNs, simulatingNs, sentPackets }: RunCost): Host {
  const manifest = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { version: string };
  return {
    wallTimeNs,
    simulatedPacketsPerSecond: simulatingNs > 0 ? Math.round((sentPackets * 1e9) / simulatingNs) : 0,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    cpu: cpus()[0]?.model ?? 'unknown',
    node: process.version,
    commit: currentCommit(),
    version: manifest.version,
  };
}

/** The commit that the program was built from, or an empty string outside a checkout. */
function currentCommit(): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: packagePath(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}
