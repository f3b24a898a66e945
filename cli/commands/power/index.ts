import { Flags } from '@oclif/core';
import { BaseCommand, typedFlags } from '../../base-command.js';
import type { PowerReport } from '../../experiments/power.js';
import { SWEEP_FLAGS } from '../../sweep/sweep-flags.js';
import { terminalOf } from '../../terminal.js';

export default class Power extends BaseCommand {
  static override summary = "Compare a card's power states: packets, connections, latency, work per joule.";

  static override description = [
    'Runs the same loads in every power state of the model: line rate of the smallest packets into one card, connections at --rate into the pair, and latency at --latency-rate, below the knee of all states. Several seeds, side by side, under the virtual clock; the median is shown, with its change against the first state.',
    "A user's own state or card is data: write it into a model file (start from 'models show', docs: sirius-card/models/dsc-200.yaml) and give it with --model.",
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 4 invalid trials were left out, 130 ended by Ctrl-C.',
  ].join('\n\n');

  static override examples = [
    { description: 'The three states of the paper', command: '<%= config.bin %> power' },
    { description: 'A first look', command: '<%= config.bin %> power --quick' },
    { description: 'The states and where their numbers come from', command: '<%= config.bin %> power show' },
  ];

  static override flags = {
    rate: Flags.string({ char: 'r', description: 'Connections per second to compare at.', default: '3M' }),
    'latency-rate': Flags.string({
      description: 'Connections per second at which latency is compared.',
      default: '1M',
    }),
    duration: Flags.string({ char: 'd', description: 'Of each trial of connections.', default: '1s' }),
    quick: Flags.boolean({ description: 'Trials of connections of 200 ms, and one seed.', default: false }),
    seeds: Flags.string({ description: 'Seeds for each figure. Default: 3, with --quick 1.' }),
    model: Flags.string({ description: "Card model; see '<%= config.bin %> models'.", default: 'dsc-200' }),
    out: Flags.string({ description: 'Folder that chart and data are written into.', default: 'paper' }),
    ...SWEEP_FLAGS,
  };

  async run(): Promise<PowerReport> {
    const parsed = await this.parse(Power);
    const { flags } = parsed;
    const { performPower } = await import('../../experiments/power.js');
    const stderr = terminalOf(process.stderr);
    const { report, text, exitCode } = await performPower(flags, {
      given: typedFlags(parsed),
      json: this.jsonEnabled(),
      stderr,
      stream: process.stderr,
    });
    this.print(text);
    process.exitCode = exitCode;
    return report;
  }
}
