import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createStore, type Store } from '../../results/store.js';
import { createTrialPool, type PoolProgress, type TrialPoolOptions } from './trial-pool.js';
import type { TrialSpec } from './trial-spec.js';

const BUILD = 'a'.repeat(64);

const specs: TrialSpec[] = ['200k', '1M', '3M', '4M'].map((rate, index) => ({
  command: 'cps',
  flags: { rate, duration: '4ms', seed: String(index), acl: 'none' },
}));

let folder = '';
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sirius-sweep-'));
  store = createStore(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function pool(options: Partial<TrialPoolOptions> = {}) {
  return createTrialPool({
    jobs: 2,
    store,
    fresh: false,
    signal: new AbortController().signal,
    onProgress: () => {},
    program: { build: BUILD },
    ...options,
  });
}

/** As if that program had run the trial. */
async function runAs(program: { build: string }, spec: TrialSpec) {
  const result = await pool().run(spec);
  store.save({ ...result, host: { ...result.host, ...program } });
  return result;
}

describe('a pool of trials', () => {
  test('measures the same side by side as one after another', async () => {
    const serial = pool({ jobs: 1, fresh: true });
    const one = await Promise.all(specs.map((spec) => serial.run(spec)));
    const parallel = pool({ jobs: 3, fresh: true });
    const many = await Promise.all(specs.map((spec) => parallel.run(spec)));
    expect(many.map(({ measured }) => measured)).toEqual(one.map(({ measured }) => measured));
    expect(new Set(many.map(({ measured }) => measured.hash)).size).toBe(specs.length);
  });

  test('a trial of which others depend goes before those that wait', async () => {
    const trials = pool({ jobs: 1 });
    const ended: number[] = [];
    const start = (spec: TrialSpec, place: number, isNext = false) =>
      trials.run(spec, { isNext }).then(() => ended.push(place));
    await Promise.all(specs.map((spec, place) => start(spec, place, place === specs.length - 1)));
    expect(ended).toEqual([0, 3, 1, 2]);
  });

  test('stores each trial as it ends, and finds it again', async () => {
    const seen: PoolProgress[] = [];
    const [spec] = specs as [TrialSpec];
    const first = await runAs({ build: BUILD }, spec);
    expect(store.list()).toMatchObject([{ id: first.id, state: 'ok' }]);
    const again = await pool({ onProgress: (progress) => seen.push(progress) }).run(spec);
    expect(again.id).toBe(first.id);
    expect(seen.at(-1)).toMatchObject({ asked: 1, ended: 1, found: 1, ratio: 1 });
    expect(store.list()).toHaveLength(1);
  });

  test("stores the generator's own lag beside the latencies", async () => {
    const { id } = await pool().run(specs[0] as TrialSpec);
    expect(readFileSync(join(store.folderOf(id), 'latency.hlog'), 'utf8')).toContain('Tag=scheduleLag,');
  });

  test('runs a trial that is asked for twice once', async () => {
    const trials = pool();
    const [spec] = specs as [TrialSpec];
    const [one, other] = await Promise.all([trials.run(spec), trials.run({ ...spec })]);
    expect(other).toBe(one);
    expect(store.list()).toHaveLength(1);
  });

  test.each([
    ['another program', { program: { build: 'b'.repeat(64) } }],
    ['--fresh', { fresh: true }],
  ])('runs it again for %s', async (_case, options) => {
    const seen: PoolProgress[] = [];
    const [spec] = specs as [TrialSpec];
    await runAs({ build: BUILD }, spec);
    await pool({ ...options, onProgress: (progress) => seen.push(progress) }).run(spec);
    expect(seen.at(-1)).toMatchObject({ ended: 1, found: 0 });
  });

  test('ends at a signal: what ended is kept, what did not is refused', async () => {
    const interrupt = new AbortController();
    const trials = pool({ jobs: 1, signal: interrupt.signal });
    const outcomes = specs.map((spec) => trials.run(spec));
    const first = await (outcomes[0] as Promise<unknown>);
    interrupt.abort();
    const rest = await Promise.allSettled(outcomes.slice(1));
    expect(rest.map((outcome) => outcome.status === 'rejected' && outcome.reason.code)).toEqual(
      specs.slice(1).map(() => 'interrupted'),
    );
    expect(store.list()).toMatchObject([{ id: (first as { id: string }).id }]);
  });

  test('ends a trial that has measured nothing yet', async () => {
    const interrupt = new AbortController();
    const trials = pool({ signal: interrupt.signal });
    const outcomes = specs.map((spec) => trials.run(spec));
    interrupt.abort();
    const ended = await Promise.allSettled(outcomes);
    expect(ended).toMatchObject(
      specs.map(() => ({ status: 'rejected', reason: { code: 'interrupted', exitCode: 130 } })),
    );
    expect(store.list()).toEqual([]);
  });

  test('refuses wrong flags before any thread is started', () => {
    expect(() => pool().run({ command: 'cps', flags: { rate: 'banana' } })).toThrow(/--rate.*banana/);
    expect(store.list()).toEqual([]);
  });
});
