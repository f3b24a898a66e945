import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseResult } from '../results/result.js';
import { projectRoot, runBin } from './bin.js';

// `sirius-bench cps` as a script and a person at a pipe see it.

const folder = mkdtempSync(join(tmpdir(), 'sirius-cps-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SHORT = [
  'cps',
  '--rate',
  '100k',
  '--duration',
  '2ms',
  '--no-chart',
  '--results-dir',
  join(folder, 'runs'),
];

describe('cps', () => {
  test('--json prints the result that is stored, and nothing else', async () => {
    const { exitCode, stdout, stderr } = await runBin([...SHORT, '--json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const result = parseResult(JSON.parse(stdout), 'stdout');
    expect(result.input).toMatchObject({ rateCps: 100_000, durationNs: 2e6, seed: 1, profile: 'cps' });
    const stored = join(folder, 'runs', result.id);
    expect(JSON.parse(readFileSync(join(stored, 'result.json'), 'utf8'))).toEqual(result);
    expect(readdirSync(stored)).toContain('latency.hlog');
  });

  test('prints a summary for people, and notes on standard error', async () => {
    const { exitCode, stdout, stderr } = await runBin([...SHORT, '--seed', '2']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('SYN to SYN-ACK');
    expect(stdout).toContain('stored in');
    expect(stdout).not.toContain('\u001b');
    expect(stderr).toBe(
      '100 kcps (constant) for 2.00 ms, profile cps, card://pair, 78 W, virtual clock, seed 2\n',
    );
  });

  test('the list of runs has all columns where it is no terminal', async () => {
    const runs = ['results', 'list', '--results-dir', join(folder, 'runs')];
    await runBin([...SHORT, '--seed', '4']);
    const { stdout } = await runBin(runs, { environment: { COLUMNS: '80' } });
    expect(stdout).toMatch(/Z-cps-[0-9a-f]{6} +card:\/\/pair +78 W +virtual +\S+ ms +4 +100 kcps/);
    expect(stdout).not.toContain('no room');
  });

  test('the list of runs takes the newest of a kind', async () => {
    const runs = ['results', 'list', '--results-dir', join(folder, 'runs')];
    const listed = async (...flags: string[]) =>
      JSON.parse((await runBin([...runs, '--json', ...flags])).stdout) as { id: string }[];
    const all = await listed('--kind', 'cps');
    expect(await listed('-n', '1')).toEqual(all.slice(-1));
    expect(await listed('--kind', 'pps')).toEqual([]);
    expect((await runBin([...runs, '-n', '0'])).exitCode).toBe(2);
  });

  test('defaults are no flags: loopback takes them', async () => {
    const { exitCode, stdout } = await runBin([...SHORT, '--target', 'loopback://', '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).input).not.toHaveProperty('powerWatts');
  });

  test('--quiet leaves standard error empty', async () => {
    expect((await runBin([...SHORT, '--seed', '3', '--quiet'])).stderr).toBe('');
  });

  test('a results folder that cannot be is told before the trial', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const { exitCode, stdout, stderr } = await runBin(['cps', '--duration', '1h', '--results-dir', file]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain('error: --results-dir: expected a folder that can be written');
  });

  test('a reader that goes away is no error', async () => {
    const child = spawn(process.execPath, [join(projectRoot, 'bin', 'run.js'), ...SHORT, '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.destroy();
    const exitCode = await new Promise((resolve) => child.on('close', resolve));
    expect(exitCode).toBe(0);
  });

  test.each([
    { name: 'Ctrl-C', signal: 'SIGINT' },
    { name: 'a terminal that is closed', signal: 'SIGHUP' },
  ] as const)('$name keeps what was measured', async ({ signal }) => {
    const runs = join(folder, signal);
    const capture = join(folder, `${signal}.pcapng`);
    const line = ['cps', '--rate', '100k', '--duration', '2m', '--no-chart', '--pcap', capture];
    line.push('--results-dir', runs);
    const child = spawn(process.execPath, [join(projectRoot, 'bin', 'run.js'), ...line], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // The first plain line of progress tells that the trial is under way.
    child.stderr.on('data', (text: Buffer) => {
      if (text.includes('elapsed')) child.kill(signal);
    });
    const exitCode = await new Promise((resolve) => child.on('close', resolve));
    expect(exitCode).toBe(130);
    expect(readdirSync(folder).filter((name) => name.startsWith(`${signal}.pcapng`))).toEqual([
      `${signal}.pcapng`,
    ]);
    const [id = ''] = readdirSync(runs);
    const result = parseResult(JSON.parse(readFileSync(join(runs, id, 'result.json'), 'utf8')), id);
    expect(result.interrupted).toBe(true);
    expect(result.measured.durationNs).toBeLessThan(600e9);
    expect(result.measured.connections.attempted).toBeGreaterThan(0);
  });
});
