import { formatCount } from '../../core/units.js';
import { formatSeconds, progressBar } from '../progress.js';
import type { PoolProgress } from './trial-pool.js';

/** Below this share of the work an estimate says nothing. */
const ESTIMATE_RATIO_MIN = 0.02;

export function renderLiveSweep(progress: PoolProgress, columns: number): string {
  const percent = `${Math.floor(progress.ratio * 100)}%`.padStart(4);
  return renderLiveLines(
    [`${progressBar(progress.ratio)} ${percent}  ${renderPlainSweep(progress)}`],
    columns,
  );
}

/** Cut to the terminal: a line that wraps cannot be overwritten. */
export function renderLiveLines(lines: readonly string[], columns: number): string {
  return lines.map((line) => line.slice(0, columns - 1)).join('\n');
}

/** `7 of 24 trials (3 found), 40 s elapsed, about 2 min 5 s left`. */
export function renderPlainSweep({ asked, ended, found, ratio, wallMs }: PoolProgress): string {
  const kept = found > 0 ? ` (${formatCount(found)} found)` : '';
  const known = ratio >= ESTIMATE_RATIO_MIN && ended < asked;
  const left = known ? `, about ${formatSeconds((wallMs / ratio) * (1 - ratio))} left` : '';
  return `${formatCount(ended)} of ${formatCount(asked)} trials${kept}, ${formatSeconds(wallMs)} elapsed${left}`;
}
