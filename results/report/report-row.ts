import { type Deviation, deviationOf } from '../paper/deviation.js';
import type { Experiment, PaperNumber } from '../paper/paper-number.js';
import { PAPER_NUMBERS } from '../paper/reference.js';

/**
 * Where ours comes from: typed into the model, chosen so that the model gives a number of the paper, or what queues and
 * tables brought about.
 */
export type AnswerKind = 'input' | 'fitted' | 'emergent';

/** Why a number has no answer: not built yet; built, but not part of this report; or nothing here can answer it. */
export type Unanswered = 'not built yet' | 'not run' | 'not ours to measure';

/** What our experiments give for one number of the paper. */
export interface Answer {
  /** The id of the paper's number. */
  id: string;
  /** In the unit of the paper's number. */
  ours: number;
  kind: AnswerKind;
  runIds: string[];
}

export interface ReportRow {
  number: PaperNumber;
  kind: AnswerKind | Unanswered;
  ours?: number;
  deviation?: Deviation;
  runIds: string[];
}

/**
 * A row for every number of the paper, in its order. `built` are the experiments that exist, whether run or not.
 * @throws Error for an answer to a number that the paper does not state, or a second one to the same: a slip of ours.
 */
export function reportRows(
  answers: readonly Answer[],
  { built, numbers = PAPER_NUMBERS }: { built: readonly Experiment[]; numbers?: readonly PaperNumber[] },
): ReportRow[] {
  const byId = new Map(answers.map((answer) => [answer.id, answer]));
  const unknown = answers.find(({ id }) => numbers.every((number) => number.id !== id));
  if (unknown !== undefined) throw new Error(`the paper states no number called ${unknown.id}`);
  if (byId.size < answers.length) throw new Error('a number of the paper has one answer');
  return numbers.map((number) => rowOf(number, byId.get(number.id), built));
}

function rowOf(number: PaperNumber, answer: Answer | undefined, built: readonly Experiment[]): ReportRow {
  if (answer !== undefined) {
    const { ours, kind, runIds } = answer;
    return { number, kind, ours, deviation: deviationOf(number, ours), runIds };
  }
  const { experiment } = number;
  if (experiment === 'none') return { number, kind: 'not ours to measure', runIds: [] };
  return { number, kind: built.includes(experiment) ? 'not run' : 'not built yet', runIds: [] };
}
