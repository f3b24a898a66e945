import { Flags } from '@oclif/core';
import { BaseCommand, typedFlags } from '../../base-command.js';
import type { FindOutcome } from '../../experiments/find.js';
import { lossFlag, METHOD_FLAGS, maxLatencyFlag, targetFlags } from '../../experiments/find-flags.js';
import { terminalOf } from '../../terminal.js';

export default class FindConcurrency extends BaseCommand {
  static override summary = 'Find the most concurrent flows that the target holds within loss goals.';

  static override description = [
    'Each trial offers N flows to a target built anew: it sends each flow one packet, at a rate at which the target can learn, waits until nothing is under way, then sends each flow one more, in a random order, within --duration. Flows are UDP; a target that tracks state keeps one record each.',
    'Loss is the greatest of three shares: flows whose first packet did not come back (refused: flow table full), flows that the cards have no record of at the end, and packets of the second round that were dropped. Flows do not age in a trial, whatever the model says. A target without a flow table holds everything it forwards.',
    'A trial simulates two packets for each flow, so one of 64M flows takes a minute or more. --width, --max-flows and --min-flows decide how many trials there are.',
    'mlrsearch searches for all goals at once; bisection is the search of RFC 2544. A goal that holds at --max-flows or fails at --min-flows is reported as such. Every trial is a stored run. Exit codes: 0 done, 1 failed, 2 wrong usage, 4 invalid trials left a goal open, 130 ended by Ctrl-C (the same command goes on from the trials that are stored).',
  ].join('\n\n');

  static override examples = [
    {
      description: 'What a card with a smaller flow table holds',
      command: '<%= config.bin %> find concurrency --model my-card.yaml',
    },
    {
      description: "Whether the paper's card holds 4 million",
      command: '<%= config.bin %> find concurrency --max-flows 4M',
    },
  ];

  static override flags = {
    loss: lossFlag('0'),
    'max-latency': maxLatencyFlag('one-way latency'),
    'min-flows': Flags.string({
      description: 'Fewest flows to try. Default: a thousandth of --max-flows, at least 1000.',
    }),
    'max-flows': Flags.string({
      description: 'Most flows to try. Default: a quarter more than the records of the model, at most 64M.',
    }),
    duration: Flags.string({
      char: 'd',
      description: 'Time in which the second round of packets visits every flow.',
      default: '4s',
    }),
    ...targetFlags('card://solo'),
    ...METHOD_FLAGS,
  };

  async run(): Promise<FindOutcome> {
    const parsed = await this.parse(FindConcurrency);
    const { flags } = parsed;
    const { buildFindConcurrencyOptions } = await import('../../experiments/find-concurrency-options.js');
    const { performFind } = await import('../../experiments/find.js');
    const { report, text, exitCode } = await performFind(flags, {
      options: buildFindConcurrencyOptions(flags, typedFlags(parsed)),
      json: this.jsonEnabled(),
      stdout: this.terminal,
      stderr: terminalOf(process.stderr),
    });
    this.print(text);
    process.exitCode = exitCode;
    return report;
  }
}
