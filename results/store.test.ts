import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExitCode, SiriusError } from '../core/errors.js';
import { exampleLatency, exampleMeasured, exampleResult } from './fixture.js';
import { sealMeasured } from './measured-hash.js';
import type { Result } from './result.js';
import { newRunId } from './run-id.js';
import { createStore, type RunChoice } from './store.js';

let rootFolder: string;

beforeEach(() => {
  rootFolder = mkdtempSync(join(tmpdir(), 'sirius-store-'));
});

afterEach(() => {
  rmSync(rootFolder, { recursive: true, force: true });
});

describe('save', () => {
  test('keeps the result and its files in one folder and leaves nothing else', () => {
    const result = exampleResult();
    const store = createStore(join(rootFolder, 'results/runs'));
    const folder = store.save(result, { 'latency.hlog': '#', 'chart.png': Uint8Array.of(1, 2) });
    expect(folder).toBe(store.folderOf(result.id));
    expect(readdirSync(folder).sort()).toEqual(['chart.png', 'latency.hlog', 'result.json']);
    expect(JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'))).toEqual(result);
    expect([...readFileSync(join(folder, 'chart.png'))]).toEqual([1, 2]);
    expect(readdirSync(store.rootFolder)).toEqual([result.id]);
  });

  test('the same run again, within the second, is laid over the kept one file by file', () => {
    const store = createStore(rootFolder);
    const { host } = exampleResult();
    store.save(exampleResult(), { chart: 'kept', log: 'old' });
    const folder = store.save(exampleResult({ host: { ...host, version: '9.9.9' } }), { log: 'new' });
    expect(readdirSync(folder).sort()).toEqual(['chart', 'log', 'result.json']);
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('new');
    expect(store.load(exampleResult().id).host.version).toBe('9.9.9');
    expect(readdirSync(rootFolder)).toEqual([exampleResult().id]);
  });

  test('the kept run is listed at every moment, also when saving it again ends halfway', () => {
    const store = createStore(rootFolder);
    const folder = store.save(exampleResult());
    // A file cannot take the place of a folder: what is done before and after it is what a kill would leave.
    mkdirSync(join(folder, 'log'));
    expect(failure(() => store.save(exampleResult(), { log: '' })).code).toBe('results-unwritable');
    expect(store.load(exampleResult().id)).toEqual(exampleResult());
    expect(readdirSync(rootFolder)).toEqual([exampleResult().id]);
  });

  test('equal figures of other inputs, within the second, are another run', () => {
    const store = createStore(rootFolder);
    const other = runAt('20261122T213000Z', 0, '6'.repeat(64));
    expect(other.measured.hash).toBe(exampleResult().measured.hash);
    for (const result of [exampleResult(), other]) store.save(result);
    expect(store.list()).toHaveLength(2);
    expect(store.load(other.id).inputHash).toBe(other.inputHash);
  });

  test('other inputs under a taken id are refused', () => {
    const store = createStore(rootFolder);
    store.save(exampleResult());
    const other = exampleResult({ inputHash: '6'.repeat(64) });
    expect(failure(() => store.save(other))).toMatchObject({ code: 'run-exists' });
    expect(store.load(other.id)).toEqual(exampleResult());
  });

  test('other figures under a taken id are refused and the kept run stays', () => {
    const store = createStore(rootFolder);
    store.save(exampleResult());
    const other: Result = { ...runAt('20261122T213000Z', 1), id: exampleResult().id };
    expect(failure(() => store.save(other))).toMatchObject({ code: 'run-exists', exitCode: ExitCode.failed });
    expect(store.load(exampleResult().id)).toEqual(exampleResult());
    expect(readdirSync(rootFolder)).toEqual([exampleResult().id]);
  });

  test('a file that cannot be written leaves nothing behind', () => {
    const store = createStore(rootFolder);
    const error = failure(() => store.save(exampleResult(), { ['x'.repeat(300)]: '' }));
    expect(error).toMatchObject({ code: 'results-unwritable', exitCode: ExitCode.failed });
    expect(readdirSync(rootFolder)).toEqual([]);
  });

  test('a folder that cannot be made names itself and the flag', () => {
    writeFileSync(join(rootFolder, 'file'), '');
    const error = failure(() => createStore(join(rootFolder, 'file/runs')).save(exampleResult()));
    expect(error.exitCode).toBe(ExitCode.failed);
    expect(error.message).toContain('file/runs: expected a folder that can be written, got ENOTDIR');
    expect(error.hint).toContain('--results-dir');
  });

  test.each(['result.json', '../outside', 'a/b'])('"%s" is no name for a file beside the result', (name) => {
    expect(() => createStore(rootFolder).save(exampleResult(), { [name]: '' })).toThrow();
    expect(readdirSync(rootFolder)).toEqual([]);
  });
});

describe('list', () => {
  test('is empty where nothing was ever saved', () => {
    expect(createStore(join(rootFolder, 'none')).list()).toEqual([]);
  });

  test('is sorted by time, and passes over parts of saves under way', () => {
    const store = createStore(rootFolder);
    for (const stamp of ['20261124T000000Z', '20261122T000000Z', '20261123T000000Z'])
      store.save(runAt(stamp));
    mkdirSync(join(rootFolder, '.20261125T000000Z-cps-000000.part-1'));
    const runs = store.list();
    expect(runs.map(({ id }) => id.slice(0, 8))).toEqual(['20261122', '20261123', '20261124']);
    expect(runs[0]).toMatchObject({
      state: 'ok',
      kind: 'cps',
      verdict: 'valid',
      provenance: 'virtual',
      offered: 3e6,
      unit: 'cps',
    });
  });

  const broken: [name: string, spoil: (file: string) => void, problem: string][] = [
    ['no result', (file) => rmSync(file), 'ENOENT'],
    ['half a result', (file) => writeFileSync(file, '{"schema":'), 'JSON'],
    ['another thing', (file) => writeFileSync(file, '{}'), 'schema'],
    ['figures that were changed', (file) => edit(file, '"sent": 36000480', '"sent": 36000481'), 'hash'],
    ['the id of another run', (file) => edit(file, '20261122T213000Z', '20261122T213001Z'), 'id'],
  ];
  test.each(broken)('reports a folder with %s, and lists the others', (_, spoil, problem) => {
    const store = createStore(rootFolder);
    const folder = store.save(exampleResult());
    store.save(runAt('20261123T000000Z'));
    spoil(join(folder, 'result.json'));
    const [first, second] = store.list();
    expect(first).toMatchObject({ state: 'broken', id: exampleResult().id });
    expect(first?.state === 'broken' && first.problem).toContain(problem);
    expect(second?.state).toBe('ok');
    expect(failure(() => store.load(exampleResult().id)).exitCode).toBe(ExitCode.usage);
  });
});

describe('a listed run', () => {
  test('tells target, power and clock', () => {
    const store = createStore(rootFolder);
    store.save(exampleResult());
    expect(store.list()).toMatchObject([{ target: 'card://pair', powerWatts: 78, clock: 'virtual' }]);
  });

  test('has no latency where nothing was answered, and no power without a card', () => {
    const result = exampleResult({ input: { clock: 'virtual', seed: 1, target: 'loopback://' } });
    const { hash: _hash, ...measured } = result.measured;
    const synToSynAck = exampleLatency({ count: 0, floorNs: 0, scaleNs: 0 });
    const sealed = sealMeasured({ ...measured, latencyNs: { ...measured.latencyNs, synToSynAck } });
    const store = createStore(rootFolder);
    store.save({ ...result, measured: sealed });
    const [run] = store.list();
    expect(run).toMatchObject({ state: 'ok', target: 'loopback://' });
    expect(run).not.toHaveProperty('latencyNsP99');
    expect(run).not.toHaveProperty('powerWatts');
  });
});

describe('a choice of runs', () => {
  test.each<[string, RunChoice, string[]]>([
    ['all', {}, ['20261121', '20261122', '20261123', '20261124']],
    ['of a kind', { kind: 'cps' }, ['20261121', '20261122', '20261124']],
    ['the newest', { limit: 2 }, ['20261123', '20261124']],
    ['the newest of a kind', { kind: 'cps', limit: 2 }, ['20261122', '20261124']],
    ['more than there are', { limit: 9, kind: 'pps' }, ['20261123']],
    ['of a kind that there is not', { kind: 'hero' }, []],
  ])('%s', (_name, choice, days) => {
    const store = createStore(rootFolder);
    for (const day of ['24', '22', '21']) store.save(runAt(`202611${day}T000000Z`));
    const { id, ...run } = runAt('20261123T000000Z');
    store.save({ ...run, id: id.replace('-cps-', '-pps-'), kind: 'pps' });
    expect(store.list(choice).map(({ id }) => id.slice(0, 8))).toEqual(days);
  });

  test('has duration and seed', () => {
    const store = createStore(rootFolder);
    store.save(exampleResult());
    expect(store.list()).toMatchObject([{ durationNs: 2e9, seed: 1 }]);
  });
});

describe('load', () => {
  test.each(['20261122T213000Z-cps-', '20261122T2130', '20261122'])(
    'takes the start of an id: %s',
    (prefix) => {
      const store = createStore(rootFolder);
      store.save(exampleResult());
      store.save(runAt('20261123T000000Z'));
      expect(store.load(prefix)).toEqual(exampleResult());
    },
  );

  test('an unknown id lists the newest runs', () => {
    const store = createStore(rootFolder);
    store.save(runAt('20261122T000000Z'));
    store.save(runAt('20261123T000000Z'));
    const error = failure(() => store.load('2025'));
    expect(error).toMatchObject({ code: 'run-unknown', exitCode: ExitCode.usage });
    expect(error.message).toContain('got "2025"');
    expect(error.hint).toMatch(/the newest are: 20261123T.*, 20261122T/);
  });

  test('takes a part of an id that is not its start, where one run holds it', () => {
    const store = createStore(rootFolder);
    const { id } = runAt('20261122T000000Z');
    store.save(runAt('20261122T000000Z'));
    store.save(runAt('20261123T000000Z', 5));
    expect(store.load(id.slice(-6)).id).toBe(id);
    expect(store.load('22T00').id).toBe(id);
    expect(failure(() => store.load('T000000Z')).message).toContain('which 2 runs hold');
  });

  test('a mistyped id is answered with the nearest', () => {
    const store = createStore(rootFolder);
    const { id } = exampleResult();
    store.save(exampleResult());
    store.save(runAt('20270101T000000Z', 5));
    expect(failure(() => store.load(id.replace('T2130', 'T2103'))).hint).toBe(`did you mean ${id}?`);
  });

  test('an ambiguous start lists the runs it fits', () => {
    const store = createStore(rootFolder);
    store.save(runAt('20261122T000000Z'));
    store.save(runAt('20261123T000000Z'));
    const error = failure(() => store.load('2026112'));
    expect(error).toMatchObject({ code: 'run-ambiguous', exitCode: ExitCode.usage });
    expect(error.message).toContain('which 2 runs start with');
    expect(error.hint).toContain('20261122T000000Z-cps');
  });

  test.each(['', 'x'])('where there are no runs, "%s" says how to make one', (id) => {
    expect(failure(() => createStore(rootFolder).load(id)).hint).toContain('sirius-bench cps');
  });
});

/** A run of another time or other inputs, with other figures where `extraUnsent` is given. */
function runAt(stamp: string, extraUnsent = 0, inputHash = exampleResult().inputHash): Result {
  const { hash: _, ...figures } = exampleMeasured();
  const generator = { ...figures.generator, unsent: extraUnsent };
  const measured = sealMeasured({ ...figures, generator });
  const id = newRunId({ stamp, kind: 'cps', inputHash, measuredHash: measured.hash });
  return { ...exampleResult({ inputHash }), id, measured };
}

function edit(file: string, from: string, to: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
}

function failure(action: () => unknown): SiriusError {
  try {
    action();
  } catch (error) {
    if (error instanceof SiriusError) return error;
    throw error;
  }
  throw new Error('expected a SiriusError');
}
