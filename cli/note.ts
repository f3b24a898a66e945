import { wrap } from './columns.js';
import type { Terminal } from './terminal.js';

export interface NoteOptions {
  stderr: Terminal;
  quiet: boolean;
  /** With `--json` only a person who watches gets notes. */
  json: boolean;
}

/** Lines for people beside the result, on standard error. */
export function noteWriter({ stderr, quiet, json }: NoteOptions): (text: string) => void {
  if (quiet || (json && !stderr.isTerminal)) return () => {};
  // A log keeps its lines whole.
  const columns = stderr.isTerminal ? stderr.columns : Number.POSITIVE_INFINITY;
  return (text) => process.stderr.write(`${wrap(text, columns).join('\n')}\n`);
}
