import { Args, Flags } from '@oclif/core';
import type { Result } from '../../../results/result.js';
import { BaseCommand } from '../../base-command.js';

export default class ResultsShow extends BaseCommand {
  static override summary = 'Show a stored run.';
  static override examples = [
    { description: 'A part of an id is enough', command: '<%= config.bin %> results show 3f9a1c' },
    { description: 'As JSON', command: '<%= config.bin %> results show 20261122T213000Z-cps-3f9a1c --json' },
  ];

  static override args = {
    id: Args.string({
      description: 'The id of a run, or a part of it that no other has.',
      required: true,
      ignoreStdin: true,
    }),
  };

  static override flags = {
    'results-dir': Flags.string({ description: 'Where runs are stored.', default: 'results/runs' }),
  };

  async run(): Promise<Result> {
    const { args, flags } = await this.parse(ResultsShow);
    const { createStore } = await import('../../../results/store.js');
    const { renderSummary } = await import('../../../results/summary.js');
    const result = createStore(flags['results-dir']).load(args.id);
    this.print(renderSummary(result, this.terminal));
    return result;
  }
}
