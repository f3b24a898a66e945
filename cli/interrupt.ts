import { monotonicMs } from '../core/clock.js';
import { ExitCode } from '../core/errors.js';

export interface Interrupt {
  signal: AbortSignal;
  /** Lets go of the signals again. */
  release(): void;
}

export interface InterruptOptions {
  /** Where the signals come from; `process` outside tests. */
  source?: Pick<NodeJS.Process, 'on' | 'off'>;
  /** Removes what is half-written; runs on the second signal, must not wait. */
  discard(): void;
  /** Ends the program at once. */
  exit(code: number): void;
  /** Told at the first signal. */
  onFirst?(): void;
  /** Milliseconds that only grow; the machine's outside tests. */
  nowMs?(): number;
}

/** Ctrl-C, a polite `kill`, and a terminal that was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm passes a terminal's Ctrl-C on to a program that has had it already; nobody presses it twice this fast. */
const ECHO_MS = 300;

/**
 * The first signal asks the work to end at its next slice, so that what was measured is kept; the second ends
 * the program at once and leaves nothing half-written.
 */
export function catchInterrupts(options: InterruptOptions): Interrupt {
  const { source = process, discard, exit, onFirst, nowMs = monotonicMs } = options;
  const controller = new AbortController();
  let firstAtMs = 0;
  const onSignal = () => {
    if (!controller.signal.aborted) {
      firstAtMs = nowMs();
      controller.abort();
      onFirst?.();
      return;
    }
    if (nowMs() - firstAtMs < ECHO_MS) return;
    discard();
    exit(ExitCode.interrupted);
  };
  for (const name of SIGNALS) source.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) source.off(name, onSignal);
    },
  };
}
