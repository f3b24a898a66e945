import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performCps } from '../cli/perform-cps.js';
import type { Reading } from './figure.js';
import { CPS_FLAGS } from './flags.js';

const TERMINAL = { isTerminal: false, columns: 80, color: false };

export interface MemoryOptions {
  /** Virtual time of the run. */
  durationMs: number;
  acl: 'table4' | 'none';
}

/** Peak resident memory of this process after a whole `cps --rate 3M`, chart and all. */
export async function benchMemory({ durationMs, acl }: MemoryOptions): Promise<Reading> {
  const folder = mkdtempSync(join(tmpdir(), 'sirius-bench-'));
  try {
    const { result } = await performCps(
      { ...CPS_FLAGS, acl, duration: `${durationMs}ms`, quiet: true, chart: true, 'results-dir': folder },
      { given: new Set(), json: true, stdout: TERMINAL, stderr: TERMINAL },
    );
    return {
      figures: [
        { name: 'peak memory', unit: 'bytes', value: process.resourceUsage().maxRSS * 1024 },
        { name: 'as the command reports', unit: 'packets/s', value: result.host.simulatedPacketsPerSecond },
      ],
      deterministic: { measured: result.measured.hash },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
