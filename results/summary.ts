import { styleText } from 'node:util';
import { formatBytes, formatDurationNs, formatRate, formatRatio } from '../core/units.js';
import { ageingRows, backgroundRows } from './background-rows.js';
import { dropReasonWords } from './drop-reasons.js';
import { faultLines } from './fault-section.js';
import { percent, whole } from './figure-text.js';
import { checkLedger } from './ledger.js';
import { type LatencySummary, type Measured, type Provenance, provenanceOf, type Result } from './result.js';
import { runNotes } from './run-notes.js';
import { runSettings, runTitle, runVerdict } from './run-title.js';
import { renderTable, type TableRow, wrapText } from './text-table.js';

export interface SummaryOptions {
  /** Width of the terminal in characters; sentences are wrapped to it. The tables take 80. */
  columns: number;
  /** Whether to write terminal colours. */
  color: boolean;
  /** The folder the run was saved in, when it was. */
  storedIn?: string;
}

/** A run for a person to read, from the same object that `--json` prints. Each block says where its figures come from. */
export function renderSummary(result: Result, options: SummaryOptions): string {
  const { measured } = result;
  const provenance = provenanceOf(result);
  const blocks = [
    headline(result, options),
    block('load', provenance, loadHeads(result), loadRows(result), options),
    ...(isDatagrams(result) ? [] : [block('connections', provenance, [], connectionRows(measured), options)]),
    block('packets', provenance, [], packetRows(measured), options),
    `${block('latency [us]', provenance, LATENCY_HEADS, latencyRows(measured), options)}${latencyLegend(measured)}`,
    block('generator', provenance, [], generatorRows(result), options),
    ...warmupBlocks(measured, provenance, options),
    ...backgroundBlocks(measured, provenance, options),
    ...flowTableBlocks(result, provenance, options),
    ...ageingBlocks(measured, provenance, options),
    ...faultBlocks(result, provenance, options),
    block('host', 'measured', [], hostRows(result), options),
    closing(result, options),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function headline(result: Result, { columns, color }: SummaryOptions): string {
  const verdict = wrapText(runVerdict(result), columns);
  const title = wrapText(runTitle(result, ', '), columns);
  const settings = wrapText(runSettings(result), columns);
  const notes = runNotes(result).map(({ text }) => wrapText(text, columns));
  if (!color) return [title, settings, verdict, ...notes].join('\n');
  return [
    paint('bold', title),
    settings,
    paint(result.verdict === 'valid' ? 'green' : 'red', verdict),
    ...notes.map((note) => paint('yellow', note)),
  ].join('\n');
}

function block(
  name: string,
  provenance: Provenance,
  heads: string[],
  rows: TableRow[],
  { color }: SummaryOptions,
): string {
  const head: TableRow = [`${name} (${provenance})`, ...heads];
  const indented = rows.map(([label, ...cells]): TableRow => [`  ${label}`, ...cells]);
  const [headLine, ...lines] = renderTable([head, ...indented], { notes: heads.length === 0 });
  return [color ? paint('bold', headLine ?? '') : headLine, ...lines].join('\n');
}

/** Datagrams have no connections: those figures are left out. */
function isDatagrams({ kind }: Result): boolean {
  return kind === 'pps';
}

function loadHeads(result: Result): string[] {
  return [...(isDatagrams(result) ? [] : ['connections']), 'packets', 'on the wire'];
}

function loadRows(result: Result): TableRow[] {
  const { offered, achieved } = result.measured;
  const units = isDatagrams(result) ? (['pps', 'bps'] as const) : (['cps', 'pps', 'bps'] as const);
  return [
    ['offered', ...units.map((unit) => formatRate(offered[unit], unit))],
    ['achieved', ...units.map((unit) => formatRate(achieved[unit], unit))],
    ['achieved of offered', ...units.map((unit) => percent(achieved[unit], offered[unit]))],
  ];
}

function warmupBlocks({ warmup }: Measured, provenance: Provenance, options: SummaryOptions): string[] {
  if (warmup === undefined) return [];
  const { flows, learned, ratePps, durationNs, dropped } = warmup;
  const rows: TableRow[] = [
    ['flows', whole(flows)],
    ['learned', whole(learned), percent(learned, flows)],
    ['took', formatDurationNs(durationNs), `at ${formatRate(ratePps, 'pps')}`],
    ...Object.entries(dropped.byReason).map(([reason, count]): TableRow => [`  ${reason}`, whole(count)]),
  ];
  return [block('warm-up, not counted', provenance, [], rows, options)];
}

function backgroundBlocks(
  { background }: Measured,
  provenance: Provenance,
  options: SummaryOptions,
): string[] {
  return background === undefined
    ? []
    : [block('background', provenance, [], backgroundRows(background), options)];
}

function ageingBlocks({ ageing }: Measured, provenance: Provenance, options: SummaryOptions): string[] {
  return ageing === undefined ? [] : [block('ageing', provenance, [], ageingRows(ageing), options)];
}

function connectionRows({ connections }: Measured): TableRow[] {
  const { attempted, established, completed, open, broken, retransmitted } = connections;
  return [
    ['attempted', whole(attempted)],
    ['established', whole(established), percent(established, attempted)],
    ['completed', whole(completed), percent(completed, attempted)],
    ['open at the end', whole(open)],
    ['broken', whole(broken.total), `${whole(broken.reset)} reset, ${whole(broken.timeout)} timed out`],
    [
      'retransmitted',
      whole(retransmitted.syn + retransmitted.fin),
      `${whole(retransmitted.syn)} SYN, ${whole(retransmitted.fin)} FIN`,
    ],
  ];
}

function packetRows({ packets }: Measured): TableRow[] {
  const { sent, delivered, unexpected, inFlight, lossRatio, dropped } = packets;
  const reasons = Object.entries(dropped.byReason)
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one);
  return [
    ['sent', whole(sent)],
    ['delivered', whole(delivered), percent(delivered, sent)],
    ...(unexpected > 0
      ? [['  unexpected', whole(unexpected), 'of no connection under way'] as TableRow]
      : []),
    ['in flight at the end', whole(inFlight)],
    ['dropped', whole(dropped.total), `loss ${formatRatio(lossRatio)}, ${whole(dropped.atCards)} at cards`],
    ...reasons.map(
      ([reason, count]): TableRow => [`  ${reason}`, whole(count), dropNote(reason, count, dropped.total)],
    ),
  ];
}

/** The share of a reason, and what it means. */
function dropNote(reason: string, count: number, total: number): string {
  const words = dropReasonWords(reason);
  return words === undefined ? percent(count, total) : `${percent(count, total)}, ${words}`;
}

const LATENCY_HEADS = ['min', 'mean', 'p50', 'p90', 'p99', 'p99.9', 'max'];

function latencyRows({ latencyNs }: Measured): TableRow[] {
  const { portToPort } = latencyNs;
  if (portToPort !== undefined) {
    return [
      ['one way', ...latencyCells(portToPort)],
      ['card transit', ...latencyCells(latencyNs.cardTransit)],
    ];
  }
  return [
    ['SYN to SYN-ACK', ...latencyCells(latencyNs.synToSynAck)],
    ['ping-pong', ...latencyCells(latencyNs.pingPong)],
    ['card transit', ...latencyCells(latencyNs.cardTransit)],
  ];
}

/** The one line of the table that its name does not explain. */
function latencyLegend({ latencyNs }: Measured): string {
  if (latencyNs.pingPong.count === 0) return '';
  return '\n  ping-pong: a SYN or FIN to the second card and back (in-line replication)';
}

/** A percentile that fewer than one value lies beyond would be the greatest value under another name. */
function latencyCells({ count, min, mean, p50, p90, p99, p999, max }: LatencySummary): string[] {
  if (count === 0) return LATENCY_HEADS.map(() => '-');
  const [at50, at90, at99, at999] = [p50, p90, p99, p999].map((value, index) =>
    count >= (PERCENTILE_COUNTS_LEAST[index] ?? 0) ? microseconds(value) : '-',
  ) as [string, string, string, string];
  return [microseconds(min), microseconds(mean), at50, at90, at99, at999, microseconds(max)];
}

/** Values needed for p50, p90, p99 and p99.9. */
const PERCENTILE_COUNTS_LEAST = [2, 10, 100, 1000];

function generatorRows(result: Result): TableRow[] {
  const { generator, connections, packets } = result.measured;
  const { scheduleLagNs, unsent, unsentPackets } = generator;
  const row = (label: string, count: number, sent: number, of: string): TableRow => [
    label,
    whole(count),
    `${percent(count, sent + count)} of the ${of} due`,
  ];
  const ofConnections = row('unsent', unsent, connections.attempted, 'connections');
  const ofPackets = row('unsent packets', unsentPackets, packets.sent, 'packets');
  return [
    [
      'schedule lag',
      formatDurationNs(scheduleLagNs.p99),
      `p99; at most ${formatDurationNs(scheduleLagNs.max)}`,
    ],
    ...(isDatagrams(result) ? [] : [ofConnections]),
    ...(isDatagrams(result) || unsentPackets > 0 ? [ofPackets] : []),
  ];
}

/** `pps` drives the cards' own tables, whose size counts; elsewhere a table is as large as the load can fill, to save memory. */
function flowTableBlocks(result: Result, provenance: Provenance, options: SummaryOptions): string[] {
  const { capacity, highWater, atEnd } = result.measured.flowTable;
  // A target without cards has no table.
  if (capacity === 0) return [];
  const rows: TableRow[] = [
    ['most in use', whole(highWater), 'records, all cards together'],
    ['in use at the end', whole(atEnd)],
    isDatagrams(result)
      ? ['room for', whole(capacity), 'records, as the cards have']
      : ['laid out for', whole(capacity), 'records, as the load needs'],
  ];
  return [block('flow table', provenance, [], rows, options)];
}

/** The same lines as `faults` prints. */
function faultBlocks(result: Result, provenance: Provenance, options: SummaryOptions): string[] {
  if ((result.measured.faults ?? []).length === 0) return [];
  return [[block('faults', provenance, [], [], options), ...faultLines(result)].join('\n')];
}

/** What the run cost. Under the wall clock nothing is simulated: what the machine did is the run's own rate. */
function hostRows({ host, input }: Result): TableRow[] {
  const speed = formatRate(host.simulatedPacketsPerSecond, 'pps');
  const simulation: TableRow = ['simulation speed', speed, "of this machine, not the target's rate"];
  return [
    ...(input.clock === 'virtual' ? [simulation] : []),
    ['peak memory', formatBytes(host.peakRssBytes)],
  ];
}

function closing({ measured, input }: Result, { columns, color, storedIn }: SummaryOptions): string {
  const imbalances = checkLedger(measured);
  const ledger =
    imbalances.length === 0
      ? `ledger balances: every packet${measured.connections.attempted > 0 ? ' and every connection' : ''} is accounted for`
      : wrapText(`ledger does NOT balance: ${imbalances.join('; ')}`, columns);
  const painted = color ? paint(imbalances.length === 0 ? 'green' : 'red', ledger) : ledger;
  const { pcap } = input as { pcap?: { path: string; packets: number } };
  // A path is never wrapped: it is there to be copied.
  return [
    painted,
    ...(pcap === undefined
      ? []
      : [`captured in ${pcap.path}: the first ${whole(pcap.packets)} packets at most`]),
    ...(storedIn === undefined ? [] : [`stored in ${storedIn}`]),
  ].join('\n');
}

function paint(style: 'bold' | 'green' | 'red' | 'yellow', text: string): string {
  // The caller has decided on colours; later Node versions would ask standard output again.
  return styleText(style, text, { validateStream: false });
}

/** At most six characters, so that seven figures fit 80 columns: a latency of a second or more carries its unit. */
function microseconds(valueNs: number): string {
  const valueUs = valueNs / 1e3;
  if (valueUs < 999.995) return valueUs.toFixed(2);
  if (valueUs < 9999.95) return valueUs.toFixed(1);
  return valueUs < 999_999.5 ? valueUs.toFixed(0) : `${(valueNs / 1e9).toPrecision(4)}s`;
}
