import { availableParallelism } from 'node:os';
import { createLogUpdate } from 'log-update';
import { nextTurn } from '../../core/clock.js';
import { usageError } from '../../core/errors.js';
import { parseCount } from '../../core/units.js';
import { createStore } from '../../results/store.js';
import { catchInterrupts } from '../interrupt.js';
import { prepareFolder } from '../results-folder.js';
import type { Terminal } from '../terminal.js';
import { renderLiveLines, renderLiveSweep, renderPlainSweep } from './sweep-progress.js';
import { createTrialPool, type PoolProgress, type TrialPool } from './trial-pool.js';

/** The flags that every command of many trials has, as oclif hands them over. */
export interface SweepFlags {
  /** A count, or nothing for one trial per core. */
  jobs?: string;
  fresh: boolean;
  'results-dir': string;
  quiet: boolean;
}

export interface SweepOptions {
  json: boolean;
  stderr: Terminal;
  stream: NodeJS.WriteStream;
  /** Lines to show in place of the count of trials, where it is not known how many there will be. */
  describe?(progress: PoolProgress): string[];
}

const LIVE_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 1000;
export const JOBS_MAX = 256;

/**
 * Runs the work of a command that needs many trials: a pool of them, one progress display, and an end at Ctrl-C, or when
 * a trial fails, after which the same command goes on from what is stored.
 * @throws SiriusError of a trial, and `interrupted` (exit code 130) after Ctrl-C
 */
export async function runSweep<T>(
  flags: SweepFlags,
  options: SweepOptions,
  work: (pool: TrialPool) => Promise<T>,
): Promise<T> {
  const jobs = parseJobs(flags.jobs);
  prepareFolder(flags['results-dir']);
  const progress = createSweepPrinter(flags, options);
  const interrupt = catchInterrupts({
    exit: (code) => process.exit(code),
    discard: () => {},
    onFirst: () => {
      if (!flags.quiet) options.stream.write('ending; press Ctrl-C again to leave at once\n');
    },
  });
  const failure = new AbortController();
  try {
    return await work(
      createTrialPool({
        jobs,
        store: createStore(flags['results-dir']),
        fresh: flags.fresh,
        signal: AbortSignal.any([interrupt.signal, failure.signal]),
        onProgress: progress.update,
      }),
    );
  } catch (error) {
    // Nobody waits for the trials that are left.
    failure.abort();
    throw error;
  } finally {
    progress.finish();
    interrupt.release();
  }
}

function parseJobs(text: string | undefined): number {
  if (text === undefined) return availableParallelism();
  const jobs = parseCount(text, { where: '--jobs' });
  if (jobs >= 1 && jobs <= JOBS_MAX) return jobs;
  throw usageError({
    code: 'jobs',
    where: '--jobs',
    expected: `a number of trials at once from 1 to ${JOBS_MAX}`,
    got: `"${text}"`,
    hint: 'Leave it out for one trial per core.',
  });
}

interface SweepPrinter {
  update(progress: PoolProgress): void;
  finish(): void;
}

function createSweepPrinter(
  { quiet }: SweepFlags,
  { json, stderr, stream, describe }: SweepOptions,
): SweepPrinter {
  if (quiet || (json && !stderr.isTerminal)) return { update: () => {}, finish: () => {} };
  let dueAtMs = 0;
  if (!stderr.isTerminal) {
    let waiting: PoolProgress | undefined;
    const write = () => {
      if (waiting === undefined) return;
      stream.write(`${describe?.(waiting).join(' | ') ?? renderPlainSweep(waiting)}\n`);
      waiting = undefined;
    };
    return {
      update: (progress) => {
        waiting = progress;
        if (progress.wallMs < dueAtMs) return;
        dueAtMs = progress.wallMs + PLAIN_INTERVAL_MS;
        // The pool reports a trial before who asked for it has its result: a turn later the line tells of it too.
        void nextTurn().then(write);
      },
      finish: write,
    };
  }
  const live = createLogUpdate(stream);
  return {
    update: (progress) => {
      if (progress.wallMs < dueAtMs) return;
      dueAtMs = progress.wallMs + LIVE_INTERVAL_MS;
      live(
        describe === undefined
          ? renderLiveSweep(progress, stderr.columns)
          : renderLiveLines(describe(progress), stderr.columns),
      );
    },
    finish: () => {
      live.clear();
      live.done();
    },
  };
}
