import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ExitCode, SiriusError, usageError } from '../core/errors.js';
import { syncFolder, writeFileSynced } from './durable-file.js';
import { hashMeasured } from './measured-hash.js';
import { type Provenance, parseResult, provenanceOf, type Result, type ResultClock } from './result.js';
import { runKind } from './run-id.js';
import { findRun } from './run-search.js';
import { scenarioName } from './run-title.js';

export const DEFAULT_RESULTS_FOLDER = 'results/runs';
const RESULT_FILE = 'result.json';

/** Files kept beside `result.json`, by name: `latency.hlog`, `chart.png`. */
export type RunFiles = Record<string, Uint8Array | string>;

/** Runs on disk, one folder each, named by id. A folder is there in full or not at all. */
export interface Store {
  readonly rootFolder: string;
  /**
   * @returns the run's folder
   * @throws SiriusError (exit code 1) when the folder cannot be written, or holds another run under this id
   */
  save(result: Result, files?: RunFiles): string;
  /** Sorted by id, oldest first. A run that cannot be read is listed with its problem. */
  list(choice?: RunChoice): RunSummary[];
  /**
   * @param idOrPart a run's id or any unambiguous part of one
   * @throws SiriusError (exit code 2) when no run or several runs answer to it, or the file is damaged
   */
  load(idOrPart: string): Result;
  /** Where the run of this id is kept, once it is saved. */
  folderOf(id: string): string;
}

export interface RunChoice {
  /** Only runs of this command. */
  kind?: string;
  /** Of these only so many, the newest. */
  limit?: number;
}

export type RunSummary = ReadableRun | BrokenRun;

export interface ReadableRun {
  state: 'ok';
  id: string;
  kind: string;
  /** Of a run with faults: what was played. */
  scenario?: string;
  verdict: Result['verdict'];
  interrupted: boolean;
  /** What was measured; less than was asked for where it was interrupted. */
  durationNs: number;
  seed: number;
  target: string;
  /** Absent for a target without cards. */
  powerWatts?: number;
  clock: ResultClock;
  provenance: Provenance;
  /** Per second, in `unit`. */
  offered: number;
  achieved: number;
  unit: 'cps' | 'pps';
  lossRatio: number;
  /** p99 of SYN to SYN-ACK, or of one way where datagrams were offered; absent when nothing came back. */
  latencyNsP99?: number;
}

export interface BrokenRun {
  state: 'broken';
  id: string;
  problem: string;
}

export function createStore(rootFolder: string = DEFAULT_RESULTS_FOLDER): Store {
  return {
    rootFolder,
    save: (result, files = {}) => saveRun(rootFolder, result, files),
    list: (choice = {}) => chosen(runIds(rootFolder), choice).map((id) => summarizeRun(rootFolder, id)),
    load: (idOrPart) => readRun(rootFolder, findRun(idOrPart, { ids: runIds(rootFolder), rootFolder })),
    folderOf: (id) => join(rootFolder, id),
  };
}

function saveRun(rootFolder: string, result: Result, files: RunFiles): string {
  const folder = join(rootFolder, result.id);
  const partFolder = join(rootFolder, `.${result.id}.part-${process.pid}`);
  const content: RunFiles = { ...files, [RESULT_FILE]: `${JSON.stringify(result, null, 2)}\n` };
  for (const name of Object.keys(content)) assert.equal(basename(name), name, 'a run folder has no folders');
  assert.ok(!(RESULT_FILE in files), `${RESULT_FILE} is written by the store`);
  try {
    discard(partFolder);
    mkdirSync(partFolder, { recursive: true });
    for (const [name, data] of Object.entries(content)) writeFileSynced(join(partFolder, name), data);
    syncFolder(partFolder);
    placeFolder(partFolder, folder, result);
    syncFolder(rootFolder);
    return folder;
  } catch (error) {
    discard(partFolder);
    if (error instanceof SiriusError) throw error;
    throw unwritable(rootFolder, error);
  }
}

/**
 * Gives the finished part its name. Where a run of this id is kept, it is the same one, done twice in a second: its files are
 * replaced one by one, each in one step, so that a whole run is there at every moment.
 */
