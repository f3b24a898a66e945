import { type FigureData, marksOf } from '../figures/figure-data.js';
import { statedText } from '../paper/deviation.js';
import { quantityText } from '../paper/quantity.js';
import type { ReportRow } from './report-row.js';

export interface Report {
  title: string;
  /** One line each, under the title: version, clock, model, seeds, time of the run. */
  settings: string[];
  rows: ReportRow[];
  figures: ReportFigure[];
}

export interface ReportFigure {
  data: FigureData;
  /** Path of its PNG from the report's folder. */
  png: string;
  /** Further files of it: SVG, CSV, JSON. */
  files: string[];
}

/** The report as Markdown: figures, then every number that the paper states with ours beside it, then the runs behind them. */
export function reportMarkdown({ title, settings, rows, figures }: Report): string {
  const sources = sourcesOf(rows);
  const compared = rows.filter(({ ours }) => ours !== undefined);
  const open = rows.filter(({ kind }) => kind === 'not built yet' || kind === 'not run');
  const outside = rows.filter(({ kind }) => kind === 'not ours to measure');
  const blocks = [
    `# ${escaped(title)}`,
    settings.map((line) => `- ${escaped(line)}`).join('\n'),
    summary(rows),
    ...(figures.length === 0 ? [] : ['## Figures', ...figures.flatMap(figureBlocks)]),
    '## Numbers of the paper, and ours',
    KINDS_TEXT,
    compared.length === 0 ? 'None was compared in this report.' : comparedTable(compared, sources),
    ...(open.length === 0 ? [] : ['## Not answered in this report', openTable(open)]),
    ...(outside.length === 0 ? [] : ['## Not ours to measure', OUTSIDE_TEXT, outsideTable(outside)]),
    ...(sources.size === 0 ? [] : ['## Runs', sourceList(sources)]),
  ];
  return `${blocks.join('\n\n')}\n`;
}

const KINDS_TEXT =
  '*Input*: typed into the timing model, the traffic or the shape of the rules. *Fitted*: follows from a number that was ' +
  'chosen to meet the paper. *Emergent*: brought about by queues and tables. An input that equals the paper confirms nothing.';
const OUTSIDE_TEXT =
  'Numbers of the production cloud and of other hardware, told for completeness: no experiment here can give them.';

function summary(rows: ReportRow[]): string {
  const count = (...kinds: ReportRow['kind'][]) => rows.filter(({ kind }) => kinds.includes(kind)).length;
  const bounds = rows.filter(({ deviation }) => deviation?.holds !== undefined);
  const held = bounds.filter(({ deviation }) => deviation?.holds).length;
  return [
    `The paper states **${rows.length}** numbers. Ours stands beside **${count('input', 'fitted', 'emergent')}**:`,
    `${count('emergent')} emergent, ${count('fitted')} fitted, ${count('input')} input.`,
    `Not built yet: ${count('not built yet')}; not run: ${count('not run')}; not ours to measure: ${count('not ours to measure')}.`,
    bounds.length === 0 ? '' : `Of ${bounds.length} bounds ("over", "under") ${held} hold.`,
  ]
    .join(' ')
    .trim();
}

/** What a reader who does not see the picture is told. */
export function figureAlt({ data }: ReportFigure): string {
  return `${data.title}. ${data.subtitle}`;
}

function figureBlocks(figure: ReportFigure): string[] {
  const { data, png, files } = figure;
  const links = files.map((file) => `[${escaped(file)}](${encodeURI(file)})`).join(', ');
  return [
    `### ${escaped(`${data.title} (${marksOf(data).join(', ')})`)}`,
    `![${escaped(figureAlt(figure))}](${encodeURI(png)})`,
    ...(links === '' ? [] : [`Data: ${links}`]),
  ];
}

function comparedTable(rows: ReportRow[], sources: Map<string, string>): string {
  return table(
    ['where', 'quantity', 'paper', 'ours', 'deviation', 'kind', 'runs'],
    rows.map((row) => [
      row.number.where,
      withNote(row),
      statedText(row.number),
      row.ours === undefined ? '' : quantityText(row.ours, row.number.unit),
      row.deviation?.text ?? '',
      row.kind,
      sources.get(sourceKey(row)) ?? '',
    ]),
  );
}

function openTable(rows: ReportRow[]): string {
  return table(
    ['where', 'quantity', 'paper', 'experiment', 'state'],
    rows.map((row) => [
      row.number.where,
      withNote(row),
      statedText(row.number),
      row.number.experiment,
      row.kind,
    ]),
  );
}

function outsideTable(rows: ReportRow[]): string {
  return table(
    ['where', 'quantity', 'paper'],
    rows.map((row) => [row.number.where, withNote(row), statedText(row.number)]),
  );
}

function withNote({ number: { quantity, note } }: ReportRow): string {
  return note === undefined ? quantity : `${quantity} (${note})`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(escaped).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** Rows that come from the same runs share a source: `R1`, by the joined ids of its runs. */
function sourcesOf(rows: ReportRow[]): Map<string, string> {
  const keys = new Set(rows.map(sourceKey).filter((key) => key !== ''));
  return new Map([...keys].map((key, place) => [key, `R${place + 1}`]));
}

function sourceKey({ runIds }: ReportRow): string {
  return runIds.join(' ');
}

function sourceList(sources: Map<string, string>): string {
  return [...sources]
    .map(([key, name]) => {
      const runs = key.split(' ').map((id) => `\`${id}\``);
      return `- **${name}** ${runs.join(', ')}`;
    })
    .join('\n');
}

/** Text as it is: nothing of it is markup, and a cell stays one cell. */
function escaped(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>|#&~]/g, (sign) => `\\${sign}`);
}
