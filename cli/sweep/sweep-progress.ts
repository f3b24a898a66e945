import { formatCount } from '../../core/units.js';
import { wrap } from '../columns.js';
import { formatSeconds, progressBar } from '../progress.js';
import type { PoolProgress } from './trial-pool.js';

/** Below this share of the work an estimate says nothing. */
const ESTIMATE_RATIO_MIN = 0.02;

export function renderLiveSweep(progress: PoolProgress, columns: number): string {
  const percent = `${Math.floor(progress.ratio * 100)}%`.padStart(4);
  return cut(`${progressBar(progress.ratio, columns)} ${percent}  ${renderPlainSweep(progress)}`, columns);
}

/** Broken at spaces, so that nothing is lost on a narrow terminal. */
export function renderLiveLines(lines: readonly string[], columns: number): string {
  return lines
    .flatMap((line) => wrap(line, columns - 1))
    .map((line) => cut(line, columns))
    .join('\n');
}

/** A line that the terminal wraps cannot be overwritten. */
function cut(line: string, columns: number): string {
  return line.slice(0, columns - 1);
}

/** `7 of 24 trials (3 found), 40 s elapsed, about 2 min 5 s left`. */
export function renderPlainSweep({ asked, ended, found, ratio, wallMs }: PoolProgress): string {
  const kept = found > 0 ? ` (${formatCount(found)} found)` : '';
  const known = ratio >= ESTIMATE_RATIO_MIN && ended < asked;
  const left = known ? `, about ${formatSeconds((wallMs / ratio) * (1 - ratio))} left` : '';
  return `${formatCount(ended)} of ${formatCount(asked)} trials${kept}, ${formatSeconds(wallMs)} elapsed${left}`;
}
