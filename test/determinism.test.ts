import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { buildCpsOptions, type CpsFlags } from '../cli/cps-options.js';
import { measure } from '../cli/measure.js';
import { SeriesRecorder } from '../cli/series.js';
import { buildTrialBed, meterOf } from '../cli/trial-bed.js';
import { loadDataPlane } from '../core/dataplane-module.js';
import { packagePath } from '../core/package-path.js';
import { picoseconds } from '../core/testbed.js';
import { DEFAULT_FLAGS, measureTrial, QUIET_HOOKS } from './trials.js';

// Same seed, same bytes: between runs, builds and machines (the golden files were written on another one).

const SMALL: Partial<CpsFlags> = { rate: '3M', duration: '10ms', profile: 'cps-poisson', acl: 'table4' };

const folder = mkdtempSync(join(tmpdir(), 'sirius-determinism-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('measured', () => {
  test.each(['1', '2', '3'])('of seed %s is what it was', async (seed) => {
    const measured = await measureTrial({ ...SMALL, seed });
    await expect(`${JSON.stringify(measured, undefined, 1)}\n`).toMatchFileSnapshot(
      `golden/measured-seed-${seed}.json`,
    );
  });

  test('is the same twice, and differs for another seed', async () => {
    const [first, again, other] = [
      await measureTrial(SMALL),
      await measureTrial(SMALL),
      await measureTrial({ ...SMALL, seed: '9' }),
    ];
    expect(again.hash).toBe(first.hash);
    expect(other.hash).not.toBe(first.hash);
  });

  test.each([
    ['as it ships', (text: string) => text],
    // Records age within the run.
    [
      'with short lives',
      (text: string) => withValue(withValue(text, 'closedLingerMs', 3), 'sweepPeriodMs', 2),
    ],
  ])(
    'of the model %s does not depend on the build, nor on where the run is cut into slices',
    async (_case, change) => {
      const model = join(folder, 'model.yaml');
      writeFileSync(model, change(readFileSync(packagePath('sirius-card/models/dsc-200.yaml'), 'utf8')));
      const options = buildCpsOptions({ ...DEFAULT_FLAGS, ...SMALL, model });
      const run = async (build: 'release' | 'debug', sliceNs: number) => {
        const bed = await buildTrialBed(loadDataPlane({ build }), options, QUIET_HOOKS);
        const series = new SeriesRecorder(meterOf(bed), options);
        for (let ns = sliceNs; ns < options.durationNs; ns += sliceNs)
          bed.testbed.exports.engineRun(picoseconds(ns));
        bed.testbed.exports.engineRun(picoseconds(options.durationNs));
        return measure(bed, options, { series: series.finish(options.durationNs), ranNs: options.durationNs })
          .hash;
      };
      const whole = await run('release', options.durationNs);
      expect(await run('debug', options.durationNs)).toBe(whole);
      expect(await run('release', 777)).toBe(whole);
      expect(await run('release', 333_333)).toBe(whole);
    },
  );
});

function withValue(text: string, key: string, value: number): string {
  const changed = text.replace(new RegExp(`(${key}:\\s*\\{\\s*value: )\\d+`), `$1${value}`);
  expect(changed).not.toBe(text);
  return changed;
}
