import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { ExitCode } from '../../core/errors.js';
import { statedText } from '../../results/paper/deviation.js';
import type { Experiment } from '../../results/paper/paper-number.js';
import { quantityText } from '../../results/paper/quantity.js';
import { reportHtml } from '../../results/report/report-html.js';
import { type Report, type ReportFigure, reportMarkdown } from '../../results/report/report-markdown.js';
import { type ReportRow, reportRows } from '../../results/report/report-row.js';
import { type CardModel, loadModel } from '../../sirius-card/model.js';
import { renderColumns, wrap } from '../columns.js';
import { programOf } from '../host.js';
import { prepareFolder } from '../results-folder.js';
import { runSweep, type SweepFlags, type SweepOptions } from '../sweep/sweep.js';
import { writeFigure } from './figure-files.js';
import { formatLoad } from './find-kind.js';
import { exitCodeOf, type FindSearch } from './find-search.js';
import { paperAnswers } from './paper-answers.js';
import { LOSS_GOAL, type PaperFindings, runPaper } from './paper-trials.js';
import { parseSeedCount } from './seed-count.js';
import { TABLE4_CSV, table4Csv } from './table-4.js';
import { writeFiles } from './written-files.js';

export interface PaperFlags extends SweepFlags {
  model: string;
  seeds?: string;
  quick: boolean;
  out: string;
}

/** What `paper --json` prints. */
export interface PaperOutcome {
  /** Every number that the paper states. */
  rows: ReportRow[];
  /** The highest rates of connections, in each power state. */
  searches: FindSearch[];
  /** Runs whose measurement is invalid. */
  invalidRunIds: string[];
  /** What was written, the report first. */
  files: string[];
}

/** Experiments that a report runs. */
export const BUILT: readonly Experiment[] = [
  'model',
  'table-4',
  'figure-10a',
  'figure-10b',
  'figure-10c',
  'latency',
  'power',
  'failover',
];

/** The whole of `sirius-bench paper`: runs what there is, writes the report and the files of its figures. */
export async function performPaper(
  flags: PaperFlags,
  options: SweepOptions,
): Promise<{ outcome: PaperOutcome; text: string; exitCode: number }> {
  const model = loadModel(flags.model);
  const seedCount = parseSeedCount(flags);
  prepareFolder(flags.out, '--out');
  const findings = await runSweep(flags, options, (pool) =>
    runPaper(pool, { model, modelName: flags.model, seedCount, isQuick: flags.quick }),
  );
  return finishPaper(findings, { model, seedCount, quick: flags.quick, out: flags.out });
}

export interface PaperSettings {
  model: CardModel;
  seedCount: number;
  quick: boolean;
  /** A folder that is there. */
  out: string;
}

/** From findings to files, text and exit code. */
export async function finishPaper(
  findings: PaperFindings,
  settings: PaperSettings,
): Promise<{ outcome: PaperOutcome; text: string; exitCode: number }> {
  const rows = reportRows(paperAnswers(findings, settings.model), { built: BUILT });
  const files = await writePaper(findings, rows, settings);
  const outcome = {
    rows,
    searches: findings.search.searches,
    invalidRunIds: findings.invalid.map(({ id }) => id),
    files,
  };
  const exitCode = findings.invalid.length > 0 ? ExitCode.invalid : exitCodeOf(findings.search);
  return { outcome, text: renderPaper(rows, findings, files), exitCode };
}

/** The report last, so that it never names a file that is not there. */
async function writePaper(
  findings: PaperFindings,
  rows: ReportRow[],
  settings: PaperSettings,
): Promise<string[]> {
  const { out } = settings;
  const written: string[] = [];
  const figures: ReportFigure[] = [];
  const pictures = new Map<string, Uint8Array>();
  for (const data of [...findings.figures, ...findings.sections.flatMap((section) => section.figures)]) {
    const paths = await writeFigure(data, out);
    const [picture = '', ...files] = paths;
    const png = basename(picture);
    pictures.set(png, readFileSync(picture));
    figures.push({ data, png, files: files.map((path) => basename(path)) });
    written.push(...paths);
  }
  written.push(...writeFiles(out, new Map([[TABLE4_CSV, table4Csv(findings.table4)]])));
  const report: Report = {
    title: "The paper's numbers, and ours",
    settings: settingLines(findings, settings),
    rows,
    figures,
  };
  const reports = writeFiles(
    out,
    new Map([
      ['report.md', reportMarkdown(report)],
      ['report.html', reportHtml(report, pictures)],
    ]),
  );
  return [...reports, ...written];
}

