import type { FigureData } from '../../results/figures/figure-data.js';
import type { Answer } from '../../results/report/report-row.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import type { CpsByRateOptions } from './cps-by-rate.js';
import { heroSection } from './hero-section.js';
import { latencySection } from './latency-section.js';
import { powerSection } from './power-section.js';
import { table6Section } from './table-6-section.js';

/** One command's part of the report. */
export interface PaperSection {
  figures: FigureData[];
  /** What it gives for numbers of the paper. */
  answers: Answer[];
  /** A line each under the report's title. */
  notes: string[];
}

/** Runs the trials of a section in the pool that all of them share. */
export type RunSection = (pool: Pick<TrialPool, 'run'>, options: CpsByRateOptions) => Promise<PaperSection>;

/** What the report has beside Figures 10a to 10c, Table 4 and the searches; in this order. */
export const SECTIONS: readonly RunSection[] = [powerSection, latencySection, heroSection, table6Section];
