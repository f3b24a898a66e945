import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { powerTrials } from '../cli/experiments/power.js';
import { prepareTrial } from '../cli/sweep/trial-spec.js';
import { packagePath } from '../core/package-path.js';
import { exampleResult } from '../results/fixture.js';
import { loadModel } from '../sirius-card/model.js';
import { runBin } from './bin.js';

// A card model is data: a user copies the file of dsc-200, adds a state, and gives the path.

const folder = mkdtempSync(join(tmpdir(), 'sirius-user-model-'));
afterAll(() => rmSync(folder, { recursive: true }));

const builtIn = readFileSync(packagePath('sirius-card', 'models', 'dsc-200.yaml'), 'utf8');
const NEW_STATE = `  - watts: { value: 40, provenance: assumed, source: "a state of my own" }
    mpuClockGhz: { value: 0.75, provenance: assumed, source: "half the clock" }
    armServiceScale: { value: 2, provenance: assumed, source: "half the speed" }

network:`;

function modelFile(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const mine = modelFile('mine.yaml', builtIn.replace('\nnetwork:', NEW_STATE));
const lineOf = (text: string, part: string) => text.split('\n').findIndex((line) => line.includes(part)) + 1;

describe("a user's file that adds a state", () => {
  test('is compared with the others', async () => {
    const flags = {
      ...{ rate: '100k', 'latency-rate': '50k', duration: '5ms', model: mine },
      ...{ fresh: false, 'results-dir': 'unused', quiet: true },
    };
    const pool = {
      run: async (spec: Parameters<typeof prepareTrial>[0]) => {
        prepareTrial(spec);
        return exampleResult();
      },
    };
    const states = await powerTrials(pool, flags, loadModel(mine), 1);
    expect(states.map(({ watts }) => watts)).toEqual([78, 68, 52, 40]);
  });

  test('is told with its origins', async () => {
    const { exitCode, stdout } = await runBin(['power', 'show', '--model', mine], {
      environment: { COLUMNS: '80' },
    });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/40 W +watts +40 +assumed +a state of my own/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('is driven in it, and is slower', async () => {
    const p50 = async (power: string) => {
      const line = ['cps', '-r', '100k', '-d', '5ms', '--model', mine, '--power', power, '--json', '-q'];
      const { stdout } = await runBin([...line, '--no-chart', '--results-dir', join(folder, 'runs')]);
      return JSON.parse(stdout).measured.latencyNs.synToSynAck.p50;
    };
    expect(await p50('40W')).toBeGreaterThan(await p50('78W'));
  });
});

describe('a wrong file is refused with its line', () => {
  const missing = builtIn.replace(/ {4}armServiceScale: \{ value: 1, .*\n/, '');
  const mistyped = builtIn.replace('mpuClockGhz: { value: 1.35,', 'mpuClockGhz: { value: fast,');
  const unknownOrigin = builtIn.replace(
    'watts: { value: 68, provenance: paper',
    'watts: { value: 68, provenance: rumour',
  );
  test.each([
    ['a missing field', missing, lineOf(missing, '- watts: { value: 78'), ['armServiceScale']],
    ['a mistyped field', mistyped, lineOf(mistyped, 'value: fast'), ['number', 'fast']],
    ['an unknown origin', unknownOrigin, lineOf(unknownOrigin, 'rumour'), ['assumed', 'rumour']],
  ])('%s', async (_what, text, line, words) => {
    expect(text).not.toBe(builtIn);
    const path = modelFile('wrong.yaml', text);
    for (const command of [['power', 'show'], ['power'], ['latency'], ['cps']]) {
      const { exitCode, stdout, stderr } = await runBin([...command, '--model', path]);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(new RegExp(`wrong\\.yaml:${line}\\b.*expected .*, got `));
      for (const word of words) expect(stderr).toContain(word);
    }
  });

  test('a state that it lacks, with the list of those that it has', async () => {
    const { exitCode, stderr } = await runBin(['latency', '--model', mine, '--power', '60W']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('(78W, 68W, 52W, 40W), got 60W');
  });
});
