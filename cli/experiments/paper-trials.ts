import type { FigureData } from '../../results/figures/figure-data.js';
import type { Result } from '../../results/result.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import type { CpsByRateOptions } from './cps-by-rate.js';
import { FIGURES } from './figures.js';
import { buildFindCpsOptions } from './find-cps-options.js';
import { type FindReport, findLimits } from './find-search.js';
import { createFindStatus } from './find-status.js';
import { watchInvalid } from './invalid-trials.js';
import { runPower } from './power.js';
import { table6FigureOf } from './table.js';
import { countTable4, type Table4 } from './table-4.js';
import { runTable6, type Table6, type Table6Flags } from './table-6.js';

/** What all experiments of a report gave. */
export interface PaperFindings {
  figures: FigureData[];
  table4: Table4;
  /** The highest rate of connections at `LOSS_GOAL`, in each power state. */
  search: FindReport;
  /** Line rate of the smallest packets into one card, at the highest power state. */
  lineRate: Result;
  /** Connections at a low rate, with inner frames of 64 B and of 1500 B. */
  smallFrames: Result;
  largeFrames: Result;
  /** Table 6, and what it would be without replication. */
  table6: Table6;
  table6Naive: Table6;
  /** Trials whose measurement is invalid, of all the above. */
  invalid: Result[];
}

/** Loss at which a rate still counts as reached: one packet in 10,000. */
export const LOSS_GOAL = '1e-4';

const TABLE4_SEED = 1;
/** As long as it takes queues to fill a little above the limit: cps-by-rate.ts. */
const SEARCH = { duration: '1s', width: '0.5%' };
const QUICK_SEARCH = { duration: '500ms', width: '1%' };
const SEARCH_RATES = { 'min-rate': '500k', 'max-rate': '5M' };
/** Long enough for connections that lost their way to give up; `table 6` has the paper's 60 s. */
const FAULTS = { rate: '3M', duration: '6s', repeat: '1', seed: '1', quick: false };
const QUICK_FAULTS = { ...FAULTS, rate: '100k' };
/** What breaks without replication is a share, of which fewer connections tell enough. */
const NAIVE_FAULTS = QUICK_FAULTS;
/** So low that hardly a packet waits. */
const LOW_LOAD = { rate: '100k', duration: '100ms' };

/** Runs everything that there is, all in one pool: what two experiments ask for runs once. */
export async function runPaper(pool: TrialPool, options: CpsByRateOptions): Promise<PaperFindings> {
  const watched = watchInvalid(pool);
  // Searches first: each of their trials waits for the one before it.
  const search = searchLimits(watched, options);
  const singles = runSingles(watched, options);
  const figures = Promise.all([
    ...FIGURES.map((figure) => figure.run(watched, options)),
    powerOf(watched, options),
  ]);
  const table4 = countTable4(TABLE4_SEED);
  const faults = (flags: Omit<Table6Flags, 'model' | 'replication'>, replication: string) =>
    runTable6(watched, { ...flags, model: options.modelName, replication });
  const tables = Promise.all([
    faults(options.isQuick ? QUICK_FAULTS : FAULTS, 'on'),
    faults(NAIVE_FAULTS, 'off'),
  ]);
  const [found, [lineRate, smallFrames, largeFrames], drawn, [table6, table6Naive]] = await Promise.all([
    search,
    singles,
    figures,
    tables,
  ]);
  return {
    ...{ table6, table6Naive },
    figures: [...drawn, table6FigureOf(table6)],
    table4,
    search: found,
    lineRate,
    smallFrames,
    largeFrames,
    invalid: watched.invalid(),
  };
}

/** The loads that `power` has by default. */
const POWER_LOADS = { rate: '3M', 'latency-rate': '1M', duration: '1s' };

async function powerOf(
  pool: Pick<TrialPool, 'run'>,
  { model, modelName, seedCount, isQuick }: CpsByRateOptions,
): Promise<FigureData> {
  const loads = { ...POWER_LOADS, model: modelName, quick: isQuick };
  return (await runPower(pool, loads, model, seedCount)).figure;
}

function searchLimits(pool: TrialPool, { model, modelName, isQuick }: CpsByRateOptions): Promise<FindReport> {
  const options = buildFindCpsOptions(
    {
      // Few trials of full length: for one goal, most of what a short trial takes is getting ready.
      method: 'bisection',
      loss: LOSS_GOAL,
      'exceed-ratio': '0',
      ...(isQuick ? QUICK_SEARCH : SEARCH),
      ...SEARCH_RATES,
      seed: '1',
      profile: 'cps',
      target: 'card://pair',
      model: modelName,
      power: model.powerStates.map(({ watts }) => `${watts}W`).join(','),
      acl: 'table4',
      replication: 'on',
    },
    new Set(),
  );
  return findLimits(options, { pool, status: createFindStatus() });
}

function runSingles(
  pool: TrialPool,
  { model, modelName }: CpsByRateOptions,
): Promise<[Result, Result, Result]> {
  const common = { model: modelName, power: `${model.powerStates[0]?.watts}W`, seed: '1' };
  return Promise.all([
    // A trial of Figure 10a too.
    pool.run({
      command: 'pps',
      flags: {
        ...common,
        ...{ rate: 'max', duration: '20ms', 'packet-size': '64', flows: '100000', target: 'card://solo' },
      },
    }),
    pool.run({ command: 'cps', flags: { ...common, ...LOW_LOAD } }),
    pool.run({ command: 'cps', flags: { ...common, ...LOW_LOAD, tunable: ['innerFrameBytes=1500'] } }),
  ]);
}
