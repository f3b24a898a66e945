import { formatRate } from '../../core/units.js';
import { figureCsv } from '../../results/figures/figure-csv.js';
import type { FigureData, PaperMark } from '../../results/figures/figure-data.js';
import { loadLatencyFigure } from '../../results/figures/load-latency.js';
import { paperAcross } from '../../results/figures/paper-mark.js';
import type { LatencyReport, LoadTrials } from './latency.js';
import { LATENCY_NAMES, resolvedNs, type StepLatency } from './latency-step.js';
import { LATENCY_LABELS, latencyCsv } from './latency-text.js';
import { writeFiles } from './written-files.js';

const FILE_WORDS: Record<StepLatency, string> = {
  cardTransit: 'card-transit',
  synToSynAck: 'syn-to-syn-ack',
  pingPong: 'ping-pong',
};
const LINES = [
  ['p50', 'p50'],
  ['p90', 'p90'],
  ['p99', 'p99'],
  ['p99.9', 'p999'],
] as const;

/** Writes latency.csv, latency.json and a chart of each latency and packet size into a folder that is there; gives the paths. */
export async function writeLatency(
  report: LatencyReport,
  trials: readonly LoadTrials[],
  folder: string,
): Promise<string[]> {
  const { figurePng, figureSvg } = await import('../../results/charts/figure-picture.js');
  const contents = new Map<string, Uint8Array | string>([
    ['latency.csv', latencyCsv(report)],
    ['latency.json', `${JSON.stringify(report, null, 2)}\n`],
  ]);
  for (const figure of latencyFigures(report, trials)) {
    contents.set(`${figure.id}.png`, figurePng(figure));
    contents.set(`${figure.id}.svg`, figureSvg(figure));
    contents.set(`${figure.id}.csv`, figureCsv(figure));
  }
  return writeFiles(folder, contents);
}

/** A figure for each packet size and latency that valid trials have. */
export function latencyFigures(
  { mark, subtitle, powerWatts, steps }: LatencyReport,
  trials: readonly LoadTrials[],
): FigureData[] {
  const sizes = [...new Set(trials.map(({ packetBytes }) => packetBytes))];
  return sizes.flatMap((bytes) => {
    const ofSize = steps.filter(({ packetBytes }) => packetBytes === bytes);
    const dropsAt = ofSize.filter(({ droppedPackets }) => droppedPackets > 0);
    const places = dropsAt.map(({ offeredCps }) => formatRate(offeredCps, 'cps')).join(', ');
    const drops = places === '' ? '' : `; packets dropped at ${places}`;
    const valid = trials
      .filter(({ packetBytes }) => packetBytes === bytes)
      .filter(({ results }) => results.every(({ verdict }) => verdict === 'valid'))
      .flatMap(({ results }) => results);
    return LATENCY_NAMES.filter((name) => ofSize.some(({ latencies }) => latencies[name])).map(
      (name): FigureData => ({
        ...loadLatencyFigure({
          mark,
          subtitle: `${subtitle}${drops}`,
          what: [
            LATENCY_LABELS[name],
            ...(powerWatts === undefined ? [] : [`${powerWatts} W`]),
            `${bytes} B`,
          ].join(', '),
          load: { label: 'offered connections per second', unit: 'cps' },
          percentiles: linesOf(valid, name),
          paperMarks: paperMarksOf(name, bytes),
        }),
        id: `latency-${FILE_WORDS[name]}-${bytes}`,
      }),
    );
  });
}

/** The paper's numbers of this latency; its card transit is of two packet sizes. */
function paperMarksOf(name: StepLatency, bytes: number): PaperMark[] {
  if (name === 'pingPong') return [paperAcross('ping-pong')];
  return name === 'cardTransit' && (bytes === 64 || bytes === 1500)
    ? [paperAcross(`card-transit-${bytes}`)]
    : [];
}

function linesOf(results: readonly LoadTrials['results'][number][], name: StepLatency) {
  const withValues = results.filter(({ measured }) => measured.latencyNs[name].count > 0);
  const sample = ({ id, input }: LoadTrials['results'][number], y: number) => ({
    x: input.rateCps ?? Number.NaN,
    y,
    runId: id,
  });
  return [
    ...LINES.map(([label, percentile]) => ({
      label,
      samples: withValues.flatMap((result) => {
        const y = resolvedNs(result.measured.latencyNs[name], percentile);
        return y === null ? [] : [sample(result, y)];
      }),
    })),
    {
      label: 'max',
      samples: withValues.map((result) => sample(result, result.measured.latencyNs[name].max)),
    },
  ];
}
