import { expect, test } from 'vitest';
import { paperUpward } from './paper-mark.js';
import { searchFigure } from './search.js';

const marks = [paperUpward('pair-cps'), paperUpward('pair-cps-52w')];

test.each([
  ['between the trials', [1e6, 4e6], ['pair-cps', 'pair-cps-52w']],
  ['of which one is far above them', [2.4e6, 2.6e6], ['pair-cps-52w']],
  ['of which none is near them', [300e3, 310e3], []],
  ['without trials', [], []],
])('numbers of the paper %s', (_name, loads, ids) => {
  const samples = loads.map((x) => ({ x, y: 0, runId: `run-${x}` }));
  const figure = searchFigure({
    ...{ id: 'find-cps', title: 'a search', subtitle: '', mark: 'virtual', goals: [], paperMarks: marks },
    load: { label: 'offered', unit: 'cps' },
    lines: [{ label: '78 W', samples }],
  });
  expect(figure.panels[0]?.paperMarks.map(({ id }) => id)).toEqual(ids);
});
