import { styleText } from 'node:util';
import { ExitCode, SiriusError } from '../core/errors.js';
import { wrap } from './columns.js';
import type { Terminal } from './terminal.js';

export interface ErrorReport {
  /** For standard output: one JSON object, with `--json` only. */
  stdout: string;
  /** For standard error: `error: ...`, `hint: ...`, and the stack when asked for. */
  stderr: string;
  exitCode: number;
}

export interface ErrorReportOptions {
  json: boolean;
  /** Stack traces are for those who set DEBUG. */
  debug: boolean;
  terminal: Terminal;
}

/** How an error is told. A broken program and a failing system are told in the same shape as a wrong flag. */
export function reportError(thrown: unknown, { json, debug, terminal }: ErrorReportOptions): ErrorReport {
  const error = asSiriusError(thrown);
  const { code, message, hint, exitCode } = error;
  const stack = debug ? `${stackOf(thrown)}\n` : '';
  if (json) {
    return {
      stdout: `${JSON.stringify({ error: { code, message, hint, exitCode } })}\n`,
      stderr: stack,
      exitCode,
    };
  }
  const told = (label: string, color: 'red' | 'cyan', text: string) => {
    const lines = wrapped(`${label} ${text}`, terminal);
    return terminal.color
      ? styleText(color, label, { validateStream: false }) + lines.slice(label.length)
      : lines;
  };
  const stderr = `${told('error:', 'red', message)}\n${told('hint:', 'cyan', hint)}\n${stack}`;
  return { stdout: '', stderr, exitCode };
}

/** A log and a script get lines as they are. */
function wrapped(text: string, { isTerminal, columns }: Terminal): string {
  if (!isTerminal) return text;
  return text
    .split('\n')
    .flatMap((line) => wrap(line, columns))
    .join('\n');
}

function asSiriusError(thrown: unknown): SiriusError {
  if (thrown instanceof SiriusError) return thrown;
  const { message, code, syscall, path } = thrown as NodeJS.ErrnoException;
  if (thrown instanceof Error && syscall !== undefined) {
    return new SiriusError({
      code: 'system',
      message,
      hint: `The system refused ${syscall}${path ? ` on ${path}` : ''} (${code}): check that it exists and that you may use it.`,
      exitCode: ExitCode.failed,
      cause: thrown,
    });
  }
  return new SiriusError({
    code: 'internal',
    message: `internal error: ${thrown instanceof Error ? message : String(thrown)}`,
    hint: 'This is a fault of sirius-bench: run it again with DEBUG=1 for the stack trace, and report it.',
    exitCode: ExitCode.failed,
    cause: thrown,
  });
}

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause === undefined ? '' : `\ncaused by: ${stackOf(thrown.cause)}`;
  return `${thrown.stack}${cause}`;
}
