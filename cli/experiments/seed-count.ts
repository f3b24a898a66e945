import { usageError } from '../../core/errors.js';
import { parseCount } from '../../core/units.js';

const SEED_COUNT = 3;
const SEED_COUNT_MAX = 100;

/** How many seeds `--seeds` asks for. @throws SiriusError (usage) */
export function parseSeedCount({ seeds, quick }: { seeds?: string; quick: boolean }): number {
  if (seeds === undefined) return quick ? 1 : SEED_COUNT;
  const count = parseCount(seeds, { where: '--seeds' });
  if (count >= 1 && count <= SEED_COUNT_MAX) return count;
  throw usageError({
    code: 'seeds',
    where: '--seeds',
    expected: `a number of seeds from 1 to ${SEED_COUNT_MAX}`,
    got: `"${seeds}"`,
    hint: `Leave it out for ${SEED_COUNT}.`,
  });
}
