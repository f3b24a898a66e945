import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.js';
import type { PaperOutcome } from '../experiments/paper.js';
import { SWEEP_FLAGS } from '../sweep/sweep-flags.js';
import { terminalOf } from '../terminal.js';

export default class Paper extends BaseCommand {
  static override summary = 'Run all experiments of the paper that there are and write one report.';

  static override description = [
    "Draws all figures, the power states, latency at a ladder of loads and DASH's hero test at its smaller scale, counts Table 4, runs the faults of Table 6, searches for the highest rate of connections in each power state, and measures what else the paper states a number of, all under the virtual clock. Writes report.md and report.html (one file, pictures within) beside the files of the figures. The report lists every number that the paper states: with ours, the deviation, and whether ours is an input of the model, fitted or emergent; or as not built yet, not run, or not ours to measure.",
    'On two cores --quick took 2 min 42 s, the whole 18 min (measured on one machine; on a slower one twice that), and 1.8 GiB of memory for each job. Every trial is stored as it ends: after Ctrl-C the same command goes on from there.',
    'A number that does not hold is told, not an error. Exit codes: 0 done, 1 failed, 2 wrong usage, 4 invalid trials (the report names them), 130 ended by Ctrl-C.',
  ].join('\n\n');

  static override examples = [
    { description: 'A first look', command: '<%= config.bin %> paper --quick' },
    { description: 'Everything, as the paper has it', command: '<%= config.bin %> paper' },
    {
      description: 'Five seeds for each point',
      command: '<%= config.bin %> paper --seeds 5 --out five-seeds',
    },
  ];

  static override flags = {
    quick: Flags.boolean({ description: 'Fewer points, shorter trials, one seed.', default: false }),
    seeds: Flags.string({ description: 'Seeds for each point of a figure. Default: 3, with --quick 1.' }),
    model: Flags.string({ description: "Card model; see '<%= config.bin %> models'.", default: 'dsc-200' }),
    out: Flags.string({ description: 'Folder that the files are written into.', default: 'paper' }),
    ...SWEEP_FLAGS,
  };

  async run(): Promise<PaperOutcome> {
    const { flags } = await this.parse(Paper);
    const { performPaper } = await import('../experiments/paper.js');
    const { outcome, text, exitCode } = await performPaper(flags, {
      json: this.jsonEnabled(),
      stderr: terminalOf(process.stderr),
      stream: process.stderr,
    });
    this.print(text);
    process.exitCode = exitCode;
    return outcome;
  }
}
