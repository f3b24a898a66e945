import { availableParallelism } from 'node:os';
import { usageError } from '../../core/errors.js';
import { formatDurationNs, formatRate } from '../../core/units.js';
import type { FigureData } from '../../results/figures/figure-data.js';
import { table6Figure } from '../../results/figures/table-6.js';
import type { Result } from '../../results/result.js';
import { refuseIdleFlags } from '../flags-together.js';
import { prepareFolder } from '../results-folder.js';
import { evenJobs } from '../sweep/even-jobs.js';
import { JOBS_MAX, runSweep, type SweepFlags, type SweepOptions } from '../sweep/sweep.js';
import { writeFigure } from './figure-files.js';
import { exitCodeFor, invalidLines, watchInvalid } from './invalid-trials.js';
import { performTable4, type Table4Report } from './table-4.js';
import { runTable6, type Table6, type Table6Flags, table6RunCount } from './table-6.js';
import { renderTable6, TABLE6_CSV, table6Csv } from './table-6-text.js';
import { writeFiles } from './written-files.js';

export interface TableFlags extends SweepFlags, Table6Flags {
  out?: string;
}

export interface Table6Report extends Table6 {
  files: string[];
  /** Runs whose measurement is invalid; they are left out. */
  invalidRunIds: string[];
}

export type TableReport = Table4Report | Table6Report;

const TABLES = ['4', '6'];

export interface PerformTableOptions extends SweepOptions {
  /** Names of the flags that were typed. */
  given: ReadonlySet<string>;
}

/** It runs nothing. */
const FLAGS_OF_TABLE_4 = ['seed', 'out', 'quiet', 'json'];

/** The whole of `sirius-bench table NAME`. @throws SiriusError (usage) that lists the tables there are. */
export async function performTable(
  name: string | undefined,
  flags: TableFlags,
  { given, ...options }: PerformTableOptions,
): Promise<{ report: TableReport; text: string; exitCode: number }> {
  if (tableOf(name) === '4') {
    refuseIdleFlags(given, {
      flags: [...given].filter((name) => !FLAGS_OF_TABLE_4.includes(name)),
      expected: 'table 6 beside it: table 4 generates and counts rules, and runs nothing',
      got: 'table 4',
    });
    return { ...performTable4(flags), exitCode: 0 };
  }
  if (flags.duration !== undefined && flags.repeat !== undefined) {
    refuseIdleFlags(given, {
      flags: ['quick'],
      expected: 'a default that it shortens, of --duration or --repeat',
      got: 'both of them',
    });
  }
  const { out } = flags;
  if (out !== undefined) prepareFolder(out, '--out');
  const jobs = flags.jobs ?? `${Math.min(JOBS_MAX, evenJobs(table6RunCount(flags), availableParallelism()))}`;
  const { table, invalid } = await runSweep({ ...flags, jobs }, options, async (pool) => {
    const watched = watchInvalid(pool);
    return { table: await runTable6(watched, flags), invalid: watched.invalid() };
  });
  const files = out === undefined ? [] : await writeTable6(table, out);
  const closing = [...files, ...invalidLines(invalid)];
  const text = `${renderTable6(table)}${closing.length === 0 ? '' : `\n${closing.join('\n')}\n`}`;
  const invalidRunIds = invalid.map(({ id }: Result) => id);
  return { report: { ...table, files, invalidRunIds }, text, exitCode: exitCodeFor(invalid) };
}

async function writeTable6(table: Table6, folder: string): Promise<string[]> {
  const data = table6FigureOf(table);
  // The figure's CSV has its panels; the table's has all of its rows.
  const drawn = await writeFigure({ ...data, id: 'table-6-figure' }, folder);
  return [...writeFiles(folder, new Map([[TABLE6_CSV, table6Csv(table)]])), ...drawn];
}

/** The table as bars. */
export function table6FigureOf({ scenarios, isPaperSize, ...run }: Table6): FigureData {
  const samples = ({ rows, runIds }: Table6['scenarios'][number], quantity: string) =>
    rows
      .filter((row) => row.quantity === quantity)
      .flatMap(({ values }) => values.map((y, place) => ({ y, runId: runIds[place] ?? '' })));
  return table6Figure(
    scenarios.map((scenario) => ({
      paperKey: scenario.paperKey,
      label: scenario.label,
      outageMayGoOn: scenario.outageMayGoOn,
      dropped: samples(scenario, 'lost'),
      droppedAtCards: samples(scenario, 'lost-at-cards'),
      recoveryNs: samples(scenario, 'recovery'),
    })),
    {
      mark: 'virtual',
      isPaperSize,
      replication: run.replication,
      subtitle: `(a) planned switchover, (b) ToR1's links to both cards down, (c) Card1's links to both ToRs down; ${formatRate(run.rateCps, 'cps')}, ${formatDurationNs(run.durationNs)}, model ${run.model}${run.replication ? '' : ', without replication'}${run.isScaled ? '; shares derived for 60 s' : ''}`,
    },
  );
}

function tableOf(name: string | undefined): string {
  const wanted = name
    ?.trim()
    .toLowerCase()
    .replace(/^table[\s-]*/, '');
  if (wanted !== undefined && TABLES.includes(wanted)) return wanted;
  throw usageError({
    code: 'unknown-table',
    where: 'NAME',
    expected: `a table of the paper that there is here (${TABLES.join(', ')})`,
    got: name === undefined ? 'none' : JSON.stringify(name),
    hint: 'Its rule sets: sirius-bench table 4; faults: table 6. Of its figures, sirius-bench figure --list tells.',
  });
}
