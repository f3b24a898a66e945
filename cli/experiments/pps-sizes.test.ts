import { expect, test } from 'vitest';
import { exampleResult } from '../../results/fixture.js';
import { DEFAULT_PPS_FLAGS } from '../pps-options.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import { prepareTrial } from '../sweep/trial-spec.js';
import { packetSizes, performPpsSizes, ppsBySize, renderPpsSizes } from './pps-sizes.js';

const pool: TrialPool = {
  run: async (spec) => {
    prepareTrial(spec);
    const result = exampleResult();
    return {
      ...result,
      input: { ...result.input, packetSize: (spec.flags as { 'packet-size': string })['packet-size'] },
    };
  },
};

test.each([
  ['64', ['64']],
  ['64, 512,imix', ['64', '512', 'imix']],
])('%s is %o', (text, sizes) => {
  expect(packetSizes(text)).toEqual(sizes);
});

test('a trial for each size, in the order asked for, in a table of 80 columns', async () => {
  const trials = await ppsBySize(pool, { ...DEFAULT_PPS_FLAGS, 'packet-size': '1500,64,imix' });
  expect(trials.map(({ input }) => input.packetSize)).toEqual(['1500', '64', 'imix']);
  const lines = renderPpsSizes(trials).split('\n');
  expect(lines[2]).toMatch(/^SIZE +OFFERED +ACHIEVED/);
  expect(lines.slice(3, 6).map((line) => line.split(' ')[0])).toEqual(['1500', '64', 'imix']);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('a size that there is not is refused before anything runs', async () => {
  const flags = { ...DEFAULT_PPS_FLAGS, 'packet-size': '64,,imix' };
  const idle: TrialPool = { run: () => Promise.reject(new Error('nothing may run')) };
  await expect(ppsBySize(idle, flags)).rejects.toThrow(/--packet-size: expected .*got ""/);
});

test.each([
  ['--chart', 'chart', {}],
  ['--no-chart', 'no-chart', {}],
  ['--power', 'power', { target: 'loopback://' }],
])('%s that would count for nothing is refused before anything runs', async (flag, name, change) => {
  const flags = { ...DEFAULT_PPS_FLAGS, 'packet-size': '64,imix', ...change };
  const sweep = { fresh: false, 'results-dir': '/dev/null/none', quiet: true };
  const terminal = { isTerminal: false, columns: 80, color: false };
  const side = { given: new Set([name]), json: true, stderr: terminal, stream: process.stderr };
  await expect(performPpsSizes({ ...flags, ...sweep }, side)).rejects.toThrow(`${flag}: expected`);
});
