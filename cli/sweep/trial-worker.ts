import { parentPort, workerData } from 'node:worker_threads';
import { type ExitCode, SiriusError } from '../../core/errors.js';
import type { Result } from '../../results/result.js';
import { prepareTrial, type TrialSpec } from './trial-spec.js';

/** What a worker says: how far its trial is, and in the end one result or one error. */
export type WorkerMessage =
  | { kind: 'progress'; ratio?: number; stage?: string }
  | { kind: 'result'; result: Result }
  | { kind: 'error'; message: string; code?: string; hint?: string; exitCode?: ExitCode };

/** Runs the one trial that this thread was started for; any message ends it at its next slice. */
async function main(): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error('trial-worker runs as a worker thread only');
  const interrupt = new AbortController();
  port.once('message', () => interrupt.abort());
  const say = (message: WorkerMessage) => port.postMessage(message);
  try {
    const { result } = await prepareTrial(workerData as TrialSpec).perform({
      // Getting ready is no progress of the measurement itself.
      onProgress: ({ simulatedNs, durationNs, stage }) => {
        say(
          stage === undefined
            ? { kind: 'progress', ratio: simulatedNs / durationNs }
            : { kind: 'progress', stage },
        );
      },
      signal: interrupt.signal,
    });
    say({ kind: 'result', result });
  } catch (error) {
    const { message } = error as Error;
    const known = error instanceof SiriusError ? error : undefined;
    say({
      kind: 'error',
      message,
      ...(known === undefined ? {} : { code: known.code, exitCode: known.exitCode }),
      ...(known?.hint === undefined ? {} : { hint: known.hint }),
    });
  } finally {
    // An open port would keep the thread alive.
    port.close();
  }
}

await main();
