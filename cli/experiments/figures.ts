import { usageError } from '../../core/errors.js';
import { nearest } from '../../core/nearest.js';
import { formatDurationNs, formatRate, formatRatio } from '../../core/units.js';
import { figure10a, figure10b, figure10c } from '../../results/figures/figure-10.js';
import type { FigureData } from '../../results/figures/figure-data.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import { type CpsByRateOptions, dropsByRate, latenciesByRate } from './cps-by-rate.js';
import { ppsByFlows } from './pps-by-flows.js';

export interface FigureExperiment {
  /** As `figure` takes it. */
  name: string;
  /** What it shows, for `figure --list`. */
  what: string;
  run(pool: TrialPool, options: CpsByRateOptions): Promise<FigureData>;
  /** A value of its main axis, for people. */
  formatX(value: number): string;
  formatY(value: number): string;
}

const cps = (value: number) => formatRate(value, 'cps');

/** The paper's figures that this version can draw. */
export const FIGURES: readonly FigureExperiment[] = [
  {
    name: '10a',
    what: 'packets per second by concurrent flows, a line per power state',
    run: async (pool, options) =>
      figure10a({ ...runOf(options, LINE_RATE), lines: await ppsByFlows(pool, options) }),
    formatX: (value) => value.toLocaleString('en-US'),
    formatY: (value) => formatRate(value, 'pps'),
  },
  {
    name: '10b',
    what: 'fraction of packets dropped by offered connections per second, a line per power state',
    run: async (pool, options) =>
      figure10b({ ...runOf(options, CONNECTIONS), lines: await dropsByRate(pool, options) }),
    formatX: cps,
    formatY: formatRatio,
  },
  {
    name: '10c',
    what: 'latency SYN to SYN-ACK and of the ping-pong by offered connections per second',
    run: async (pool, options) =>
      figure10c({ ...runOf(options, CONNECTIONS), lines: await latenciesByRate(pool, options) }),
    formatX: cps,
    formatY: formatDurationNs,
  },
];

/** @throws SiriusError (usage) that lists the figures there are. */
export function findFigure(name: string): FigureExperiment {
  const wanted = name
    .trim()
    .toLowerCase()
    .replace(/^figure-?/, '');
  const found = FIGURES.find((figure) => figure.name === wanted);
  if (found) return found;
  const names = FIGURES.map((figure) => figure.name);
  const close = nearest(wanted, names);
  throw usageError({
    code: 'unknown-figure',
    where: 'NAME',
    expected: `a figure (${names.join(', ')})`,
    got: JSON.stringify(name),
    hint: close === undefined ? 'See sirius-bench figure --list.' : `Did you mean ${close}?`,
  });
}

/** What the trials of a figure offer, and to what: the defaults of `pps` and `cps`. */
const LINE_RATE = 'card://solo, line rate of 64 B packets in VXLAN';
const CONNECTIONS = 'card://pair, connections of 6 packets of 64 B in VXLAN, acl table4, replication on';

function runOf({ model, seedCount, isQuick }: CpsByRateOptions, what: string) {
  const seeds = seedCount === 1 ? 'one seed' : `${seedCount} seeds, bars show their range`;
  return {
    mark: 'virtual' as const,
    subtitle: `${what}; model ${model.name}, ${seeds}${isQuick ? ', quick' : ''}`,
  };
}
