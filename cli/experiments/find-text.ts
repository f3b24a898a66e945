import { formatDurationNs, formatRatio } from '../../core/units.js';
import { whole } from '../../results/figure-text.js';
import { renderColumns, wrap } from '../columns.js';
import type { FindCpsOptions } from './find-cps-options.js';
import { describeLimits } from './find-goals.js';
import type { FindCpsReport, FindGoal, FindSearch } from './find-search.js';
import { formatCps, type KeptFindTrial } from './find-trials.js';

export interface FindTextOptions {
  columns: number;
  /** Lists every trial. */
  trials: boolean;
  resultsFolder: string;
}

/** The report for people: bounds of each goal, what could not be bracketed, and the trials if asked for. */
export function renderFindCps(
  { searches }: FindCpsReport,
  options: FindCpsOptions,
  { columns, trials, resultsFolder }: FindTextOptions,
): string {
  const blocks = [
    renderHead(options).flatMap((line) => wrap(line, columns)),
    ['highest new connections per second (virtual)', ...boundLines(searches)],
    ...searches.map((search) => noteLines(search, columns)),
    ...(trials ? searches.map((search) => trialLines(search)) : []),
    wrap(trialsNote(searches, { resultsFolder, trials }), columns),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function renderHead({
  method,
  goals,
  latencyLimits,
  minCps,
  maxCps,
  seed,
  target,
}: FindCpsOptions): string[] {
  const [goal] = goals;
  const finalNs = (goal?.finalTrialSeconds ?? 0) * 1e9;
  const firstNs = method === 'bisection' ? finalNs : (goal?.initialTrialSeconds ?? 0) * 1e9;
  const durations =
    firstNs < finalNs
      ? `${formatDurationNs(firstNs)} to ${formatDurationNs(finalNs)}`
      : formatDurationNs(finalNs);
  return [
    `find cps, ${target}, virtual clock, seed ${seed}`,
    `${method} from ${formatCps(minCps)} to ${formatCps(maxCps)}, width ${formatRatio(goal?.relativeWidth ?? 0)}, trials of ${durations}`,
    ...(latencyLimits.length === 0
      ? []
      : [`with every goal: SYN to SYN-ACK ${describeLimits(latencyLimits)}`]),
  ];
}

function boundLines(searches: readonly FindSearch[]): string[] {
  const rows = searches.flatMap((search) =>
    search.goals.map((goal) => [
      powerOf(search),
      goal.goal,
      ...[goal.lowerBound, goal.upperBound].map(rateCell),
      goal.relativeWidth === undefined ? '-' : formatRatio(goal.relativeWidth),
      rateCell(goal.conditionalThroughput),
    ]),
  );
  const head = ['power', 'loss', 'lower bound', 'upper bound', 'width', 'throughput'];
  return [
    ...renderTable([head, ...rows], 2),
    '  lower bound: the goal holds; upper bound: it fails; throughput: the lower',
    '  bound less its losses (conditional throughput)',
  ];
}

function rateCell(rateCps: number | undefined): string {
  return rateCps === undefined ? '-' : whole(Math.round(rateCps));
}

/** What is not simply found, and why. */
function noteLines(search: FindSearch, columns: number): string[] {
  const about = (goal: FindGoal) => [powerOf(search), `loss ${goal.goal}`].filter((word) => word !== '-');
  const notes = search.goals
    .filter(({ explanation }) => explanation !== '')
    .map((goal) => `${about(goal).join(', ')}: ${goal.explanation}`);
  const { stopped } = search;
  const all = stopped === undefined ? notes : [...notes, stopped.message, `hint: ${stopped.hint}`];
  return all.flatMap((note) => wrap(note, columns));
}

function trialLines(search: FindSearch): string[] {
  const rows = search.trials.map((trial, place) => [
    `${place + 1}`,
    whole(trial.rateCps),
    formatDurationNs(trial.durationNs),
    lossCell(trial),
    trial.latencyNs.count === 0 ? '-' : formatDurationNs(trial.latencyNs.p99),
    trial.runId,
  ]);
  const power = powerOf(search);
  return [
    power === '-' ? 'trials (virtual)' : `trials at ${power} (virtual)`,
    ...renderTable([['', 'rate [cps]', 'duration', 'loss', 'p99', 'run'], ...rows], 0),
  ];
}

function lossCell({ invalidReasons, lossRatio }: KeptFindTrial): string {
  return invalidReasons.length > 0 ? 'INVALID' : formatRatio(lossRatio);
}

/** Columns with figures to the right and `leftColumns` words, and the last one of words, to the left. */
function renderTable(rows: readonly string[][], leftColumns: number): string[] {
  const columnCount = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columnCount }, (_, index) =>
    Math.max(...rows.map((row) => (row[index] ?? '').length)),
  );
  const aligned = rows.map((row) =>
    row.map((cell, index) => (index < leftColumns ? cell : cell.padStart(widths[index] ?? 0))),
  );
  return renderColumns(aligned, { columns: Number.POSITIVE_INFINITY })
    .split('\n')
    .map((line) => `  ${line}`);
}

function trialsNote(
  searches: readonly FindSearch[],
  { resultsFolder, trials }: Pick<FindTextOptions, 'resultsFolder' | 'trials'>,
): string {
  const all = searches.flatMap((search) => search.trials);
  const simulatedNs = all.reduce((sum, { durationNs }) => sum + durationNs, 0);
  const count = `${whole(all.length)} ${all.length === 1 ? 'trial' : 'trials'}`;
  const kept = `${count}, ${formatDurationNs(simulatedNs)} of virtual time, stored in ${resultsFolder}`;
  return trials ? kept : `${kept}; --trials lists them`;
}

function powerOf({ powerWatts }: FindSearch): string {
  return powerWatts === undefined ? '-' : `${powerWatts} W`;
}
