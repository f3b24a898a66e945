import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createStore } from '../../results/store.js';
import { runSweep } from './sweep.js';
import type { TrialSpec } from './trial-spec.js';

const folder = mkdtempSync(join(tmpdir(), 'sirius-sweep-'));
afterAll(() => rmSync(folder, { recursive: true }));

const specs = ['1', '2', '3', '4'].map(
  (seed): TrialSpec => ({ command: 'cps', flags: { rate: '1M', duration: '10ms', acl: 'none', seed } }),
);
const flags = { jobs: '1', fresh: false, 'results-dir': folder, quiet: true };
const options = {
  json: true,
  stderr: { isTerminal: false, columns: 80, color: false },
  stream: process.stderr,
};

test('a sweep that fails ends the trials that are left, and keeps those that ended', async () => {
  let outcomes: Promise<PromiseSettledResult<unknown>[]> = Promise.resolve([]);
  const sweep = runSweep(flags, options, async (pool) => {
    const trials = specs.map((spec) => pool.run(spec));
    outcomes = Promise.allSettled(trials);
    await trials[0];
    throw new Error('no space left on device');
  });
  await expect(sweep).rejects.toThrow('no space left on device');
  const [first, ...others] = await outcomes;
  expect(first?.status).toBe('fulfilled');
  expect(others).toMatchObject(
    others.map(() => ({ status: 'rejected', reason: { code: 'interrupted', exitCode: 130 } })),
  );
  expect(createStore(folder).list()).toHaveLength(1);
});
