import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { packagePath } from '../core/package-path.js';
import { summarize, type TimedReading } from './figure.js';
import { MEASUREMENTS, readMeasurement, selectMeasurements } from './measurement.js';
import { renderReport } from './report.js';
import { type BenchHost, type BenchReport, runRounds } from './rounds.js';
import { bisect } from './wall.js';

const HOST: BenchHost = { cpu: 'cpu', cpuCount: 2, loadAverage: 0, node: 'v20', commit: '', version: '0' };

describe('smoke size', () => {
  test('everything is measured, twice the same', async () => {
    const report = await runRounds({
      measurements: MEASUREMENTS,
      size: 'smoke',
      rounds: 2,
      host: HOST,
      read: (measurement) => readMeasurement(measurement, 'smoke'),
    });
    const names = report.measurements.map(({ name }) => name);
    expect(names).toEqual(MEASUREMENTS.map(({ name }) => name));
    for (const { name, group, figures } of report.measurements) {
      expect(figures.length, name).toBeGreaterThan(0);
      // On a busy machine no wall-clock trial may pass: then the first rate of all is the one that failed.
      const positive = figures.filter(({ min }) => min > 0).map((figure) => figure.name);
      if (group === 'wall') expect(positive, name).not.toEqual([]);
      else expect(positive, name).toEqual(figures.map((figure) => figure.name));
    }
    const text = renderReport(report);
    for (const { figures } of report.measurements)
      for (const { name } of figures) expect(text).toContain(name);
    expect(text).toContain('DIFFERENCES');
    expect(text).toContain('SMOKE SIZE');
    process.stdout.write(`bench, smoke size: deterministic results sha256 ${report.deterministicHash}\n`);
  });

  test.each(MEASUREMENTS.filter(({ group }) => group === 'simulation'))(
    '$name: every packet comes home or is on its way',
    async ({ run }) => {
      const { deterministic } = await run('smoke');
      const { sent, delivered, dropped, inFlight } = deterministic as Record<string, number>;
      expect(dropped).toBe(0);
      expect(sent).toBe((delivered as number) + (inFlight as number));
      expect(deterministic.completed).toBeGreaterThan(1000);
    },
  );
});

describe('the program', () => {
  const script = packagePath('dist', 'bench', 'main.js');
  const run = (...parameters: string[]) => {
    if (!existsSync(script))
      throw new Error('dist/ is not built: use `npm test`, or `npm run build` before vitest');
    return promisify(execFile)(process.execPath, [script, ...parameters]);
  };

  test('--json prints one object, from fresh processes', async () => {
    const { stdout } = await run('--smoke', '--json', '--only', 'simulation:loopback', '--rounds', '2');
    const report = JSON.parse(stdout) as BenchReport;
    expect(report).toMatchObject({ schema: 'sirius-bench.bench/1', size: 'smoke', rounds: 2 });
    expect(report.deterministicHash).toMatch(/^[0-9a-f]{64}$/);
    expect(report.measurements.map(({ name }) => name)).toEqual(['simulation:loopback']);
    expect(report.measurements[0]?.figures[0]?.rounds).toHaveLength(2);
  });

  test.each([
    [['--only', 'simulatoin'], '--only: expected a group', 'Did you mean simulation?'],
    [['--rounds', '0'], '--rounds: expected a whole number', 'Leave it out'],
    [['--fast'], '--fast', '--help'],
  ])('refuses %s', async (parameters, message, hint) => {
    const error = await run(...parameters).catch((reason) => reason);
    expect(error.code).toBe(2);
    expect(error.stderr).toContain(message);
    expect(error.stderr).toContain(hint);
    expect(error.stdout).toBe('');
  });
});

describe('selectMeasurements', () => {
  test.each([
    [[], MEASUREMENTS.length],
    [['acl'], 4],
    [['acl:random'], 1],
    [['acl', 'acl:random', 'memory'], 6],
  ])('%s: %d', (names, count) => {
    expect(selectMeasurements(names)).toHaveLength(count);
  });
});

describe('summarize', () => {
  test.each([
    [[5], { median: 5, min: 5, max: 5 }],
    [[9, 1, 5], { median: 5, min: 1, max: 9 }],
    [[10, 9, 100, 2], { median: 9.5, min: 2, max: 100 }],
  ])('%j', (rounds, expected) => {
    expect(summarize({ name: 'x', unit: 'ns' }, rounds)).toMatchObject({ ...expected, rounds });
  });
});

describe('rounds', () => {
  const reading = (value: number, result = 1): TimedReading => ({
    figures: [{ name: 'time per packet', unit: 'ns', value }],
    deterministic: { result },
    cpuShare: 1,
  });
  const [first, second] = MEASUREMENTS;
  const measurements = [first, second].flatMap((measurement) => measurement ?? []);
  const options = { measurements, size: 'smoke' as const, host: HOST };

  test('every other round is reversed, and stages are differences within a round', async () => {
    const order: string[] = [];
    const times = [100, 150, 190, 110, 120, 160];
    const { stages } = await runRounds({
      ...options,
      rounds: 3,
      read: async ({ name }) => {
        order.push(name);
        return reading(times[order.length - 1] as number);
      },
    });
    const [a, b] = measurements.map(({ name }) => name);
    expect(order).toEqual([a, b, b, a, a, b]);
    expect(stages.map(({ nsPerPacket }) => nsPerPacket.rounds)).toEqual([
      [100, 110, 120],
      [50, 80, 40],
    ]);
  });

  test('a result that differs between rounds is an error', async () => {
    const rounds = runRounds({ ...options, rounds: 2, read: async (_, round) => reading(1, round) });
    await expect(rounds).rejects.toThrow('expected equal results');
  });
});

describe('bisect', () => {
  const search = { first: 100, highest: 12_800, boundsRatioMax: 1.02 };

  test.each([100, 101, 150, 777, 1600, 12_799])('finds a limit of %d', async (limit) => {
    const { lower, upper } = await bisect(search, async (value) => value <= limit);
    expect(lower).toBeLessThanOrEqual(limit);
    expect(upper).toBeGreaterThan(limit);
    expect(upper / lower).toBeLessThanOrEqual(1.02);
  });

  test.each([
    [99, { lower: 0, upper: 100 }],
    [12_800, { lower: 12_800, upper: Number.POSITIVE_INFINITY }],
  ])('a limit of %d is beyond its range', async (limit, bounds) => {
    expect(await bisect(search, async (value) => value <= limit)).toEqual(bounds);
  });
});
