import { formatDurationNs, formatRate, formatRatio } from '../core/units.js';
import type { RunSummary } from '../results/store.js';
import { renderColumns, wrap } from './columns.js';

/** The stored runs as a table: one a line where the terminal is wide enough, else two or three, so that an id is never cut. */
export function renderRunList(
  runs: readonly RunSummary[],
  { folder, columns }: { folder: string; columns: number },
): string {
  if (runs.length === 0) return `no runs in ${folder}; make one with \`sirius-bench cps\``;
  const hasScenarios = runs.some((run) => run.state === 'ok' && run.scenario !== undefined);
  const nameHeads = [...NAME_HEADS, ...(hasScenarios ? ['SCENARIO'] : [])];
  const nameCells = (run: RunSummary) => [...idCells(run), ...(hasScenarios ? [scenarioCell(run)] : [])];
  const names = aligned([nameHeads, ...runs.map(nameCells)]);
  const both = aligned([
    nameHeads.concat(FIGURE_HEADS),
    ...runs.map((run) => nameCells(run).concat(figureCells(run))),
  ]);
  const isWide = both.every((line) => line.length <= columns);
  const figures = figureLines([FIGURE_HEADS, ...runs.map(figureCells)], columns);
  const problems = [[], ...runs.map((run) => problemLines(run, columns))];
  return both
    .flatMap((line, index) => {
      const lines = isWide ? [line] : [names[index] ?? '', ...(figures[index] ?? [])];
      return [...lines.filter((text) => text.trim() !== ''), ...(problems[index] ?? [])];
    })
    .join('\n');
}

/** Below the names: a line each, or two where a long target leaves no room for figures. */
function figureLines(rows: string[][], columns: number): string[][] {
  const lines = aligned(rows).map((line) => `${INDENT}${line}`);
  if (lines.every((line) => line.length <= columns)) return lines.map((line) => [line]);
  const figures = aligned(rows.map((row) => row.slice(1)));
  return rows.map(([target = ''], index) => [`${INDENT}${target}`, `${INDENT}${figures[index] ?? ''}`]);
}

const NAME_HEADS = ['ID', 'VERDICT'];
const FIGURE_HEADS = ['TARGET', 'POWER', 'CLOCK', 'OFFERED', 'ACHIEVED', 'LOST', 'P99'];
const INDENT = '  ';
/** What has no figure. */
const NONE = '-';

function idCells(run: RunSummary): string[] {
  if (run.state === 'broken') return [run.id, 'broken'];
  return [run.id, run.interrupted ? `${run.verdict}, interrupted` : run.verdict];
}

/** What a run with faults played. */
function scenarioCell(run: RunSummary): string {
  return (run.state === 'ok' ? run.scenario : undefined) ?? NONE;
}

function figureCells(run: RunSummary): string[] {
  if (run.state === 'broken') return [];
  const { target, powerWatts, clock, offered, achieved, unit, lossRatio, latencyNsP99 } = run;
  return [
    target,
    powerWatts === undefined ? NONE : `${powerWatts} W`,
    clock,
    formatRate(offered, unit),
    formatRate(achieved, unit),
    formatRatio(lossRatio),
    latencyNsP99 === undefined ? NONE : formatDurationNs(latencyNsP99),
  ];
}

/** Why a run cannot be read, below it. */
function problemLines(run: RunSummary, columns: number): string[] {
  if (run.state === 'ok') return [];
  return wrap(run.problem, columns - INDENT.length).map((line) => `${INDENT}${line}`);
}

/** One line for each row, however long. */
function aligned(rows: string[][]): string[] {
  return renderColumns(rows, { columns: Number.POSITIVE_INFINITY }).split('\n');
}
