import { type SiriusError, usageError } from '../core/errors.js';
import { nearest } from '../core/nearest.js';

/** A mistyped id is answered with at most so many that exist. */
const LISTED_IDS_MAX = 8;

export interface KnownRuns {
  /** Sorted, oldest first. */
  ids: string[];
  /** Where they are kept, to say so. */
  rootFolder: string;
}

/**
 * The one run that an id, or a part of an id, means: its start before any other part.
 * @throws SiriusError (exit code 2) that lists the runs it may have meant
 */
export function findRun(idOrPart: string, { ids, rootFolder }: KnownRuns): string {
  if (ids.includes(idOrPart)) return idOrPart;
  const holding = idOrPart === '' ? [] : ids.filter((id) => id.includes(idOrPart));
  const starting = holding.filter((id) => id.startsWith(idOrPart));
  const matches = starting.length > 0 ? starting : holding;
  const [match, ...others] = matches;
  if (match === undefined) throw unknownRun(idOrPart, { ids, rootFolder });
  if (others.length === 0) return match;
  throw usageError({
    code: 'run-ambiguous',
    where: 'ID',
    expected: `a part of one id in ${rootFolder}`,
    got: `"${idOrPart}", which ${matches.length} runs ${starting.length > 0 ? 'start with' : 'hold'}`,
    hint: `did you mean one of: ${newest(matches)}`,
  });
}

function unknownRun(typed: string, { ids, rootFolder }: KnownRuns): SiriusError {
  const expected = `a run of ${rootFolder} or a part of its id`;
  const hint = hintFor(typed, { ids, rootFolder });
  return usageError({ code: 'run-unknown', where: 'ID', expected, got: `"${typed}"`, hint });
}

function hintFor(typed: string, { ids, rootFolder }: KnownRuns): string {
  if (ids.length === 0) {
    return `there are no runs in ${rootFolder}; make one with \`sirius-bench cps\`, or name another folder with --results-dir`;
  }
  const near = nearest(typed, ids);
  return near === undefined ? `the newest are: ${newest(ids)}` : `did you mean ${near}?`;
}

function newest(ids: string[]): string {
  return ids.slice(-LISTED_IDS_MAX).reverse().join(', ');
}
