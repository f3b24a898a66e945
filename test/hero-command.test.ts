import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { HeroReport } from '../cli/experiments/hero.js';
import { runBin } from './bin.js';

const cwd = mkdtempSync(join(tmpdir(), 'sirius-hero-command-'));
afterAll(() => rmSync(cwd, { recursive: true }));

const SHORT = ['hero', '--scale', '1ip', '--acl', 'none', '-d', '2ms', '-q'];

test('prints the criteria and the limits at 80 columns, and writes chart and data', async () => {
  const { exitCode, stdout } = await runBin([...SHORT, '--rate', '1M', '--step-duration', '1ms'], { cwd });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^hero 1ip: PASS\none ENI/);
  expect(stdout).toMatch(/packets dropped +0 +pass +0\n/);
  expect(stdout).toMatch(/zero loss +up to [\d.]+ Mcps/);
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  for (const name of [
    'hero-1ip.png',
    'hero-1ip.svg',
    'hero-1ip.csv',
    'hero-1ip.json',
    'hero-1ip-report.json',
  ])
    expect(existsSync(join(cwd, 'hero', name)), name).toBe(true);
});

test('prints one object with --json, which is the report that it writes', async () => {
  const { stdout } = await runBin([...SHORT, '--rate', '500k', '--no-characterise', '--json'], { cwd });
  const { files, ...report } = JSON.parse(stdout) as HeroReport;
  expect(report).toMatchObject({ kind: 'hero', scale: '1ip', verdict: 'valid', isMet: true });
  expect(report.notes).toEqual([]);
  expect(report.characterisation).toBeUndefined();
  expect(files).toEqual(['hero/hero-1ip-report.json']);
  expect(JSON.parse(readFileSync(join(cwd, 'hero', 'hero-1ip-report.json'), 'utf8'))).toEqual(report);
});

test('a stored trial is shown with its background and the end of its tables', async () => {
  const list = await runBin(['results', 'list', '--json'], { cwd });
  expect(list.exitCode).toBe(0);
  const [id] = /\d{8}T\d{6}Z-hero-[0-9a-f]{6}/.exec(list.stdout) ?? [''];
  const { stdout } = await runBin(['results', 'show', id], { cwd });
  expect(stdout).toContain('ageing (virtual)');
  expect(stdout).toMatch(/empty after +\d/);
});

test.each([
  [['--target', 'loopback://'], '--target: expected a target with flow tables'],
  [['--rate', '3Mpps'], '--rate: expected a rate above zero such as 3Mcps, got "3Mpps"'],
  [['--no-characterise', '--step-duration', '1ms'], '--step-duration: expected a characterisation'],
  [['--no-characterise', '-j', '2'], '--jobs: expected a characterisation'],
  [['--no-characterise', '--no-chart'], '--no-chart: expected a characterisation'],
  [['--packet-size', '1500'], '--packet-size: expected a --scale with a background'],
])('%j is refused before anything runs', async (flags, message) => {
  const { exitCode, stderr } = await runBin([...SHORT, ...flags], { cwd });
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
});
