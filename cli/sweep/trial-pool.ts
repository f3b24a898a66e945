import { Worker } from 'node:worker_threads';
import { monotonicMs } from '../../core/clock.js';
import { ExitCode, SiriusError } from '../../core/errors.js';
import { packagePath } from '../../core/package-path.js';
import { histogramLogOf } from '../../results/histogram-log.js';
import type { Result } from '../../results/result.js';
import type { Store } from '../../results/store.js';
import { programOf } from '../host.js';
import { prepareTrial, type TrialSpec } from './trial-spec.js';
import type { WorkerMessage } from './trial-worker.js';

export interface TrialPoolOptions {
  /** Trials under way at once, each in a thread and a memory of its own. */
  jobs: number;
  /** Every trial is stored as it ends. */
  store: Store;
  /** Run every trial, also one whose result is stored already. */
  fresh: boolean;
  signal: AbortSignal;
  onProgress(progress: PoolProgress): void;
  /** The program whose stored results are good; this one outside tests. */
  program?: Program;
}

type Program = Pick<Result['host'], 'build'>;

export interface PoolProgress {
  /** Trials asked for until now, ended, and of those found in the store. */
  asked: number;
  ended: number;
  found: number;
  /** 0 to 1, of the trials asked for until now, by the packets that they simulate. */
  ratio: number;
  wallMs: number;
  /** What the trials under way are at, other than the measurement itself; sorted, each once. */
  stages: string[];
}

export interface TrialPool {
  /**
   * The result of a trial: the stored one of the same inputs and program, or a new one, which is stored.
   * @throws SiriusError when the trial fails, or (code `interrupted`) when the pool was told to end
   */
  run(spec: TrialSpec, order?: TrialOrder): Promise<Result>;
}

export interface TrialOrder {
  /** Before those that wait already. */
  isNext: boolean;
}

/** For trials of which each decides on the one after it: they do not queue behind trials that could run at any time. */
export function ahead(pool: Pick<TrialPool, 'run'>): Pick<TrialPool, 'run'> {
  return { run: (spec) => pool.run(spec, { isNext: true }) };
}

interface Task {
  spec: TrialSpec;
  weight: number;
  ratio: number;
  /** What it is at, while that is not the measurement. */
  stage: string | undefined;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** Runs independent trials side by side. What they measure does not depend on how many run at once, nor on their order. */
export function createTrialPool(options: TrialPoolOptions): TrialPool {
  const { store, fresh, signal, onProgress } = options;
  const stored = fresh ? new Map<string, Result>() : storedTrials(store, options.program ?? programOf());
  /** Trials that this pool was asked for: one asked for twice runs once. */
  const own = new Map<string, Promise<Result>>();
  const startedMs = monotonicMs();
  const tasks: Task[] = [];
  const waiting: Task[] = [];
  const count = { asked: 0, ended: 0, found: 0, running: 0 };

  const report = () => {
    const weight = tasks.reduce((sum, task) => sum + task.weight, 0);
    const done = tasks.reduce((sum, task) => sum + task.weight * task.ratio, 0);
    const { asked, ended, found } = count;
    onProgress({
      asked,
      ended,
      found,
      ratio: weight > 0 ? done / weight : 1,
      wallMs: monotonicMs() - startedMs,
      stages: [...new Set(tasks.flatMap(({ stage }) => stage ?? []))].sort(),
    });
  };
  const startNext = () => {
    while (count.running < options.jobs) {
      const task = waiting.shift();
      if (!task) return;
      if (signal.aborted) {
        task.reject(interrupted());
        continue;
      }
      count.running++;
      performInWorker(task, signal, report)
        .then((result) => {
          store.save(result, { 'latency.hlog': histogramLogOf(result) });
          task.ratio = 1;
          task.stage = undefined;
          count.ended++;
          report();
          task.resolve(result);
        })
        .catch(task.reject)
        .finally(() => {
          count.running--;
          startNext();
        });
    }
  };
  const perform = (spec: TrialSpec, weight: number, isNext: boolean) =>
    new Promise<Result>((resolve, reject) => {
      const task: Task = { spec, weight, ratio: 0, stage: undefined, resolve, reject };
      tasks.push(task);
      if (isNext) waiting.unshift(task);
      else waiting.push(task);
      startNext();
    });
  return {
    run: (spec, order) => {
      const { inputHash, weight } = prepareTrial(spec);
      const asked = own.get(inputHash);
      if (asked) return asked;
      count.asked++;
      const kept = stored.get(inputHash);
      const result = kept ? Promise.resolve(kept) : perform(spec, weight, order?.isNext === true);
      own.set(inputHash, result);
      if (kept) {
        count.ended++;
        count.found++;
        report();
      }
      return result;
    },
  };
}

/** Whole, valid results of one program under the virtual clock, by the hash of their inputs. */
function storedTrials(store: Store, program: Program): Map<string, Result> {
  const found = new Map<string, Result>();
  for (const run of store.list()) {
    if (run.state !== 'ok' || run.interrupted || run.verdict !== 'valid' || run.clock !== 'virtual') continue;
    const result = store.load(run.id);
    if (result.host.build === program.build) found.set(result.inputHash, result);
  }
  return found;
}

function performInWorker(task: Task, signal: AbortSignal, onProgress: () => void): Promise<Result> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(packagePath('dist/cli/sweep/trial-worker.js'), { workerData: task.spec });
    const end = () => worker.postMessage('end');
    signal.addEventListener('abort', end);
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'progress') {
        task.ratio = message.ratio ?? task.ratio;
        task.stage = message.stage;
        onProgress();
      } else if (message.kind === 'error') {
        // Told to end before its first slice, a trial has no time to divide by.
        reject(signal.aborted ? interrupted() : errorOf(message));
      } else if (message.result.interrupted) {
        reject(interrupted());
      } else {
        resolve(message.result);
      }
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      signal.removeEventListener('abort', end);
      reject(new Error(`a trial's thread ended with code ${code} and no result`));
    });
  });
}

function errorOf(message: Extract<WorkerMessage, { kind: 'error' }>): Error {
  const { code, hint, exitCode } = message;
  if (code === undefined || hint === undefined) return new Error(message.message);
  return new SiriusError({
    code,
    message: message.message,
    hint,
    exitCode: exitCode ?? ExitCode.failed,
  });
}

function interrupted(): SiriusError {
  return new SiriusError({
    code: 'interrupted',
    message: 'ended before all trials were done',
    hint: 'Every trial that ended is stored: the same command, without --fresh, goes on from there.',
    exitCode: ExitCode.interrupted,
  });
}
