import type { FigureData, PaperMark } from '../../results/figures/figure-data.js';
import { paperUpward } from '../../results/figures/paper-mark.js';
import { type SearchLine, searchFigure } from '../../results/figures/search.js';
import { paperNumber } from '../../results/paper/reference.js';
import { describeLimits } from './find-goals.js';
import type { FindKind } from './find-kind.js';
import { type FindOptions, subjectName } from './find-options.js';
import type { FindGoal, FindReport, FindSearch } from './find-search.js';
import type { KeptFindTrial } from './find-trials.js';

const LOADS: Record<FindKind['loadUnit'], string> = {
  cps: 'offered connections per second',
  pps: 'offered packets per second',
  flows: 'concurrent flows',
};

/** The searches of one report as a figure: what every trial lost, by its load, and the bounds that follow. */
export function findFigure({ searches }: FindReport, options: FindOptions): FigureData {
  const { kind, method, goals, latencyLimits, target } = options;
  const bounds = searches.flatMap((search) => search.goals.map((goal) => boundsText(search, goal, kind)));
  const limits = latencyLimits.length === 0 ? '' : `, ${kind.latencyName} ${describeLimits(latencyLimits)}`;
  return searchFigure({
    id: kind.command.replace(' ', '-'),
    title: `Every trial of ${kind.command}: loss by load`,
    mark: 'virtual',
    subtitle: `${target}, ${method}${limits}; ${bounds.join('; ')}`,
    load: { label: LOADS[kind.loadUnit], unit: kind.loadUnit },
    lines: byPower(searches).map((search) => lineOf(search, target)),
    goals: goals.map(({ name, lossRatio }) => ({ label: `goal: ${name} lost`, lossRatio })),
    paperMarks: paperMarksOf(options, searches),
  });
}

/** The highest power state first, so that a state has one colour in every figure. */
function byPower(searches: readonly FindSearch[]): FindSearch[] {
  return [...searches].sort((one, other) => (other.powerWatts ?? 0) - (one.powerWatts ?? 0));
}

/** Of a load that was tried for several times as long, the longest trial: the one that decides. */
function lineOf({ trials, ...subject }: FindSearch, target: string): SearchLine {
  const decisive = new Map<number, KeptFindTrial>();
  for (const trial of trials) {
    if (trial.invalidReasons.length > 0) continue;
    if (trial.durationNs >= (decisive.get(trial.load)?.durationNs ?? 0)) decisive.set(trial.load, trial);
  }
  return {
    label: subjectName(subject) || target,
    samples: [...decisive.values()].map(({ load, lossRatio, runId }) => ({ x: load, y: lossRatio, runId })),
  };
}

/** `1e-4 at 78 W: 3.070 Mcps holds, 3.085 Mcps does not`. */
function boundsText(
  search: FindSearch,
  { goal, lowerBound, upperBound }: FindGoal,
  { formatLoad }: FindKind,
): string {
  const subject = subjectName(search);
  const holds = lowerBound === undefined ? 'none holds' : `${formatLoad(lowerBound)} holds`;
  const fails = upperBound === undefined ? '' : `, ${formatLoad(upperBound)} does not`;
  return `${goal}${subject === '' ? '' : ` at ${subject}`}: ${holds}${fails}`;
}

/** The paper's limits, where the search is for what it tells of. */
function paperMarksOf({ kind, target }: FindOptions, searches: readonly FindSearch[]): PaperMark[] {
  if (kind.loadUnit !== 'cps' || target !== 'card://pair') return [];
  const lowestWatts = paperNumber('power-lowest').stated.value;
  const hasLowest = searches.some(({ powerWatts }) => powerWatts === lowestWatts);
  return [
    paperUpward('pair-cps', 'a card pair'),
    ...(hasLowest ? [paperUpward('pair-cps-52w', 'lowest power state')] : []),
  ];
}
