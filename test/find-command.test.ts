import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { projectRoot, runBin } from './bin.js';

// A search that a person ends with Ctrl-C and starts again.

const folder = mkdtempSync(join(tmpdir(), 'sirius-find-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const model = join(folder, 'small.yaml');
// Large enough for a search to last several seconds: progress, at which it is ended, comes once a second.
const whole = readFileSync(join(projectRoot, 'sirius-card/models/dsc-200.yaml'), 'utf8');
writeFileSync(model, whole.replace(/flowRecords: \{ value: 64000000/, 'flowRecords: { value: 400000'));

const line = (runs: string) => [
  ...['find', 'concurrency', '--model', model, '--acl', 'none', '--loss', '0,1%'],
  ...['--width', '1%', '--jobs', '1', '--results-dir', join(folder, runs)],
];

/** The report without what tells one run from another. */
function comparable(stdout: string): unknown {
  return JSON.parse(stdout, (key, value) => (key === 'runId' ? undefined : value));
}

/** Ends the search at the first line of progress, of one a second, that tells of its third trial or a later one. */
async function interruptedSearch(runs: string): Promise<unknown> {
  const child = spawn(process.execPath, [join(projectRoot, 'bin', 'run.js'), ...line(runs)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let isTold = false;
  child.stderr.on('data', (text: Buffer) => {
    if (isTold || !/trial (?:[3-9]|\d\d) /.test(text.toString())) return;
    isTold = true;
    child.kill('SIGINT');
  });
  return new Promise((resolve) => child.on('close', resolve));
}

test('Ctrl-C ends a search with 130; the same command goes on and finds what an undisturbed one finds', async () => {
  expect(await interruptedSearch('ended')).toBe(130);
  const keptRuns = readdirSync(join(folder, 'ended'));
  expect(keptRuns.length).toBeGreaterThanOrEqual(2);
  const resumed = await runBin([...line('ended'), '--json', '--quiet']);
  const undisturbed = await runBin([...line('undisturbed'), '--json', '--quiet']);
  expect([resumed.exitCode, undisturbed.exitCode]).toEqual([0, 0]);
  expect(comparable(resumed.stdout)).toEqual(comparable(undisturbed.stdout));
  const trialCount = readdirSync(join(folder, 'undisturbed')).length;
  expect(trialCount).toBeGreaterThan(keptRuns.length);
  expect(readdirSync(join(folder, 'ended'))).toHaveLength(trialCount);
});
