import { Config, Errors, run, settings } from '@oclif/core';
import { usageError } from '../core/errors.js';
import { nearest } from '../core/nearest.js';
import { reportError } from './error-report.js';
import { translateParseError } from './parse-error.js';
import { terminalOf } from './terminal.js';

export interface MainOptions {
  argv: string[];
  /** Folder of package.json. */
  root: string;
}

/** Runs one command line. Errors are printed here and nowhere else; the exit code is left in `process.exitCode`. */
export async function main({ argv, root }: MainOptions): Promise<void> {
  surviveClosedPipes();
  // The commands are compiled; oclif must not look for their sources, whatever NODE_ENV says.
  settings.enableAutoTranspile = false;
  let words: CommandWords = { known: '', next: [], lister: '' };
  try {
    const config = await Config.load({ root });
    const line = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
    words = resolveCommand(config.commandIDs, line);
    await run(line, config);
  } catch (error) {
    if (error instanceof Errors.ExitError) {
      process.exitCode = error.oclif.exit ?? 0;
      return;
    }
    const named = (name: string) => `sirius-bench ${name}`.trim();
    const context = { command: named(words.known), subcommands: words.next, lister: named(words.lister) };
    const report = reportError(translateParseError(error, context), {
      json: wantsJson(argv),
      debug: (process.env.DEBUG ?? '') !== '',
      terminal: terminalOf(process.stderr),
    });
    process.stdout.write(report.stdout);
    process.stderr.write(report.stderr);
    process.exitCode = report.exitCode;
  }
}

interface CommandWords {
  /** The command, its words separated by spaces; empty for none. */
  known: string;
  /** Words that may follow it to name another command. */
  next: string[];
  /** The command beside it that lists: `profiles` for `profiles show`; itself where there is none. */
  lister: string;
}

/** Finds the command that a line names, and refuses a word that names none. */
export function resolveCommand(commandIds: readonly string[], line: readonly string[]): CommandWords {
  const commands = commandIds.map((id) => id.replaceAll(':', ' '));
  const flagAt = line.findIndex((word) => word.startsWith('-'));
  const words = flagAt < 0 ? line : line.slice(0, flagAt);
  const [first] = words;
  if (first === undefined) {
    if (line.length === 0 || isGlobalFlag(line[0])) return wordsOf('', []);
    throw unknownCommand(line.join(' '), commands, String(line[0]));
  }
  for (let length = words.length; length > 0; length--) {
    const known = words.slice(0, length).join(' ');
    if (commands.includes(known)) return wordsOf(known, commands);
  }
  // A topic, such as `results`, has commands below it and shows their help.
  const topic = wordsOf(first, commands);
  if (words.length === 1 && topic.next.length > 0) return topic;
  throw unknownCommand(words.join(' '), commands, first);
}

function isGlobalFlag(word: string | undefined): boolean {
  return word === '--help' || word === '-h' || word === '--version';
}

function wordsOf(known: string, commands: readonly string[]): CommandWords {
  const next = commands.flatMap((command) =>
    command.startsWith(`${known} `) ? [command.slice(known.length + 1)] : [],
  );
  const parent = known.split(' ').slice(0, -1).join(' ');
  const lister = [parent, `${parent} list`].find((command) => commands.includes(command)) ?? known;
  return { known, next, lister };
}

function unknownCommand(typed: string, commands: readonly string[], first: string): Error {
  const candidate = nearest(typed, commands) ?? nearest(first, commands);
  const flagFirst = first.startsWith('-');
  // Below a topic, what is wrong is the word after it.
  const below = commands.filter((command) => command.startsWith(`${first} `));
  const [meant, got] = below.length === 0 ? [commands, first] : [below, typed];
  return usageError({
    code: 'command-unknown',
    where: 'sirius-bench',
    expected: `a command (${[...meant].sort().join(', ')})`,
    got: `"${got}"`,
    hint: flagFirst
      ? `The command comes first: \`sirius-bench cps ${typed}\`.`
      : candidate
        ? `Did you mean \`sirius-bench ${candidate}\`?`
        : '`sirius-bench --help` tells what each command does.',
  });
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}

/** EPIPE of a pipe without a reader (`| head`), EIO of a terminal that was closed. */
const NOBODY_READS: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO']);

/** A reader that went away is no error: what was asked for is done, quietly. */
function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!NOBODY_READS.has(error.code)) throw error;
    });
  }
}
