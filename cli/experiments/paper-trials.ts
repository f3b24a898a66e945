import type { FigureData } from '../../results/figures/figure-data.js';
import type { Result } from '../../results/result.js';
import { ahead, type TrialPool } from '../sweep/trial-pool.js';
import type { CpsByRateOptions } from './cps-by-rate.js';
import { FIGURES } from './figures.js';
import { buildFindCpsOptions } from './find-cps-options.js';
import { findFigure } from './find-figure.js';
import type { FindOptions } from './find-options.js';
import { type FindReport, findLimits } from './find-search.js';
import { createFindStatus } from './find-status.js';
import { watchInvalid } from './invalid-trials.js';
import { type PaperSection, SECTIONS } from './paper-section.js';
import { countTable4, type Table4 } from './table-4.js';

/** What all experiments of a report gave. */
export interface PaperFindings {
  /** Figures 10a to 10c, and the trials of the searches. */
  figures: FigureData[];
  sections: PaperSection[];
  table4: Table4;
  /** The highest rate of connections at `LOSS_GOAL`, in each power state. */
  search: FindReport;
  /** Line rate of the smallest packets into one card, at the highest power state. */
  lineRate: Result;
  /** Connections at a low rate, with inner frames of 64 B and of 1500 B. */
  smallFrames: Result;
  largeFrames: Result;
  /** Trials whose measurement is invalid, of all the above. */
  invalid: Result[];
}

/** Loss at which a rate still counts as reached: one packet in 10,000. */
export const LOSS_GOAL = '1e-4';

const TABLE4_SEED = 1;
const SEARCH = { duration: '1s', width: '0.5%' };
const QUICK_SEARCH = { duration: '250ms', width: '1%' };
const SEARCH_RATES = { 'min-rate': '500k', 'max-rate': '5M' };
/** So low that hardly a packet waits. */
const LOW_LOAD = { rate: '100k', duration: '100ms' };

/** Runs everything that there is, all in one pool: what two experiments ask for runs once. */
export async function runPaper(pool: TrialPool, options: CpsByRateOptions): Promise<PaperFindings> {
  const watched = watchInvalid(pool);
  const searchFor = searchOptions(options);
  const search = findLimits(searchFor, { pool: ahead(watched), status: createFindStatus() });
  const singles = runSingles(watched, options);
  const figures = Promise.all(FIGURES.map((figure) => figure.run(watched, options)));
  const parts = Promise.all(SECTIONS.map((run) => run(watched, options)));
  const table4 = countTable4(TABLE4_SEED);
  const [found, [lineRate, smallFrames, largeFrames], drawn, sections] = await Promise.all([
    search,
    singles,
    figures,
    parts,
  ]);
  return {
    figures: [...drawn, findFigure(found, searchFor)],
    sections,
    table4,
    search: found,
    lineRate,
    smallFrames,
    largeFrames,
    invalid: watched.invalid(),
  };
}

function searchOptions({ model, modelName, isQuick }: CpsByRateOptions): FindOptions {
  return buildFindCpsOptions(
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
