export interface Terminal {
  isTerminal: boolean;
  columns: number;
  color: boolean;
}

const DEFAULT_COLUMNS = 80;
/** Wider text is harder to read, not richer. */
const COLUMNS_MAX = 120;

interface TerminalStream {
  isTTY?: boolean;
  columns?: number;
}

/**
 * What a stream can show. Colours only on terminals, and not with NO_COLOR (no-color.org) or on a dumb terminal; where the
 * stream has no width, COLUMNS gives it.
 */
export function terminalOf(stream: TerminalStream, environment: NodeJS.ProcessEnv = process.env): Terminal {
  const isTerminal = stream.isTTY === true;
  const refused = (environment.NO_COLOR ?? '') !== '' || environment.TERM === 'dumb';
  return {
    isTerminal,
    columns: Math.min(widthOf(stream, environment), COLUMNS_MAX),
    color: isTerminal && !refused,
  };
}

/** Room for a table: all that a terminal has; where nobody watches, no end of it. */
export function tableColumns(stream: TerminalStream, environment: NodeJS.ProcessEnv = process.env): number {
  return stream.isTTY === true ? widthOf(stream, environment) : Number.POSITIVE_INFINITY;
}

function widthOf(stream: TerminalStream, environment: NodeJS.ProcessEnv): number {
  return stream.columns || askedColumns(environment) || DEFAULT_COLUMNS;
}

/** Zero when it says nothing sensible. */
function askedColumns({ COLUMNS = '' }: NodeJS.ProcessEnv): number {
  return /^\d+$/.test(COLUMNS) ? Number(COLUMNS) : 0;
}
