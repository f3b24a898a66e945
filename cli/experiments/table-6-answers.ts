import type { Answer, AnswerKind } from '../../results/report/report-row.js';
import type { Table6, Table6Quantity } from './table-6.js';

/**
 * How each quantity came about. Times of noticing and of writing routes are fitted to the paper's recovery, which is its loss over its rate. What
 * breaks, is lost at cards and is sent again emerges.
 */
const KINDS: Record<Table6Quantity, AnswerKind> = {
  'flows-broken': 'emergent',
  'broken-share': 'emergent',
  lost: 'fitted',
  'lost-at-cards': 'emergent',
  'lost-next-hop-down': 'emergent',
  recovery: 'fitted',
  outage: 'fitted',
  'syn-again': 'emergent',
  'fin-again': 'emergent',
};

/** What a run of Table 6 gives for the paper's numbers: a number that runs of this size do not answer is left out. */
export function table6Answers({ scenarios }: Pick<Table6, 'scenarios'>): Answer[] {
  return scenarios.flatMap(({ rows, runIds }) =>
    rows.flatMap(({ quantity, paperId, deviation, ours }): Answer[] =>
      paperId === undefined || deviation === undefined
        ? []
        : [{ id: paperId, ours, kind: KINDS[quantity], runIds }],
    ),
  );
}
