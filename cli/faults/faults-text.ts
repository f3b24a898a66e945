import { formatRate } from '../../core/units.js';
import { wrap } from '../../core/wrap.js';
import { faultLines } from '../../results/fault-section.js';
import type { Result } from '../../results/result.js';
import { runNotes } from '../../results/run-notes.js';
import { runSettings } from '../../results/run-title.js';
import type { FaultsReport } from './faults.js';

/** For people: what each event of each run did, and where packets were lost. */
export function renderFaults({ scenario, runs }: FaultsReport): string {
  const [first] = runs;
  const rate = formatRate(first?.input.rateCps ?? 0, 'cps');
  const head = [`faults ${scenario}, ${rate}, virtual`, ...(first ? wrap(settingsOf(first), COLUMNS) : [])];
  return `${[head.join('\n'), ...runs.map(renderRun)].join('\n\n')}\n`;
}

const COLUMNS = 80;

/** What all runs have alike. */
function settingsOf(run: Result): string {
  const { target, powerWatts } = run.input;
  return [target, ...(powerWatts === undefined ? [] : [`${powerWatts} W`]), runSettings(run)].join(', ');
}

function renderRun(run: Result): string {
  const { id, input, verdict, invalidReasons } = run;
  const seed = `seed ${input.seed}${verdict === 'valid' ? '' : `, INVALID: ${invalidReasons.join('; ')}`}`;
  const notes = runNotes(run).flatMap(({ text }) => wrap(text, COLUMNS));
  return [seed, ...faultLines(run), ...notes, `run ${id}`].join('\n');
}
