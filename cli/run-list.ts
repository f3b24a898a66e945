import { formatDurationNs, formatRate, formatRatio } from '../core/units.js';
import type { RunSummary } from '../results/store.js';
import { renderColumns } from './columns.js';

/** The stored runs as a table, one a line. */
export function renderRunList(
  runs: readonly RunSummary[],
  { folder, columns }: { folder: string; columns: number },
): string {
  if (runs.length === 0) return `no runs in ${folder}; make one with \`sirius-bench cps\``;
  return renderColumns([['ID', 'VERDICT', 'OFFERED', 'ACHIEVED', 'LOST', 'P99'], ...runs.map(row)], {
    columns,
  });
}

function row(run: RunSummary): string[] {
  if (run.state === 'broken') return [run.id, 'broken', '', '', '', run.problem];
  const verdict = run.interrupted ? `${run.verdict}, interrupted` : run.verdict;
  return [
    run.id,
    verdict,
    formatRate(run.offeredCps, 'cps'),
    formatRate(run.achievedCps, 'cps'),
    formatRatio(run.lossRatio),
    formatDurationNs(run.latencyNsP99),
  ];
}