function settingLines(
  { search, sections, invalid }: PaperFindings,
  { model, seedCount, quick }: PaperSettings,
): string[] {
  const { version, commit } = programOf();
  const seeds = seedCount === 1 ? 'one seed' : `${seedCount} seeds`;
  return [
    "Disaggregating Stateful Network Functions, NSDI'23, beside sirius-bench",
    `sirius-bench ${version}${commit === '' ? '' : `, commit ${commit}`}`,
    `virtual clock: every figure of ours is simulated time; model ${model.name}`,
    `${seeds} for each point of a figure${quick ? '; quick: fewer points and shorter trials, for a first look' : ''}`,
    limitLine(search.searches),
    ...sections.flatMap(({ notes }) => notes),
    ...invalid.map(({ id, invalidReasons }) => `invalid: ${id}: ${invalidReasons.join('; ')}`),
  ];
}

/** `highest rate of connections at loss 1e-4: 3.085 Mcps at 78 W, ...`. */
function limitLine(searches: readonly FindSearch[]): string {
  const limits = searches.map(({ powerWatts, goals: [goal] }) => {
    const rate = goal?.lowerBound === undefined ? 'none found' : formatLoad(goal.lowerBound, 'cps');
    const state = goal?.status === 'regular' ? '' : ` (${goal?.explanation || 'not bracketed'})`;
    return `${rate} at ${powerWatts} W${state}`;
  });
  return `highest rate of connections at loss ${LOSS_GOAL}: ${limits.join(', ')}`;
}

const NOTE_COLUMNS = 80;
const HEADS = ['NUMBER', 'PAPER', 'OURS', 'DEVIATION', 'KIND'];

/** The numbers that have an answer, those of faults by themselves; Table 4's, which are many and equal, in one line. */
export function renderPaper(
  rows: readonly ReportRow[],
  { search, table4, sections, invalid }: Pick<PaperFindings, 'search' | 'table4' | 'sections' | 'invalid'>,
  files: readonly string[],
): string {
  const tableIds = new Set(table4.rows.map(({ paperId }) => paperId));
  const isOfFaults = ({ number }: ReportRow) => number.experiment === 'failover';
  const answered = rows.filter(({ number, ours }) => ours !== undefined && !tableIds.has(number.id));
  const tables = [answered.filter((row) => !isOfFaults(row)), answered.filter(isOfFaults)].map((some) =>
    renderColumns([HEADS, ...some.map(cellsOf)], { columns: Number.POSITIVE_INFINITY }),
  );
  const equal = table4.rows.filter(({ paper, low, high }) => low === paper && high === paper).length;
  const count = (kind: ReportRow['kind']) => rows.filter((row) => row.kind === kind).length;
  const notes = [
    `Table 4: ${equal} of ${table4.rows.length} counts equal (input)`,
    limitLine(search.searches),
    ...sections.flatMap((section) => section.notes),
    `${rows.length} numbers of the paper: ${count('emergent')} emergent, ${count('fitted')} fitted, ${count('input')} input; ${count('not built yet')} not built yet, ${count('not run')} not run, ${count('not ours to measure')} not ours to measure`,
    ...invalid.map(({ id, invalidReasons }) => `INVALID ${id}: ${invalidReasons.join('; ')}`),
  ];
  const told = notes.flatMap((note) => wrap(note, NOTE_COLUMNS)).join('\n');
  return `the paper's numbers, and ours (virtual)\n\n${tables.join('\n\n')}\n\n${told}\n\n${files.join('\n')}\n`;
}

function cellsOf({ number, kind, ours, deviation }: ReportRow): string[] {
  const text = ours === undefined ? '' : quantityText(ours, number.unit);
  return [number.id, statedText(number), text, deviation?.text ?? '', kind];
}
