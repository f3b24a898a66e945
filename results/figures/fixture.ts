import { figure10a, figure10b, figure10c } from './figure-10.js';
import type { FigureData, Sample } from './figure-data.js';
import { heroBandFigure } from './hero-band.js';
import { loadLatencyFigure } from './load-latency.js';
import { paperUpward } from './paper-mark.js';
import { type PowerSample, powerFigure } from './power.js';
import { searchFigure } from './search.js';

/** Told in every picture of these figures: nothing of them was measured or simulated. */
const MADE_UP =
  'MADE-UP DATA FOR TESTS: card://pair, 64 B in VXLAN, acl table4, replication on, 2 s a point, 5 seeds';

const SEEDS = [0, 1, 2, 3, 4];
const STATES = [
  { powerWatts: 52, pps: 41.4e6, cpsLimit: 2.51e6 },
  { powerWatts: 78, pps: 55.1e6, cpsLimit: 3.06e6 },
  { powerWatts: 68, pps: 49.6e6, cpsLimit: 3.03e6 },
];
const LOADS_CPS = [0.3e6, 0.6e6, 1e6, 1.5e6, 2e6, 2.25e6, 2.5e6, 2.75e6, 3e6, 3.25e6, 3.5e6];

/** Figures with believable shapes and made-up values, for tests of everything that draws them. */
export function exampleFigures(): FigureData[] {
  return [...examplePaperFigures(), exampleSearch(), exampleHero()];
}

/** Those of them that stand in the report. */
export function examplePaperFigures(): FigureData[] {
  return [exampleFigure10a(), exampleFigure10b(), exampleFigure10c(), exampleLoadLatency(), examplePower()];
}

export function exampleSearch(): FigureData {
  return searchFigure({
    mark: 'virtual',
    subtitle: MADE_UP,
    id: 'find-cps',
    title: 'Every trial of find cps: loss by load',
    load: { label: 'offered connections per second', unit: 'cps' },
    lines: STATES.map(({ powerWatts, cpsLimit }) => ({
      label: `${powerWatts} W`,
      samples: [0.5, 0.8, 0.95, 0.99, 1, 1.004, 1.02, 1.1, 1.4].map((share) => ({
        x: share * cpsLimit,
        y: Math.max(0, share - 1) / 3,
        runId: `search-${powerWatts}-${share}`,
      })),
    })),
    goals: [{ label: 'goal: 1e-4 lost', lossRatio: 1e-4 }],
    paperMarks: [paperUpward('pair-cps', 'a card pair'), paperUpward('pair-cps-52w', 'lowest power state')],
  });
}

export function exampleHero(): FigureData {
  return heroBandFigure({
    mark: 'virtual',
    subtitle: MADE_UP,
    scale: 'baby',
    samples: [1.5e6, 2.25e6, 2.7e6, 3e6, 3.3e6, 3.75e6, 4.5e6, 6e6, 9e6].map((x) => ({
      x,
      y: Math.min(x, 3.06e6),
      runId: `hero-${x}`,
    })),
    bands: [
      { label: 'zero loss, up to 3.01 Mcps', tone: 'good', to: 3.01e6 },
      { label: 'minimal loss, up to 3.15 Mcps', tone: 'fair', from: 3.01e6, to: 3.15e6 },
      { label: 'loss, up to 6.12 Mcps', tone: 'poor', from: 3.15e6, to: 6.12e6 },
      { label: 'fewer than half complete', tone: 'bad', from: 6.12e6 },
    ],
    minimumCps: 3e6,
  });
}

export function exampleFigure10a(): FigureData {
  const flows = [1e3, 4e3, 16e3, 64e3, 256e3, 1e6, 4e6, 16e6, 64e6];
  return figure10a({
    mark: 'virtual',
    subtitle: MADE_UP,
    lines: STATES.map(({ powerWatts, pps }) => ({
      powerWatts,
      samples: flows.flatMap((x) => seeded(x, pps * (x > 16e6 ? 0.9 : 1 - Math.log10(x) / 400), 0.006)),
    })),
  });
}

export function exampleFigure10b(): FigureData {
  return figure10b({
    mark: 'virtual',
    subtitle: MADE_UP,
    lines: STATES.map(({ powerWatts, cpsLimit }) => ({
      powerWatts,
      samples: LOADS_CPS.filter((x) => x >= 2e6).flatMap((x) => {
        const over = x / cpsLimit - 1;
        const dropped = over > 0 ? over / (1 + over) / 3 : over > -0.06 ? 4e-6 * (1 + over * 16) : 0;
        return seeded(x, dropped, 0.4);
      }),
    })),
  });
}

export function exampleFigure10c(): FigureData {
  return figure10c({
    mark: 'virtual',
    subtitle: MADE_UP,
    lines: STATES.filter(({ powerWatts }) => powerWatts !== 68).map(({ powerWatts, cpsLimit }) => ({
      powerWatts,
      synToSynAck: LOADS_CPS.flatMap((x) => seeded(x, 27_500 + queueNs(x / cpsLimit, 900), 0.02)),
      pingPong: LOADS_CPS.flatMap((x) => seeded(x, 7_400 + queueNs(x / cpsLimit, 90), 0.02)),
    })),
  });
}

export function exampleLoadLatency(): FigureData {
  const percentiles = [
    ['p50', 1],
    ['p90', 2.4],
    ['p99', 4.5],
    ['p99.9', 7.2],
    ['max', 11],
  ] as const;
  return loadLatencyFigure({
    mark: 'virtual',
    subtitle: MADE_UP,
    what: 'SYN to SYN-ACK, 78 W',
    load: { label: 'offered connections per second', unit: 'cps' },
    paperMarks: [],
    percentiles: percentiles.map(([label, factor]) => ({
      label,
      samples: LOADS_CPS.flatMap((x) => seeded(x, 27_500 + factor * queueNs(x / 3.06e6, 900), 0.03)),
    })),
  });
}

export function examplePower(): FigureData {
  return powerFigure({
    mark: 'virtual',
    subtitle: MADE_UP,
    states: STATES.map(({ powerWatts, pps, cpsLimit }) => ({
      powerWatts,
      pps: values(pps, 0.01),
      cps: values(cpsLimit, 0.01),
      cardTransitNs: values(2360 + (78 - powerWatts), 0.004),
      synToSynAckNs: values(29_000 * (78 / powerWatts), 0.02),
      packetsPerJoule: values(pps / powerWatts, 0.01),
      connectionsPerJoule: values(cpsLimit / powerWatts, 0.01),
    })),
  });
}

/** Flat, then growing without bound; beyond the limit the time-outs hold it. */
function queueNs(load: number, serviceNs: number): number {
  return load < 0.995 ? (serviceNs * load) / (1 - load) : serviceNs * 300;
}

/** A sample per seed, spread evenly around the value. */
function seeded(x: number, value: number, spread: number): Sample[] {
  return values(value, spread).map((sample) => ({ x, ...sample }));
}

function values(value: number, spread: number): PowerSample[] {
  return SEEDS.map((seed) => ({ y: value * (1 + (spread * (seed - 2)) / 2), runId: `made-up-seed-${seed}` }));
}
