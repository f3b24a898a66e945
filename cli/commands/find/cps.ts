import { Flags } from '@oclif/core';
import { BaseCommand, typedFlags } from '../../base-command.js';
import type { FindOutcome } from '../../experiments/find.js';
import {
  initialDurationFlag,
  lossFlag,
  METHOD_FLAGS,
  maxLatencyFlag,
  targetFlags,
} from '../../experiments/find-flags.js';
import { terminalOf } from '../../terminal.js';

export default class FindCps extends BaseCommand {
  static override summary = 'Find the highest rate of new TCP connections within loss and latency goals.';

  static override description = [
    "Trials of 'cps' at changing rates, under the virtual clock, bracket for each goal the highest rate at which it holds: the lower bound holds, the upper bound fails, and they are at most --width apart. mlrsearch (Multiple Loss Ratio search, IETF draft-ietf-bmwg-mlrsearch, as in FD.io CSIT) searches for all goals at once and begins with short trials; bisection is the search of RFC 2544, one goal after the other.",
    'Loss is packets dropped of those sent, or connections broken (reset, timed out) of those attempted if that is more. A connection open at the end of its trial is under way, not lost; but long queues hide for a second or more that a target cannot keep up. So the connections by which queues grew in the second half of a trial count as lost too, a packet each: in a longer one they would be.',
    'A trial is deterministic: one of --duration decides on a rate unless --duration-sum asks for more, which then take the following seeds. Every trial is a stored run.',
    'A goal that holds at --max-rate or fails at --min-rate is reported as such. Exit codes: 0 done, 1 failed, 2 wrong usage, 4 invalid trials left a goal open, 130 ended by Ctrl-C (the same command goes on from the trials that are stored).',
  ].join('\n\n');

  static override examples = [
    { description: "The paper's goal: one packet in 10,000", command: '<%= config.bin %> find cps' },
    {
      description: 'Several goals in one search, in each power state side by side',
      command: '<%= config.bin %> find cps --loss 0,1e-4,1% --power 78W,68W,52W',
    },
    {
      description: 'The highest rate at which 99% of the SYN-ACKs come within 1 ms',
      command: '<%= config.bin %> find cps --max-latency p99=1ms --min-rate 1M --max-rate 5M',
    },
    {
      description: 'RFC 2544 throughput, every trial listed',
      command: '<%= config.bin %> find cps --method bisection --loss 0 --max-rate 5M --trials',
    },
  ];

  static override flags = {
    loss: lossFlag('1e-4'),
    'max-latency': maxLatencyFlag('SYN to SYN-ACK latency'),
    'min-rate': Flags.string({ description: 'Lowest rate to try. Default: a thousandth of --max-rate.' }),
    'max-rate': Flags.string({
      description:
        "Highest rate to try. Default: line rate of one port, halved until the profile's addresses suffice.",
    }),
    duration: Flags.string({
      char: 'd',
      description: 'Final trial duration: shorter trials can rule a rate out, but not confirm it.',
      default: '1s',
    }),
    'initial-duration': initialDurationFlag,
    arrivals: Flags.string({
      description: "Spacing of connection starts. Default: the profile's.",
      options: ['constant', 'poisson'],
    }),
    replication: Flags.string({
      description: 'In-line replication to the second card, where the target has one.',
      options: ['on', 'off'],
      default: 'on',
    }),
    ...targetFlags('card://pair'),
    ...METHOD_FLAGS,
  };

  async run(): Promise<FindOutcome> {
    const parsed = await this.parse(FindCps);
    const { flags } = parsed;
    const { buildFindCpsOptions } = await import('../../experiments/find-cps-options.js');
    const { performFind } = await import('../../experiments/find.js');
    const { report, text, exitCode } = await performFind(flags, {
      options: buildFindCpsOptions(flags, typedFlags(parsed)),
      json: this.jsonEnabled(),
      stdout: this.terminal,
      stderr: terminalOf(process.stderr),
    });
    this.print(text);
    process.exitCode = exitCode;
    return report;
  }
}
