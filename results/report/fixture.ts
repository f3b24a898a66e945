import { examplePaperFigures } from '../figures/fixture.js';
import type { Report } from './report-markdown.js';
import { type Answer, reportRows } from './report-row.js';

const RUNS = ['20260101T000000Z-made-up-000001', '20260101T000000Z-made-up-000002'];

/** Believable answers, all made up. */
export const EXAMPLE_ANSWERS: Answer[] = [
  { id: 'port-rate', ours: 100e9, kind: 'input', runIds: [] },
  { id: 'pipeline-pps', ours: 55.1e6, kind: 'fitted', runIds: RUNS },
  { id: 'card-pps', ours: 55.1e6, kind: 'fitted', runIds: RUNS },
  { id: 'card-transit-64', ours: 2361, kind: 'input', runIds: RUNS.slice(1) },
  { id: 'pair-cps', ours: 3.05e6, kind: 'fitted', runIds: RUNS.slice(0, 1) },
  { id: 'pps-lost-to-power', ours: 0.2486, kind: 'emergent', runIds: RUNS },
  { id: 'ping-pong', ours: 44_300, kind: 'emergent', runIds: RUNS.slice(0, 1) },
];

/** A report of made-up figures and answers, for tests. */
export function exampleReport(): Report {
  return {
    title: 'MADE-UP DATA FOR TESTS: the paper and ours',
    settings: ['sirius-bench 0.0.0, virtual clock', 'model dsc-200, 5 seeds'],
    rows: reportRows(EXAMPLE_ANSWERS, {
      built: ['model', 'figure-10a', 'figure-10b', 'figure-10c', 'latency', 'power', 'table-4'],
    }),
    figures: examplePaperFigures().map((data) => ({
      data,
      png: `${data.id}.png`,
      files: ['svg', 'csv', 'json'].map((extension) => `${data.id}.${extension}`),
    })),
  };
}
