import { Args, Flags } from '@oclif/core';
import { usageError } from '../../core/errors.js';
import { BaseCommand } from '../base-command.js';
import type { FigureReport } from '../experiments/figure.js';
import { SWEEP_FLAGS } from '../sweep/sweep-flags.js';
import { terminalOf } from '../terminal.js';

interface FigureList {
  figures: { name: string; what: string }[];
}

export default class Figure extends BaseCommand {
  static override summary = "Run the experiment of one of the paper's figures and draw it.";

  static override description = [
    'Runs the trials of the figure side by side under the virtual clock, with several seeds, and writes a picture (PNG, SVG), a table (CSV) and the data (JSON), each named after the figure. Error bars show the range over seeds; what the paper states is drawn as a mark.',
    'Every trial is stored as it ends: after Ctrl-C the same command goes on from there, and trials that two figures share run once. Figure 10a in full takes some ten minutes on two cores and 1.8 GiB for each job; --quick is a first look.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 4 invalid trials were left out, 130 ended by Ctrl-C.',
  ].join('\n\n');

  static override examples = [
    { description: 'What there is', command: '<%= config.bin %> figure --list' },
    { description: 'Connections dropped by offered rate', command: '<%= config.bin %> figure 10b' },
    { description: 'A first look', command: '<%= config.bin %> figure 10a --quick --out /tmp/first-look' },
  ];

  static override args = {
    name: Args.string({ description: 'Figure of the paper: 10a, 10b or 10c.' }),
  };

  static override flags = {
    list: Flags.boolean({ description: 'List the figures.', default: false }),
    quick: Flags.boolean({ description: 'Fewer points, shorter trials, one seed.', default: false }),
    seeds: Flags.string({ description: 'Seeds for each point. Default: 3, with --quick 1.' }),
    model: Flags.string({ description: "Card model; see '<%= config.bin %> models'.", default: 'dsc-200' }),
    out: Flags.string({ description: 'Folder that the files are written into.', default: 'paper' }),
    ...SWEEP_FLAGS,
  };

  async run(): Promise<FigureReport | FigureList> {
    const { args, flags } = await this.parse(Figure);
    const { FIGURES } = await import('../experiments/figures.js');
    if (flags.list) {
      const figures = FIGURES.map(({ name, what }) => ({ name, what }));
      this.print(figures.map(({ name, what }) => `${name}  ${what}`).join('\n'));
      return { figures };
    }
    if (args.name === undefined) {
      throw usageError({
        code: 'no-figure',
        where: 'NAME',
        expected: `a figure (${FIGURES.map(({ name }) => name).join(', ')})`,
        got: 'none',
        hint: 'See sirius-bench figure --list.',
      });
    }
    const { performFigure } = await import('../experiments/figure.js');
    const stderr = terminalOf(process.stderr);
    const { report, text, exitCode } = await performFigure(args.name, flags, {
      json: this.jsonEnabled(),
      stderr,
      stream: process.stderr,
    });
    this.print(text);
    process.exitCode = exitCode;
    return report;
  }
}
