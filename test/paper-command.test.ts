import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { programOf } from '../cli/host.js';
import { projectRoot } from './bin.js';

// A report that a person ends with Ctrl-C and starts again.

const folder = mkdtempSync(join(tmpdir(), 'sirius-paper-command-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const runs = join(folder, 'runs');
const out = join(folder, 'paper');

/** Ends it at the first line of progress that tells of what is waited for. */
async function interruptedAt(
  line: RegExp,
): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const child = spawn(
    process.execPath,
    [
      join(projectRoot, 'bin', 'run.js'),
      'paper',
      '--quick',
      '--jobs',
      '1',
      '--out',
      out,
      '--results-dir',
      runs,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => {
    stdout += text.toString();
  });
  child.stderr.on('data', (text: Buffer) => {
    const isEnding = line.test(stderr);
    stderr += text.toString();
    if (!isEnding && line.test(stderr)) child.kill('SIGINT');
  });
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exitCode, stdout, stderr };
}

test('Ctrl-C ends the report with 130, every trial that ended kept and no file half there; the same command goes on', async () => {
  const first = await interruptedAt(/^[1-9]\d* of \d+ trials/m);
  expect(first.exitCode).toBe(130);
  expect(first.stdout).toBe('');
  expect(first.stderr).toContain('the same command, without --fresh, goes on from there');
  expect(readdirSync(out)).toEqual([]);
  const kept = readdirSync(runs).length;
  expect(kept).toBeGreaterThan(0);
  expect(readdirSync(runs).every((run) => existsSync(join(runs, run, 'result.json')))).toBe(true);
  // Whether those of a program with uncommitted changes are taken hangs on when it was built.
  const found = programOf().commit.endsWith('-dirty') ? '(?: \\(\\d+ found\\))?' : ` \\(${kept} found\\)`;
  const second = await interruptedAt(new RegExp(`^\\d+ of \\d+ trials${found}, `, 'm'));
  expect(second.exitCode).toBe(130);
  expect(second.stderr).toMatch(new RegExp(`of \\d+ trials${found}`));
});
