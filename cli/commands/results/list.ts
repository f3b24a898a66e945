import { Flags } from '@oclif/core';
import type { RunSummary } from '../../../results/store.js';
import { BaseCommand } from '../../base-command.js';

export default class ResultsList extends BaseCommand {
  static override summary = 'List the stored runs, oldest first.';
  static override examples = [
    { description: 'All runs', command: '<%= config.bin %> results list' },
    {
      description: 'Of another folder, for a script',
      command: '<%= config.bin %> results list --results-dir out --json',
    },
  ];

  static override flags = {
    'results-dir': Flags.string({ description: 'Where runs are stored.', default: 'results/runs' }),
  };

  async run(): Promise<RunSummary[]> {
    const { flags } = await this.parse(ResultsList);
    const { createStore } = await import('../../../results/store.js');
    const { renderRunList } = await import('../../run-list.js');
    const runs = createStore(flags['results-dir']).list();
    this.print(renderRunList(runs, { folder: flags['results-dir'], ...this.terminal }));
    return runs;
  }
}
