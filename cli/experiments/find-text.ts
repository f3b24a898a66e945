import { formatDurationNs, formatRatio } from '../../core/units.js';
import { whole } from '../../results/figure-text.js';
import { renderColumns, wrap } from '../columns.js';
import { describeLimits } from './find-goals.js';
import { type FindOptions, subjectName } from './find-options.js';
import { type FindGoal, type FindReport, type FindSearch, hasGrowingQueues } from './find-search.js';
import type { KeptFindTrial } from './find-trials.js';

export interface FindTextOptions {
  columns: number;
  /** Lists every trial. */
  trials: boolean;
  resultsFolder: string;
}

/** The report for people: bounds of each goal, what could not be bracketed, and the trials if asked for. */
export function renderFind(
  { searches }: FindReport,
  options: FindOptions,
  { columns, trials, resultsFolder }: FindTextOptions,
): string {
  const blocks = [
    renderHead(options).flatMap((line) => wrap(line, columns)),
    [options.kind.heading, ...boundLines(searches, options)],
    ...searches.map((search) => noteLines(search, columns)),
    ...(trials ? searches.map((search) => trialLines(search, options)) : []),
    wrap(trialsNote(searches, { resultsFolder, trials }), columns),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function renderHead({ kind, method, goals, latencyLimits, subjects, seed, target }: FindOptions): string[] {
  const [goal] = goals;
  const finalNs = (goal?.finalTrialSeconds ?? 0) * 1e9;
  const firstNs = method === 'bisection' ? finalNs : (goal?.initialTrialSeconds ?? 0) * 1e9;
  const durations =
    firstNs < finalNs
      ? `${formatDurationNs(firstNs)} to ${formatDurationNs(finalNs)}`
      : formatDurationNs(finalNs);
  const least = kind.formatLoad(Math.min(...subjects.map(({ minLoad }) => minLoad)));
  const greatest = kind.formatLoad(Math.max(...subjects.map(({ maxLoad }) => maxLoad)));
  return [
    `${kind.command}, ${target}, virtual clock, seed ${seed}`,
    `${method} from ${least} to ${greatest}, width ${formatRatio(goal?.relativeWidth ?? 0)}, trials of ${durations}`,
    ...(latencyLimits.length === 0
      ? []
      : [`with every goal: ${kind.latencyName} ${describeLimits(latencyLimits)}`]),
  ];
}

function boundLines(searches: readonly FindSearch[], { kind }: FindOptions): string[] {
  const isOfPackets = searches.some(({ lineRatePps }) => lineRatePps !== undefined);
  const rows = searches.flatMap((search) =>
    search.goals.map((goal) => [
      subjectName(search) || '-',
      goal.goal,
      ...[goal.lowerBound, goal.upperBound].map((load) => loadCell(load, kind.loadUnit)),
      goal.relativeWidth === undefined ? '-' : formatRatio(goal.relativeWidth),
      loadCell(goal.conditionalThroughput, kind.loadUnit),
      ...(isOfPackets ? [lineRateCell(goal, search)] : []),
    ]),
  );
  const unit = kind.loadUnit === 'pps' ? ' [Mpps]' : '';
  const head = [
    '',
    'loss',
    `lower${unit || ' bound'}`,
    `upper${unit || ' bound'}`,
    'width',
    kind.throughputName,
  ];
  return [
    ...renderTable([[...head, ...(isOfPackets ? ['of line rate'] : [])], ...rows], 2),
    `  lower bound: the goal holds; upper bound: it fails; ${kind.throughputName}: the lower`,
    '  bound less its losses (conditional throughput)',
    ...(kind.lossNote === undefined ? [] : [`  ${kind.lossNote}`]),
    ...(isOfPackets ? ['  of line rate: the throughput, of what one port carries of that size'] : []),
  ];
}

function loadCell(load: number | undefined, unit: FindOptions['kind']['loadUnit']): string {
  if (load === undefined) return '-';
  return unit === 'pps' ? (load / 1e6).toFixed(3) : whole(Math.round(load));
}

/** Rounded down: a target that misses line rate by a packet has not reached it. */
function lineRateCell({ conditionalThroughput }: FindGoal, { lineRatePps }: FindSearch): string {
  if (conditionalThroughput === undefined || lineRatePps === undefined) return '-';
  // A search offers whole packets per second, so that line rate is reached within one of them.
  const percent = (Math.min(conditionalThroughput / Math.floor(lineRatePps), 1) * 100).toFixed(3);
  return `${percent.slice(0, -2)}%`;
}

/** What is not simply found, and why. */
function noteLines(search: FindSearch, columns: number): string[] {
  const about = (goal: FindGoal) => [subjectName(search), `loss ${goal.goal}`].filter((word) => word !== '');
  const notes = search.goals
    .map((goal) => ({ goal, note: goal.explanation || aboveNote(goal) }))
    .filter(({ note }) => note !== '')
    .map(({ goal, note }) => `${about(goal).join(', ')}: ${note}`);
  const { stopped } = search;
  const all = stopped === undefined ? notes : [...notes, stopped.message, `hint: ${stopped.hint}`];
  return all.flatMap((note) => wrap(note, columns));
}

function aboveNote({ upperDropReason, upperHasGrowingQueues }: FindGoal): string {
  if (upperHasGrowingQueues) return 'at the upper bound queues grow until the trial ends';
  return upperDropReason === undefined
    ? ''
    : `at the upper bound most packets are dropped for ${upperDropReason}`;
}

function trialLines(search: FindSearch, { kind }: FindOptions): string[] {
  const isMarked = search.trials.some(hasGrowingQueues);
  const rows = search.trials.map((trial, place) => [
    `${place + 1}`,
    whole(trial.load),
    formatDurationNs(trial.durationNs),
    lossCell(trial, isMarked),
    trial.latencyNs.count === 0 ? '-' : formatDurationNs(trial.latencyNs.p99),
    trial.runId,
  ]);
  const name = subjectName(search);
  const load = kind.loadUnit === 'flows' ? 'flows' : `rate [${kind.loadUnit}]`;
  return [
    name === '' ? 'trials (virtual)' : `trials at ${name} (virtual)`,
    ...renderTable([['', load, 'duration', isMarked ? 'loss ' : 'loss', 'p99', 'run'], ...rows], 0),
    ...(isMarked ? [GROWTH_LEGEND] : []),
  ];
}

const GROWTH_LEGEND = '  * by queues that grew until the end: the run itself shows less lost, or nothing';

/** What the search counted is not what the stored run shows where queues grew: it is marked. */
function lossCell(trial: KeptFindTrial, isMarked: boolean): string {
  const { invalidReasons, lossRatio } = trial;
  const text = invalidReasons.length > 0 ? 'INVALID' : formatRatio(lossRatio);
  return `${text}${hasGrowingQueues(trial) ? '*' : isMarked ? ' ' : ''}`;
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
