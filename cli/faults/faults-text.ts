import { formatDurationNs, formatRate } from '../../core/units.js';
import { faultLines } from '../../results/fault-section.js';
import type { Result } from '../../results/result.js';
import type { FaultsReport } from './faults.js';

/** For people: what each event of each run did, and where packets were lost. */
export function renderFaults({ scenario, runs }: FaultsReport): string {
  const [first] = runs;
  const head = `faults ${scenario}, ${formatRate(first?.input.rateCps ?? 0, 'cps')}, ${formatDurationNs(first?.measured.durationNs ?? 0)}, virtual`;
  return `${[head, ...runs.map(renderRun)].join('\n\n')}\n`;
}

function renderRun(run: Result): string {
  const { id, input, verdict, invalidReasons } = run;
  const seed = `seed ${input.seed}${verdict === 'valid' ? '' : `, INVALID: ${invalidReasons.join('; ')}`}`;
  return [seed, ...faultLines(run), `run ${id}`].join('\n');
}
