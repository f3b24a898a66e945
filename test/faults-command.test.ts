import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { projectRoot, runBin } from './bin.js';

// `faults` as a user types it.

const folder = mkdtempSync(join(tmpdir(), 'sirius-faults-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RUN = [
  '--rate',
  '1k',
  '--acl',
  'none',
  '--quiet',
  '--jobs',
  '1',
  '--results-dir',
  join(folder, 'runs'),
];

test('every line of the longest text fits a terminal of 80 columns; runs last as long as the scenario needs', async () => {
  const { exitCode, stdout, stderr } = await runBin(['faults', 'rolling-upgrade', '--no-chart', ...RUN]);
  expect([exitCode, stderr]).toEqual([0, '']);
  for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  expect(stdout).toContain('faults rolling-upgrade, 1.00 kcps, virtual');
  expect(stdout).toContain(', 12.1 s, profile faults');
  expect(stdout).toContain('connections broken 0 of ');
});

test('--repeat counts seeds up, and each run has its chart', async () => {
  const line = ['faults', 'card1-down', '--repeat', '2', '--at', '10ms', '-d', '100ms', '--json'];
  const { exitCode, stdout } = await runBin([...line, ...RUN]);
  expect(exitCode).toBe(0);
  const { runs } = JSON.parse(stdout) as { runs: { id: string; input: { seed: number } }[] };
  expect(runs.map(({ input }) => input.seed)).toEqual([1, 2]);
  for (const { id } of runs) expect(readdirSync(join(folder, 'runs', id))).toContain('chart.png');
});

test('what show prints is a file to begin with', async () => {
  const { stdout } = await runBin(['faults', 'show', 'link-flap']);
  expect(stdout.trim()).toBe(
    readFileSync(join(projectRoot, 'targets/scenarios/link-flap.yaml'), 'utf8').trim(),
  );
});

test('a first event after the end is the fault of --at', async () => {
  const { exitCode, stderr } = await runBin(['faults', 'card1-down', '-d', '6s', '--at', '9s', ...RUN]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/^error: --at: expected a time before the run ends, at 6\.00 s, got "9s"\n/);
});

test('an event after the end is refused with file and line', async () => {
  const mine = join(folder, 'mine.yaml');
  const { stdout } = await runBin(['faults', 'show', 'tor-down']);
  writeFileSync(mine, stdout);
  const { exitCode, stderr } = await runBin(['faults', mine, '-d', '700ms', ...RUN]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(
    /mine\.yaml:6: at: expected an event before the run ends at 700 ms, got one at 733 ms: "500ms" after the first, which is at 233 ms/,
  );
});
