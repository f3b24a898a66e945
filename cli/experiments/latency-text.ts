import { formatRate, formatRatio } from '../../core/units.js';
import { wrap } from '../columns.js';
import type { LatencyReport } from './latency.js';
import { LATENCY_NAMES, type LatencyFigures, type LatencyStep, type StepLatency } from './latency-step.js';

export const LATENCY_LABELS: Record<StepLatency, string> = {
  cardTransit: 'port to port through a card',
  synToSynAck: 'SYN to SYN-ACK',
  pingPong: 'ping-pong',
};

const COLUMNS = 80;

const FIGURES: readonly [head: string, key: Exclude<keyof LatencyFigures, 'count'>][] = [
  ['min', 'minNs'],
  ['mean', 'meanNs'],
  ['p50', 'p50Ns'],
  ['p90', 'p90Ns'],
  ['p99', 'p99Ns'],
  ['p99.9', 'p999Ns'],
  ['p99.99', 'p9999Ns'],
  ['max', 'maxNs'],
  ['jitter', 'jitterNs'],
];

/** A latency ladder for a person to read, within 80 columns. */
export function renderLatency(
  report: Pick<LatencyReport, 'subtitle' | 'mark' | 'steps'>,
  files: readonly string[],
): string {
  const { mark, steps } = report;
  const sizes = [...new Set(steps.map(({ packetBytes }) => packetBytes))];
  const blocks = sizes.flatMap((bytes) => {
    const ofSize = steps.filter(({ packetBytes }) => packetBytes === bytes);
    const shown = LATENCY_NAMES.filter((name) => ofSize.some(({ latencies }) => latencies[name]));
    const tables = shown.map(
      (name) => `${LATENCY_LABELS[name]} [us] (${mark})\n${latencyTable(ofSize, name)}`,
    );
    return [`load, frames of ${bytes} B (${mark})\n${loadTable(ofSize)}`, ...tables];
  });
  const reasons = [...new Set(steps.flatMap(({ invalidReasons }) => invalidReasons))];
  const notes = [...legend(steps), ...reasons.map((reason) => `invalid: ${reason}`)];
  const told = notes.map((note) => wrapped(note)).join('\n');
  return `${[wrapped(`latency by load: ${report.subtitle}`), ...blocks, told, files.join('\n')].join('\n\n')}\n`;
}

/** One row per load and latency, in nanoseconds; RFC 4180. */
export function latencyCsv({ steps, mark, target, powerWatts }: LatencyReport): string {
  const heads = [
    ...['mark', 'target', 'power_watts', 'packet_bytes', 'latency', 'offered_cps', 'achieved_cps'],
    ...['packets_sent', 'packets_dropped', 'verdict', 'count'],
    ...['min_ns', 'mean_ns', 'p50_ns', 'p90_ns', 'p99_ns', 'p999_ns', 'p9999_ns', 'max_ns', 'jitter_ns'],
    'run_ids',
  ];
  const rows = steps.flatMap((step) => {
    const load = [mark, target, powerWatts ?? '', step.packetBytes];
    const outcome = [
      ...[step.offeredCps, step.achievedCps, step.sentPackets, step.droppedPackets, step.verdict],
    ];
    const runs = step.runs.join(' ');
    if (step.verdict === 'invalid') return [[...load, '', ...outcome, '', ...FIGURES.map(() => ''), runs]];
    return LATENCY_NAMES.flatMap((name) => {
      const figures = step.latencies[name];
      if (figures === undefined) return [];
      return [
        [...load, name, ...outcome, figures.count, ...FIGURES.map(([, key]) => figures[key] ?? ''), runs],
      ];
    });
  });
  return `${[heads, ...rows].map((row) => row.join(',')).join('\r\n')}\r\n`;
}

function wrapped(text: string): string {
  return wrap(text, COLUMNS).join('\n');
}

function loadTable(steps: readonly LatencyStep[]): string {
  return rightAligned([
    ['  offered', 'achieved', 'packets dropped', ''],
    ...steps.map((step) => [
      rateText(step),
      formatRate(step.achievedCps, 'cps'),
      formatRatio(step.sentPackets === 0 ? 0 : step.droppedPackets / step.sentPackets),
      step.verdict === 'invalid' ? 'invalid' : '',
    ]),
  ]);
}

function latencyTable(steps: readonly LatencyStep[], name: StepLatency): string {
  return rightAligned([
    ['  offered', ...FIGURES.map(([head]) => head)],
    ...steps.map((step) => {
      const figures = step.latencies[name];
      return [
        rateText(step),
        ...FIGURES.map(([, key]) => microseconds(figures === undefined ? null : figures[key])),
      ];
    }),
  ]);
}

/** Loads at which the target drops are marked. */
function rateText({ offeredCps, droppedPackets }: LatencyStep): string {
  return `${droppedPackets > 0 ? '!' : ' '} ${formatRate(offeredCps, 'cps')}`;
}

function legend(steps: readonly LatencyStep[]): string[] {
  const hasGap = steps.some(({ latencies }) =>
    Object.values(latencies).some((figures) => figures.p9999Ns === null),
  );
  return [
    ...(steps.some(({ droppedPackets }) => droppedPackets > 0)
      ? ['!: the target drops packets at this load; latency is of those that came through']
      : []),
    'jitter: p99.9 less min, the packet delay variation of RFC 5481',
    ...(steps.some(({ runs }) => runs.length > 1)
      ? ['medians over seeds; min and max are of all of them']
      : []),
    ...(hasGap ? ['-: too few values to tell'] : []),
  ];
}

/** Four digits or more: the histograms are exact to three. */
function microseconds(valueNs: number | null): string {
  if (valueNs === null) return '-';
  const us = valueNs / 1e3;
  return us.toFixed(us < 100 ? 2 : us < 1000 ? 1 : 0);
}

/** The first column starts at the left, the others end at the right. */
function rightAligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
