import { Args, Flags } from '@oclif/core';
import { BaseCommand, typedFlags } from '../base-command.js';
import type { TableReport } from '../experiments/table.js';
import { SWEEP_FLAGS } from '../sweep/sweep-flags.js';
import { terminalOf } from '../terminal.js';

export default class Table extends BaseCommand {
  static override summary = 'Count or run what a table of the paper shows, its numbers beside ours.';

  static override description = [
    'Table 4: the rule sets that a trial with the same --seed runs with (--acl table4), generated and then counted rule by rule, those of every fNIC. Of the flags only --seed and --out are for it; others are refused.',
    'Table 6: the three scenarios of faults, as `faults` plays them: flows broken, packets lost in all and at cards, recovery; SYNs and FINs sent again beside footnote 9; and what SONiC DASH asks. Every run is stored as it ends: after Ctrl-C the same command goes on from there. In full, a run takes some seven minutes of a core, or twice that on a slower one.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 4 invalid runs were left out, 130 ended by Ctrl-C.',
  ].join('\n\n');

  static override examples = [
    { description: 'The rule sets of Table 4', command: '<%= config.bin %> table 4' },
    {
      description: 'Those of another seed, as CSV too',
      command: '<%= config.bin %> table 4 --seed 7 --out paper',
    },
    { description: 'Faults, as a first look', command: '<%= config.bin %> table 6 --quick' },
    { description: 'In full, with picture and CSV', command: '<%= config.bin %> table 6 --out paper' },
    {
      description: 'The contrast: pairs that do not replicate',
      command: '<%= config.bin %> table 6 --quick --replication off',
    },
  ];

  static override args = {
    name: Args.string({ description: 'Table of the paper: 4 or 6.', ignoreStdin: true }),
  };

  static override flags = {
    seed: Flags.string({
      description: 'Seed of everything random; of several runs, the first.',
      default: '1',
    }),
    out: Flags.string({ description: 'Folder that CSV and pictures are written into. Default: none.' }),
    rate: Flags.string({ char: 'r', description: 'Table 6: new connections per second.', default: '3M' }),
    duration: Flags.string({
      char: 'd',
      description: 'Table 6: of each run. Default: 60s, with --quick 6s.',
    }),
    repeat: Flags.string({ description: 'Table 6: runs of each scenario. Default: 3, with --quick 1.' }),
    quick: Flags.boolean({ description: 'Table 6: one short run of each scenario.', default: false }),
    model: Flags.string({
      description: "Table 6: card model; see '<%= config.bin %> models'.",
      default: 'dsc-200',
    }),
    replication: Flags.string({
      description: 'Table 6: in-line replication to the second card.',
      options: ['on', 'off'],
      default: 'on',
    }),
    ...SWEEP_FLAGS,
    jobs: Flags.string({
      char: 'j',
      description:
        'Table 6: runs at once. Default: one per core, and those that a last round would leave over.',
    }),
  };

  async run(): Promise<TableReport> {
    const parsed = await this.parse(Table);
    const { args, flags } = parsed;
    const { performTable } = await import('../experiments/table.js');
    const { report, text, exitCode } = await performTable(args.name, flags, {
      given: typedFlags(parsed),
      json: this.jsonEnabled(),
      stderr: terminalOf(process.stderr),
      stream: process.stderr,
    });
    this.print(text);
    process.exitCode = exitCode;
    return report;
  }
}
