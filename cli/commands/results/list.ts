import { Flags } from '@oclif/core';
import type { RunSummary } from '../../../results/store.js';
import { BaseCommand } from '../../base-command.js';
import { tableColumns } from '../../terminal.js';

const RUN_KINDS = ['cps', 'pps', 'faults', 'hero'] as const;

export default class ResultsList extends BaseCommand {
  static override summary = 'List the stored runs, oldest first.';

  static override description =
    'A run is a line; columns for which a terminal has no room are left out and named below the list. LOST is packets dropped of those sent, or INVALID where the measurement is; P99 is the latency SYN to SYN-ACK, of pps one way.';

  static override examples = [
    { description: 'All runs', command: '<%= config.bin %> results list' },
    { description: 'The last ten of pps', command: '<%= config.bin %> results list --kind pps -n 10' },
    {
      description: 'Of another folder, for a script',
      command: '<%= config.bin %> results list --results-dir out --json',
    },
  ];

  static override flags = {
    kind: Flags.option({
      description: 'Only the runs of one command; trials of searches and figures are runs of cps or pps.',
      options: RUN_KINDS,
    })(),
    limit: Flags.string({
      char: 'n',
      description: 'Only the newest so many; they are listed oldest first, too.',
      helpValue: 'COUNT',
    }),
    'results-dir': Flags.string({ description: 'Where runs are stored.', default: 'results/runs' }),
  };

  async run(): Promise<RunSummary[]> {
    const { flags } = await this.parse(ResultsList);
    const { createStore } = await import('../../../results/store.js');
    const { renderRunList } = await import('../../run-list.js');
    const { parseCount } = await import('../../../core/units.js');
    const { kind, limit, 'results-dir': folder } = flags;
    const runs = createStore(folder).list({
      ...(kind === undefined ? {} : { kind }),
      ...(limit === undefined ? {} : { limit: parseCount(limit, { where: '--limit' }) }),
    });
    this.print(renderRunList(runs, { folder, kind, columns: tableColumns(process.stdout) }));
    return runs;
  }
}
