import { EventEmitter } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { exampleResult } from '../results/fixture.js';
import { exitCodeOf } from './exit-code.js';
import { type RecordedTrialOptions, runRecordedTrial } from './recorded-trial.js';

const folder = mkdtempSync(join(tmpdir(), 'sirius-recorded-'));
afterAll(() => rmSync(folder, { recursive: true }));

let folderCount = 0;

function setUp(change: Partial<RecordedTrialOptions> = {}) {
  const source = new EventEmitter();
  const events: string[] = [];
  const options: RecordedTrialOptions = {
    perform: async () => ({ result: exampleResult() }),
    resultsFolder: join(folder, `runs-${folderCount++}`),
    chart: false,
    partFiles: [],
    progress: { update: () => events.push('update'), finish: () => events.push('finish') },
    note: (text) => events.push(text),
    interrupts: {
      source: source as unknown as Pick<NodeJS.Process, 'on' | 'off'>,
      exit: (code) => events.push(`exit ${code}`),
    },
    ...change,
  };
  return { source, events, options };
}

describe('runRecordedTrial', () => {
  test('stores what was measured', async () => {
    const { options, events } = setUp();
    const { result, folder: stored, exitCode } = await runRecordedTrial(options);
    expect(exitCode).toBe(0);
    expect(stored).toBe(join(options.resultsFolder, result.id));
    expect(readdirSync(stored).sort()).toEqual(['latency.hlog', 'result.json']);
    expect(readFileSync(join(stored, 'latency.hlog'), 'utf8')).toContain('Tag=scheduleLag,');
    expect(events).toEqual(['finish']);
  });

  test('draws a chart when asked', async () => {
    const { options } = setUp({ chart: true });
    expect(readdirSync((await runRecordedTrial(options)).folder)).toContain('chart.png');
  });

  test('a signal ends the trial, which is stored as interrupted', async () => {
    const { options, source } = setUp();
    options.perform = async ({ signal }) => {
      source.emit('SIGINT');
      return { result: { ...exampleResult(), interrupted: signal.aborted } };
    };
    const { exitCode, folder: stored } = await runRecordedTrial(options);
    expect(exitCode).toBe(130);
    expect(readdirSync(stored)).toContain('result.json');
    expect(source.listenerCount('SIGINT')).toBe(0);
  });

  test('a trial that fails takes its progress away and stores nothing', async () => {
    const { options, events, source } = setUp({ perform: () => Promise.reject(new Error('broken')) });
    await expect(runRecordedTrial(options)).rejects.toThrowError('broken');
    expect(events).toEqual(['finish']);
    expect(readdirSync(options.resultsFolder)).toEqual([]);
    expect(source.listenerCount('SIGTERM')).toBe(0);
  });

  test('a folder that cannot be one is refused before the trial', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    let performed = false;
    const { options } = setUp({
      resultsFolder: file,
      perform: async () => {
        performed = true;
        return { result: exampleResult() };
      },
    });
    await expect(runRecordedTrial(options)).rejects.toMatchObject({
      code: 'results-unwritable',
      exitCode: 1,
    });
    expect(performed).toBe(false);
  });
});

test.each([
  [{ interrupted: false, verdict: 'valid' }, 0],
  [{ interrupted: false, verdict: 'invalid' }, 4],
  [{ interrupted: true, verdict: 'valid' }, 130],
  [{ interrupted: true, verdict: 'invalid' }, 130],
] as const)('%j exits with %i', (result, exitCode) => {
  expect(exitCodeOf(result)).toBe(exitCode);
});
