/** Exit codes of the command line (docs: README, "Exit codes"). */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  regression: 3,
  invalid: 4,
  /** The shell's code for a program ended by Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export interface SiriusErrorOptions {
  /** Stable machine-readable name, `kebab-case`. */
  code: string;
  /** One sentence: names the flag or the file with its line, what was expected, what was got. */
  message: string;
  /** What to do next. */
  hint: string;
  exitCode?: ExitCode;
  cause?: unknown;
}

/**
 * The one class of operating errors: a wrong flag, an unreadable file, a rate that the model cannot offer.
 * A programmer's error is an assertion and a bad packet is a counted verdict; neither is ever a SiriusError.
 */
export class SiriusError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly exitCode: ExitCode;

  constructor(options: SiriusErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SiriusError';
    this.code = options.code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? ExitCode.usage;
  }
}

export interface UsageErrorOptions {
  code: string;
  /** The flag, or `file:line`, that is wrong: `--rate`, `lab.yaml:12`. */
  where: string;
  expected: string;
  got: string;
  hint: string;
}

/** A wrong flag or file (exit code 2): `--rate: expected a rate such as 3M or 10mpps, got "banana"`. */
export function usageError({ code, where, expected, got, hint }: UsageErrorOptions): SiriusError {
  return new SiriusError({ code, message: `${where}: expected ${expected}, got ${got}`, hint });
}
