import { loadDataPlane } from '../core/dataplane-module.js';
import {
  DATA_PLANE_MUTANTS,
  type DataPlaneMutant,
  FABRIC_MUTANTS,
  type FabricMutant,
  plantBug,
} from './mutants.js';
import { runSeed, type SeedOptions, type SeedReport } from './seed.js';

/** Whether a planted bug was found, and how. */
export interface MutantReport {
  name: string;
  /** The first seed that failed; undefined: it got away. */
  caught?: { seed: number; promises: string[] };
}

export interface SeedRange {
  firstSeed: number;
  seedCount: number;
}

/** Plants one bug after another and looks how soon the simulator finds it. */
export function runMutants(range: SeedRange, onReport: (report: MutantReport) => void): MutantReport[] {
  const reports: MutantReport[] = [];
  const note = (report: MutantReport) => {
    reports.push(report);
    onReport(report);
  };
  for (const mutant of FABRIC_MUTANTS) note(huntFabric(mutant, range));
  for (const mutant of DATA_PLANE_MUTANTS) note(huntDataPlane(mutant, range));
  return reports;
}

export function huntFabric({ name, wrapFabric }: FabricMutant, range: SeedRange): MutantReport {
  return hunt(name, range, { load: () => loadDataPlane(), wrapFabric });
}

export function huntDataPlane(mutant: DataPlaneMutant, range: SeedRange): MutantReport {
  const { path, release } = plantBug(mutant);
  try {
    return hunt(mutant.name, range, { load: () => loadDataPlane({ path }) });
  } finally {
    release();
  }
}

function hunt(name: string, { firstSeed, seedCount }: SeedRange, options: SeedOptions): MutantReport {
  for (let seed = firstSeed; seed < firstSeed + seedCount; seed++) {
    const { violations }: SeedReport = runSeed(seed, options);
    if (violations.length === 0) continue;
    const promises = [...new Set(violations.map(({ promise }) => promise))];
    return { name, caught: { seed, promises } };
  }
  return { name };
}
