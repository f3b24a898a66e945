import { formatDurationNs, formatRate, formatRatio } from '../core/units.js';
import type { ReadableRun, RunSummary } from '../results/store.js';
import { renderColumns, wrap } from './columns.js';

export interface RunListOptions {
  /** Where the runs are kept. */
  folder: string;
  /** The only kind that is listed, if it is. */
  kind?: string | undefined;
  /** Width of the terminal. */
  columns: number;
}

/** The stored runs as a table, one a line: columns for which there is no room are left out and named below, so that an id is never cut. */
export function renderRunList(
  runs: readonly RunSummary[],
  { folder, kind, columns }: RunListOptions,
): string {
  if (runs.length === 0) {
    return `no runs${kind === undefined ? '' : ` of ${kind}`} in ${folder}; make one with \`sirius-bench ${kind ?? 'cps'}\``;
  }
  const readable = runs.filter((run) => run.state === 'ok');
  const scenarioCount = readable.filter(({ scenario }) => scenario !== undefined).length;
  const all = COLUMNS.filter(({ head }) => head !== 'SCENARIO' || scenarioCount > 0);
  const isOfScenarios = scenarioCount === readable.length;
  const { shown, lines } = fitted(runs, all, { isOfScenarios, columns });
  const hidden = all.filter((column) => !shown.includes(column)).map(({ head }) => head);
  const notes = [
    ...(readable.some(({ interrupted }) => interrupted)
      ? ['* interrupted: what was measured until then']
      : []),
    ...(hidden.length > 0 ? [`no room here for ${hidden.join(', ')}; --json has them`] : []),
  ];
  const [heads = '', ...rows] = lines;
  return [
    heads,
    ...runs.flatMap((run, index) => [rows[index] ?? '', ...problemLines(run, columns)]),
    ...notes.flatMap((note) => wrap(note, columns)),
  ].join('\n');
}

interface Column {
  head: string;
  cell(run: ReadableRun): string;
}

/** What has no figure. */
const NONE = '-';

const COLUMNS: readonly Column[] = [
  { head: 'SCENARIO', cell: ({ scenario }) => scenario ?? NONE },
  { head: 'TARGET', cell: ({ target }) => target },
  { head: 'POWER', cell: ({ powerWatts }) => (powerWatts === undefined ? NONE : `${powerWatts} W`) },
  { head: 'CLOCK', cell: ({ clock }) => clock },
  {
    head: 'DURATION',
    cell: ({ durationNs, interrupted }) => `${formatDurationNs(durationNs)}${interrupted ? '*' : ''}`,
  },
  { head: 'SEED', cell: ({ seed }) => `${seed}` },
  { head: 'OFFERED', cell: ({ offered, unit }) => formatRate(offered, unit) },
  { head: 'ACHIEVED', cell: ({ achieved, unit }) => formatRate(achieved, unit) },
  // What a trial that is invalid lost says nothing.
  {
    head: 'LOST',
    cell: ({ verdict, lossRatio }) => (verdict === 'valid' ? formatRatio(lossRatio) : 'INVALID'),
  },
  {
    head: 'P99',
    cell: ({ latencyNsP99 }) => (latencyNsP99 === undefined ? NONE : formatDurationNs(latencyNsP99)),
  },
];

/** In order; duration, seed and loss stay. A list of scenarios alone is read for their names. */
const LEFT_OUT_FIRST = {
  scenarios: ['ACHIEVED', 'CLOCK', 'TARGET', 'POWER', 'P99', 'OFFERED', 'SCENARIO'],
  others: ['ACHIEVED', 'CLOCK', 'TARGET', 'SCENARIO', 'POWER', 'P99', 'OFFERED'],
};

/** Heads and runs, a line each, without the columns that make them too long. */
function fitted(
  runs: readonly RunSummary[],
  all: readonly Column[],
  { isOfScenarios, columns }: { isOfScenarios: boolean; columns: number },
): { shown: readonly Column[]; lines: string[] } {
  const leaving = [...LEFT_OUT_FIRST[isOfScenarios ? 'scenarios' : 'others']];
  for (let shown = all; ; ) {
    const heads = ['ID', ...shown.map(({ head }) => head)];
    const rows = runs.map((run) => [
      run.id,
      ...(run.state === 'ok' ? shown.map(({ cell }) => cell(run)) : []),
    ]);
    const lines = renderColumns([heads, ...rows], { columns: Number.POSITIVE_INFINITY }).split('\n');
    const gone = leaving.shift();
    if (gone === undefined || lines.every((line) => line.length <= columns)) return { shown, lines };
    shown = shown.filter(({ head }) => head !== gone);
  }
}

const INDENT = '  ';

/** Why a run cannot be read, below it. */
function problemLines(run: RunSummary, columns: number): string[] {
  if (run.state === 'ok') return [];
  return wrap(`broken: ${run.problem}`, columns - INDENT.length).map((line) => `${INDENT}${line}`);
}
