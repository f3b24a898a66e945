import { formatDurationNs } from '../../core/units.js';
import type { SearchGoal } from '../../generators/search/search-goal.js';
import { formatSeconds } from '../progress.js';
import { type FindTrial, formatCps, type KeptFindTrial } from './find-trials.js';

/** What the searches under way are at, for the progress display. */
export interface FindStatus {
  addSearch(powerWatts: number | undefined, goals: readonly SearchGoal<FindTrial>[]): SearchLine;
  /** `78 W  trial 5 at 3.100 Mcps for 200 ms  1e-4: 2.900 to 3.300 Mcps  12 s`, a line for each search. */
  lines(wallMs: number): string[];
}

export interface SearchLine {
  start(rateCps: number, durationNs: number): void;
  record(trial: KeptFindTrial): void;
  end(): void;
}

/** Follows searches by their trials, nothing else. */
export function createFindStatus(): FindStatus {
  const searches: SearchState[] = [];
  return {
    addSearch: (powerWatts, goals) => {
      const state: SearchState = { powerWatts, goals, trialCount: 0, current: '', trials: [] };
      searches.push(state);
      return {
        start: (rateCps, durationNs) => {
          state.trialCount++;
          state.current = `at ${formatCps(rateCps)} for ${formatDurationNs(durationNs)}`;
        },
        record: (trial) => state.trials.push(trial),
        end: () => {
          state.current = 'was the last';
        },
      };
    },
    lines: (wallMs) => searches.map((state) => `${describe(state)}  ${formatSeconds(wallMs)}`),
  };
}

interface SearchState {
  powerWatts: number | undefined;
  goals: readonly SearchGoal<FindTrial>[];
  trialCount: number;
  current: string;
  trials: KeptFindTrial[];
}

function describe({ powerWatts, goals, trialCount, current, trials }: SearchState): string {
  const power = powerWatts === undefined ? '' : `${powerWatts} W  `;
  const intervals = goals.map((goal) => `${goal.name}: ${describeInterval(goal, trials)}`).join(', ');
  return `${power}trial ${trialCount} ${current}  ${intervals}`;
}

/** The interval so far, as if one trial of the final duration decided and a shorter one only ruled out. */
function describeInterval(goal: SearchGoal<FindTrial>, trials: readonly KeptFindTrial[]): string {
  const valid = trials.filter(({ invalidReasons }) => invalidReasons.length === 0);
  const passes = (trial: KeptFindTrial) =>
    trial.lossRatio <= goal.lossRatio && goal.passes?.(trial) !== false;
  const failing = valid.filter((trial) => !passes(trial)).map(({ rateCps }) => rateCps);
  const upper = failing.length === 0 ? undefined : Math.min(...failing);
  const holding = valid
    .filter((trial) => passes(trial) && trial.durationNs >= Math.round(goal.finalTrialSeconds * 1e9))
    .map(({ rateCps }) => rateCps)
    .filter((rateCps) => upper === undefined || rateCps < upper);
  if (holding.length === 0) return upper === undefined ? 'unknown yet' : `below ${formatCps(upper)}`;
  const lower = Math.max(...holding);
  return upper === undefined ? `${formatCps(lower)} or above` : `${formatCps(lower)} to ${formatCps(upper)}`;
}
