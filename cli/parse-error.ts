import { SiriusError, usageError } from '../core/errors.js';
import { nearest } from '../core/nearest.js';

/** What oclif's parser throws, as far as it is read here. */
interface ParserError extends Error {
  flags?: string[];
  args?: unknown[];
  parse?: { input?: { flags?: Record<string, { name?: string; char?: string; allowNo?: boolean }> } };
}

export interface ParseErrorContext {
  /** The command as the user types it: `sirius-bench profiles show`. */
  command: string;
  /** Names that may follow the command: `show`. */
  subcommands: readonly string[];
  /** The command that lists what this one takes: `sirius-bench profiles`. */
  lister: string;
}

/** Tells oclif's flag and argument errors as ours: what was expected, what was got, what to do. Others pass. */
export function translateParseError(error: unknown, context: ParseErrorContext): unknown {
  if (!(error instanceof Error) || error instanceof SiriusError) return error;
  const translate = TRANSLATIONS[error.constructor.name];
  return translate?.(error, context) ?? error;
}

type Translation = (error: ParserError, context: ParseErrorContext) => SiriusError | undefined;

const TRANSLATIONS: Record<string, Translation> = {
  NonExistentFlagsError: unknownFlag,
  UnexpectedArgsError: unexpectedArgument,
  RequiredArgsError: missingArgument,
  FlagInvalidOptionError: wrongOption,
  CLIError: otherError,
};

function unknownFlag({ flags = [], parse }: ParserError, { command }: ParseErrorContext): SiriusError {
  const got = flags[0]?.split('=')[0] ?? '';
  const known = Object.entries(parse?.input?.flags ?? {}).flatMap(([name, flag]) =>
    flag.allowNo ? [`--${name}`, `--no-${name}`] : [`--${name}`],
  );
  const candidate = nearest(got.startsWith('--') ? got : `--${got.replace(/^-/, '')}`, known);
  return usageError({
    code: 'flag-unknown',
    where: got,
    expected: `a flag of \`${command}\``,
    got: `"${got}", which is none`,
    hint:
      adviceOn(got, { command, known }) ??
      (candidate ? `Did you mean ${candidate}?` : `\`${command} --help\` lists the flags.`),
  });
}

/** What to do instead of a flag that other commands have. */
function adviceOn(
  flag: string,
  { command, known }: { command: string; known: readonly string[] },
): string | undefined {
  switch (flag) {
    case '--clock':
      return 'Leave it out: all but `cps` run under the virtual clock; `sirius-bench cps --clock wall` does not.';
    case '--replication':
      return known.includes('--target')
        ? 'card://pair replicates, card://solo has no second card: choose with --target.'
        : '`sirius-bench cps --replication off` offers connections to a pair that does not replicate.';
    case '--power':
      return command === 'sirius-bench power'
        ? 'Leave it out: `power` runs every state of the model; `sirius-bench cps --power 78W` runs in one.'
        : undefined;
    default:
      return undefined;
  }
}

function unexpectedArgument({ args = [] }: ParserError, context: ParseErrorContext): SiriusError {
  return refuseArgument(String(args[0]), context);
}

function refuseArgument(got: string, { command, subcommands }: ParseErrorContext): SiriusError {
  const candidate = nearest(got, subcommands) ?? subcommands[0];
  return usageError({
    code: 'argument-unexpected',
    where: command,
    expected: subcommands.length > 0 ? `no argument, or ${subcommands.join(' or ')}` : 'no further argument',
    got: `"${got}"`,
    hint: candidate
      ? `Did you mean \`${command} ${candidate}\`?`
      : `\`${command} --help\` shows how it is used.`,
  });
}

function missingArgument({ args = [] }: ParserError, { command, lister }: ParseErrorContext): SiriusError {
  const names = args.map((arg) => (arg as { name: string }).name);
  return usageError({
    code: 'argument-missing',
    where: command,
    expected: names.join(' and '),
    got: 'nothing',
    hint: `Write \`${command} ${names.join(' ')}\`; \`${lister}\` lists what there is.`,
  });
}

/** `Expected --clock=sun to be one of: virtual, wall` */
function wrongOption({ message }: ParserError): SiriusError | undefined {
  const [, flag = '', got = '', options] =
    /^Expected (--[\w-]+)=(.*) to be one of: (.*)$/m.exec(message) ?? [];
  if (options === undefined) return undefined;
  const names = options.split(', ');
  const candidate = nearest(got, names);
  return usageError({
    code: 'flag-value',
    where: flag,
    expected: names.join(' or '),
    got: `"${got}"`,
    hint: candidate ? `Did you mean ${flag} ${candidate}?` : `For example ${flag} ${names[0]}.`,
  });
}

/** `command cps:3M not found`, `Flag --rate expects a value`, `Flag --rate can only be specified once` */
function otherError({ message }: ParserError, context: ParseErrorContext): SiriusError | undefined {
  // oclif reads words after a command that takes none as the name of a command below it.
  const unknown = /^command (\S+) not found$/.exec(message)?.[1];
  const [, ...known] = context.command.split(' ');
  if (unknown !== undefined) return refuseArgument(unknown.split(':')[known.length] ?? unknown, context);
  const flag = /^Flag (--[\w-]+) /.exec(message)?.[1];
  if (flag === undefined) return undefined;
  const repeated = message.includes('only be specified once');
  return usageError({
    code: repeated ? 'flag-repeated' : 'flag-value',
    where: flag,
    expected: repeated ? 'to be given once' : 'a value',
    got: repeated ? 'it twice' : 'none',
    hint: repeated ? `Keep one ${flag}.` : `\`${context.command} --help\` shows what ${flag} takes.`,
  });
}
