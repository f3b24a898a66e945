import { formatDurationNs } from '../../core/units.js';
import type { SearchGoal } from '../../generators/search/search-goal.js';
import { formatSeconds } from '../progress.js';
import { type FindOptions, type FindSubject, subjectName } from './find-options.js';
import type { FindTrial, KeptFindTrial } from './find-trials.js';

/** What the searches under way are at, for the progress display. */
export interface FindStatus {
  addSearch(subject: FindSubject, options: Pick<FindOptions, 'kind' | 'goals'>): SearchLine;
  /** `78 W  trial 5 at 3.100 Mcps for 200 ms  1e-4: 2.900 to 3.300 Mcps  12 s`, a line for each search. */
  lines(wallMs: number): string[];
}

export interface SearchLine {
  start(load: number, durationNs: number): void;
  record(trial: KeptFindTrial): void;
  end(): void;
}

/** Follows searches by their trials, nothing else. */
export function createFindStatus(): FindStatus {
  const searches: SearchState[] = [];
  return {
    addSearch: (subject, { kind, goals }) => {
      const state: SearchState = { subject, kind, goals, trialCount: 0, current: '', trials: [] };
      searches.push(state);
      return {
        start: (load, durationNs) => {
          state.trialCount++;
          state.current = `at ${kind.formatLoad(load)} for ${formatDurationNs(durationNs)}`;
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
  subject: FindSubject;
  kind: FindOptions['kind'];
  goals: readonly SearchGoal<FindTrial>[];
  trialCount: number;
  current: string;
  trials: KeptFindTrial[];
}

function describe({ subject, kind, goals, trialCount, current, trials }: SearchState): string {
  const name = subjectName(subject);
  const intervals = goals.map((goal) => `${goal.name}: ${describeInterval(goal, trials, kind)}`).join(', ');
  return `${name === '' ? '' : `${name}  `}trial ${trialCount} ${current}  ${intervals}`;
}

/** The interval so far, as if one trial of the final duration decided and a shorter one only ruled out. */
function describeInterval(
  goal: SearchGoal<FindTrial>,
  trials: readonly KeptFindTrial[],
  { formatLoad }: FindOptions['kind'],
): string {
  const valid = trials.filter(({ invalidReasons }) => invalidReasons.length === 0);
  const passes = (trial: KeptFindTrial) =>
    trial.lossRatio <= goal.lossRatio && goal.passes?.(trial) !== false;
  const failing = valid.filter((trial) => !passes(trial)).map(({ load }) => load);
  const upper = failing.length === 0 ? undefined : Math.min(...failing);
  const holding = valid
    .filter((trial) => passes(trial) && trial.durationNs >= Math.round(goal.finalTrialSeconds * 1e9))
    .map(({ load }) => load)
    .filter((load) => upper === undefined || load < upper);
  if (holding.length === 0) return upper === undefined ? 'unknown yet' : `below ${formatLoad(upper)}`;
  const lower = Math.max(...holding);
  return upper === undefined
    ? `${formatLoad(lower)} or above`
    : `${formatLoad(lower)} to ${formatLoad(upper)}`;
}
