import { formatDurationNs, formatRate } from '../../core/units.js';
import type { RunSection } from './paper-section.js';
import { table6FigureOf } from './table.js';
import { runTable6, type Table6, type Table6Flags } from './table-6.js';
import { table6Answers } from './table-6-answers.js';

/** Long enough for connections that lost their way to give up; `table 6` has the paper's 60 s. */
const FAULTS = { rate: '3M', duration: '6s', repeat: '1', seed: '1', quick: false };
const QUICK_FAULTS = { ...FAULTS, rate: '100k' };
/** What breaks without replication is a share, of which fewer connections tell enough. */
const NAIVE_FAULTS = QUICK_FAULTS;

/** Faults under load, and what they would do without replication. */
export const table6Section: RunSection = async (pool, { modelName: model, isQuick }) => {
  const run = (flags: Omit<Table6Flags, 'model' | 'replication'>, replication: string) =>
    runTable6(pool, { ...flags, model, replication });
  const [table, naive] = await Promise.all([
    run(isQuick ? QUICK_FAULTS : FAULTS, 'on'),
    run(NAIVE_FAULTS, 'off'),
  ]);
  return {
    figures: [table6FigureOf(table)],
    answers: [
      ...(table.isPaperSize
        ? [{ id: 'fault-cps', ours: table.rateCps, kind: 'input' as const, runIds: [] }]
        : []),
      ...table6Answers(table),
      ...table6Answers(naive),
    ],
    notes: [sizeNote(table)],
  };
};

/** How Table 6 was run here: less long than in the paper. */
function sizeNote({ rateCps, durationNs, seeds, isScaled }: Table6): string {
  const runs = seeds.length === 1 ? 'one run' : `${seeds.length} runs`;
  const shares = isScaled ? ', shares of packets derived for 60 s' : '';
  return `Table 6: ${runs} of ${formatDurationNs(durationNs)} at ${formatRate(rateCps, 'cps')} each${shares}; without replication at 100 kcps; sirius-bench table 6 has the paper's size`;
}
