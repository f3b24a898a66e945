import { usageError } from '../core/errors.js';
import { parseCount } from '../core/units.js';

/** Results of all repeats are held at once. */
export const REPEAT_COUNT_MAX = 1000;

/** How many runs `--repeat` asks for, each with a seed of its own. @throws SiriusError (usage) */
export function parseRepeatCount(text: string): number {
  const count = parseCount(text, { where: '--repeat' });
  if (count <= REPEAT_COUNT_MAX) return count;
  throw usageError({
    code: 'repeat',
    where: '--repeat',
    expected: `a number of runs from 1 to ${REPEAT_COUNT_MAX}`,
    got: `"${text}"`,
    hint: 'Each run is a trial of its own: a few tell how much they scatter.',
  });
}
