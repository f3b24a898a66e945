import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.js';
import type { TableReport } from '../experiments/table-4.js';

export default class Table extends BaseCommand {
  static override summary =
    "Count what one of the paper's tables counts, and show the paper's numbers beside it.";

  static override description = [
    'Table 4: the rule sets that a trial with the same --seed runs with (--acl table4), generated and then counted rule by rule, those of every fNIC.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage.',
  ].join('\n\n');

  static override examples = [
    { description: 'The rule sets of Table 4', command: '<%= config.bin %> table 4' },
    {
      description: 'Those of another seed, as CSV too',
      command: '<%= config.bin %> table 4 --seed 7 --out paper',
    },
  ];

  static override args = {
    name: Args.string({ description: 'Table of the paper: 4.', ignoreStdin: true }),
  };

  static override flags = {
    seed: Flags.string({ description: 'Seed that the rules are made from.', default: '1' }),
    out: Flags.string({ description: 'Folder that a CSV file is written into. Default: none.' }),
  };

  async run(): Promise<TableReport> {
    const { args, flags } = await this.parse(Table);
    const { performTable } = await import('../experiments/table-4.js');
    const { report, text } = performTable(args.name, flags);
    this.print(text);
    return report;
  }
}
