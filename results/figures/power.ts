import { paperNumber } from '../paper/reference.js';
import { byPower, type FigureRun } from './figure-10.js';
import {
  FIGURE_SCHEMA,
  type FigureData,
  type FigurePanel,
  type PaperMark,
  pointsOf,
  type Sample,
} from './figure-data.js';
import { paperAcross, paperDiamond } from './paper-mark.js';

/** What one seed gave in one quantity. */
export type PowerSample = Omit<Sample, 'x'>;

/** A power state in six quantities, each with a sample per seed. Latencies in nanoseconds (p50). */
export interface PowerStateSamples {
  powerWatts: number;
  pps: PowerSample[];
  cps: PowerSample[];
  cardTransitNs: PowerSample[];
  synToSynAckNs: PowerSample[];
  packetsPerJoule: PowerSample[];
  connectionsPerJoule: PowerSample[];
}

/** Power states side by side: a panel of bars each for PPS, CPS, two latencies, and work per joule. */
export function powerFigure({
  mark,
  subtitle,
  states,
}: FigureRun & { states: PowerStateSamples[] }): FigureData {
  const sorted = byPower(states);
  return {
    schema: FIGURE_SCHEMA,
    id: 'power',
    title: 'Power states side by side',
    subtitle,
    panels: QUANTITIES.map((quantity): FigurePanel => {
      const points = sorted.flatMap(({ powerWatts, [quantity.key]: samples }) =>
        pointsOf(samples.map((sample) => ({ ...sample, x: powerWatts }))),
      );
      return {
        id: quantity.id,
        title: quantity.title,
        kind: 'bars',
        x: { label: 'power state', unit: 'W', scale: 'linear' },
        y: { label: quantity.title, unit: quantity.unit, scale: 'linear' },
        series: [{ id: quantity.id, label: quantity.title, mark, group: 0, role: 'main', points }],
        paperMarks: paperMarksOf(quantity, sorted),
      };
    }),
  };
}

interface PowerQuantity {
  key: Exclude<keyof PowerStateSamples, 'powerWatts'>;
  id: string;
  title: string;
  unit: string;
  /** The paper's numbers, and for which state they are; without one it is a line across. */
  paper?: { id: string; state?: 'baseline' | 'lowest' }[];
}

/** As the panels stand: rates and latencies, what they cost below each other. */
const QUANTITIES: PowerQuantity[] = [
  { key: 'pps', id: 'pps', title: 'packets per second', unit: 'pps', paper: [{ id: 'card-pps' }] },
  {
    key: 'cardTransitNs',
    id: 'card-transit',
    title: 'card transit, p50',
    unit: 'ns',
    paper: [{ id: 'card-transit-64', state: 'baseline' }],
  },
  { key: 'packetsPerJoule', id: 'packets-per-joule', title: 'packets per joule', unit: 'packets/J' },
  {
    key: 'cps',
    id: 'cps',
    title: 'connections per second',
    unit: 'cps',
    paper: [
      { id: 'pair-cps', state: 'baseline' },
      { id: 'pair-cps-52w', state: 'lowest' },
    ],
  },
  { key: 'synToSynAckNs', id: 'syn-to-syn-ack', title: 'SYN to SYN-ACK, p50', unit: 'ns' },
  {
    key: 'connectionsPerJoule',
    id: 'connections-per-joule',
    title: 'connections per joule',
    unit: 'connections/J',
  },
];

/** A mark on a state that was not run has no bar to stand at. */
function paperMarksOf({ paper = [] }: PowerQuantity, sorted: PowerStateSamples[]): PaperMark[] {
  const watts = {
    baseline: paperNumber('power-lowest').stated.value / (1 - paperNumber('power-saved').stated.value),
    lowest: paperNumber('power-lowest').stated.value,
  };
  return paper.flatMap(({ id, state }) => {
    if (state === undefined) return [paperAcross(id)];
    const bar = sorted.find(({ powerWatts }) => Math.round(watts[state]) === powerWatts);
    return bar === undefined ? [] : [paperDiamond(id, { x: bar.powerWatts })];
  });
}
