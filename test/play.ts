import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { buildFaultsOptions, DEFAULT_FAULTS_FLAGS, type FaultsFlags } from '../cli/faults/faults-options.js';
import { runFaultsTrial } from '../cli/faults/faults-trial.js';
import type { Measured } from '../results/result.js';

/** Plays a scenario at small size. */
export async function play(scenario: string, flags: Partial<FaultsFlags> = {}): Promise<Measured> {
  const options = buildFaultsOptions({
    ...DEFAULT_FAULTS_FLAGS,
    ...{ scenario, rate: '20k', duration: '7s', at: '500ms', acl: 'none' },
    ...flags,
  });
  const hooks = { onProgress: () => undefined, signal: new AbortController().signal };
  return (await runFaultsTrial(options, hooks)).result.measured;
}

/** Writes scenarios of a test's own into a folder that goes when its tests are done. */
export function scenarioWriter(): (name: string, events: readonly string[], cardCount?: number) => string {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return (name, events, cardCount) => {
    const path = join(folder, `${name}.yaml`);
    const cards = cardCount === undefined ? '' : `cards: ${cardCount}\n`;
    const lines = events.map((event) => `  - ${event}\n`).join('');
    writeFileSync(
      path,
      `schema: sirius-bench.scenario/1\nname: ${name}\ndescription: of a test\n${cards}events:\n${lines}`,
    );
    return path;
  };
}
