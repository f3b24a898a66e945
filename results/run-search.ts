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
 * The one run that an id, or the start of an id, means.
 * @throws SiriusError (exit code 2) that lists the runs it may have meant
 */
export function findRun(idOrPrefix: string, { ids, rootFolder }: KnownRuns): string {
  if (ids.includes(idOrPrefix)) return idOrPrefix;
  const matches = idOrPrefix === '' ? [] : ids.filter((id) => id.startsWith(idOrPrefix));
  const [match, ...others] = matches;
  if (match === undefined) throw unknownRun(idOrPrefix, { ids, rootFolder });
  if (others.length === 0) return match;
  throw usageError({
    code: 'run-ambiguous',
    where: 'ID',
    expected: `the start of one id in ${rootFolder}`,
    got: `"${idOrPrefix}", which ${matches.length} runs start with`,
    hint: `did you mean one of: ${newest(matches)}`,
  });
}

function unknownRun(typed: string, { ids, rootFolder }: KnownRuns): SiriusError {
  const expected = `a run of ${rootFolder} or the start of its id`;
  const hint = hintFor(typed, { ids, rootFolder });
  return usageError({ code: 'run-unknown', where: 'ID', expected, got: `"${typed}"`, hint });
}

function hintFor(typed: string, { ids, rootFolder }: KnownRuns): string {
  if (ids.length === 0) {
    return `there are no runs in ${rootFolder}; make one with \`sirius-bench cps\`, or name another folder with --results-dir`;
  }
  const holding = typed === '' ? [] : ids.filter((id) => id.includes(typed));
  if (holding.length > 0) return `did you mean one of: ${newest(holding)}`;
  const near = nearest(typed, ids);
  return near === undefined ? `the newest are: ${newest(ids)}` : `did you mean ${near}?`;
}

function newest(ids: string[]): string {
  return ids.slice(-LISTED_IDS_MAX).reverse().join(', ');
}
