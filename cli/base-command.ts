import { Command, Flags, type Interfaces } from '@oclif/core';
import { terminalOf } from './terminal.js';

/** Names of the flags that were typed, as they were typed: `chart` or `no-chart`. A default is no wish of the user's. */
export function typedFlags({
  flags,
  metadata,
}: Pick<Interfaces.ParserOutput, 'flags' | 'metadata'>): ReadonlySet<string> {
  const typed = Object.keys(flags).filter((name) => metadata.flags[name]?.setFromDefault !== true);
  return new Set(typed.map((name) => (flags[name] === false ? `no-${name}` : name)));
}

/**
 * What every command shares: `--json` (one object on standard output and nothing else, with an exit code that still tells
 * the truth) and `--quiet`. Errors are thrown on to `main`, the one place that prints them.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  static override baseFlags = {
    quiet: Flags.boolean({
      char: 'q',
      description: 'No progress and no notes, only the result.',
      default: false,
    }),
  };

  /** Prints human text; with `--json` what `run` returns is printed instead. */
  protected print(text: string): void {
    if (!this.jsonEnabled()) process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  protected get terminal() {
    return terminalOf(process.stdout);
  }

  override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