function placeFolder(partFolder: string, folder: string, result: Result): void {
  try {
    renameSync(partFolder, folder);
  } catch (error) {
    if (!isErrno(error, 'ENOTEMPTY') && !isErrno(error, 'EEXIST')) throw error;
    if (!holdsSameRun(folder, result)) throw idTaken(folder, result.id);
    for (const name of readdirSync(partFolder)) renameSync(join(partFolder, name), join(folder, name));
    syncFolder(folder);
    discard(partFolder);
  }
}

function holdsSameRun(folder: string, result: Result): boolean {
  try {
    const kept = JSON.parse(readFileSync(join(folder, RESULT_FILE), 'utf8')) as Partial<Result>;
    return kept.inputHash === result.inputHash && kept.measured?.hash === result.measured.hash;
  } catch {
    return false;
  }
}

/** Removes what it can: the first error is the one to report, and a leftover part is never listed. */
function discard(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {}
}

/** Folders of runs, whole or broken; hidden ones are parts under way. */
function runIds(rootFolder: string): string[] {
  try {
    return readdirSync(rootFolder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw new SiriusError({
      code: 'results-unreadable',
      message: `${rootFolder}: expected a readable folder of runs, got ${reasonOf(error)}`,
      hint: 'choose another folder with --results-dir',
      exitCode: ExitCode.failed,
      cause: error,
    });
  }
}

function chosen(ids: readonly string[], { kind, limit }: RunChoice): readonly string[] {
  const ofKind = kind === undefined ? ids : ids.filter((id) => runKind(id) === kind);
  return limit === undefined ? ofKind : ofKind.slice(-limit);
}

function summarizeRun(rootFolder: string, id: string): RunSummary {
  try {
    const result = readRun(rootFolder, id);
    const { measured, input } = result;
    const scenario = scenarioName(result);
    const { synToSynAck, portToPort } = measured.latencyNs;
    const latency = portToPort ?? synToSynAck;
    const unit = portToPort === undefined ? 'cps' : 'pps';
    return {
      state: 'ok',
      id,
      kind: result.kind,
      ...(scenario === undefined ? {} : { scenario }),
      verdict: result.verdict,
      interrupted: result.interrupted,
      durationNs: measured.durationNs,
      seed: input.seed,
      target: input.target,
      ...(input.powerWatts === undefined ? {} : { powerWatts: input.powerWatts }),
      clock: input.clock,
      provenance: provenanceOf(result),
      offered: measured.offered[unit],
      achieved: measured.achieved[unit],
      unit,
      lossRatio: measured.packets.lossRatio,
      ...(latency.count === 0 ? {} : { latencyNsP99: latency.p99 }),
    };
  } catch (error) {
    return { state: 'broken', id, problem: reasonOf(error) };
  }
}

function readRun(rootFolder: string, id: string): Result {
  const file = join(rootFolder, id, RESULT_FILE);
  const result = parseResult(readJson(file), file);
  if (result.id !== id) throw damaged(file, `a result with the id of its folder, ${id}`, result.id);
  const hash = hashMeasured(result.measured);
  if (hash !== result.measured.hash) {
    throw damaged(
      file,
      `figures with the hash ${result.measured.hash}`,
      `figures that were changed (${hash})`,
    );
  }
  return result;
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw damaged(file, 'a readable file', reasonOf(error));
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(file, 'JSON', reasonOf(error));
  }
}

function damaged(file: string, expected: string, got: string): SiriusError {
  const hint = 'the run is damaged or was edited; remove its folder, or run it again with the same seed';
  return usageError({ code: 'run-damaged', where: file, expected, got, hint });
}

function idTaken(folder: string, id: string): SiriusError {
  return new SiriusError({
    code: 'run-exists',
    message: `${folder}: expected a new run, got one with the id ${id} and other inputs or figures`,
    hint: 'run again, or choose another folder with --results-dir',
    exitCode: ExitCode.failed,
  });
}

function unwritable(rootFolder: string, error: unknown): SiriusError {
  return new SiriusError({
    code: 'results-unwritable',
    message: `${rootFolder}: expected a folder that can be written, got ${reasonOf(error)}`,
    hint: 'choose another folder with --results-dir',
    exitCode: ExitCode.failed,
    cause: error,
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
