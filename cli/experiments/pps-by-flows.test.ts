import { expect, test } from 'vitest';
import { exampleResult } from '../../results/fixture.js';
import { loadModel } from '../../sirius-card/model.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import { prepareTrial, type TrialSpec } from '../sweep/trial-spec.js';
import { ppsByFlows } from './pps-by-flows.js';

const model = loadModel('dsc-200');

/** Answers with the flow count as the rate, and notes what it was asked for. */
function fakePool(): TrialPool & { asked: TrialSpec[] } {
  const asked: TrialSpec[] = [];
  return {
    asked,
    run: async (spec) => {
      prepareTrial(spec);
      asked.push(spec);
      const result = exampleResult();
      const pps = Number((spec.flags as { flows?: string }).flows);
      return { ...result, measured: { ...result.measured, achieved: { cps: 0, pps, bps: 0 } } };
    },
  };
}

test('asks for each flow count in each power state with each seed, the longest first', async () => {
  const pool = fakePool();
  const lines = await ppsByFlows(pool, { modelName: 'dsc-200', model, seedCount: 2, isQuick: false });
  expect(pool.asked).toHaveLength(8 * 3 * 2);
  expect(pool.asked[0]).toMatchObject({
    command: 'pps',
    flags: { flows: '64000000', power: '78W', seed: '1' },
  });
  expect(lines.map(({ powerWatts }) => powerWatts)).toEqual([78, 68, 52]);
  for (const { samples } of lines) {
    expect(samples).toHaveLength(16);
    for (const { x, y } of samples) expect(y).toBe(x);
  }
});

test('leaves out what the flow table of the model cannot hold', async () => {
  const small = { ...model, memory: { ...model.memory, flowRecords: 50_000 } };
  const lines = await ppsByFlows(fakePool(), {
    modelName: 'dsc-200',
    model: small,
    seedCount: 1,
    isQuick: true,
  });
  expect(lines[0]?.samples.map(({ x }) => x)).toEqual([1000]);
});
