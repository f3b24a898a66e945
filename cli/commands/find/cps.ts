import { Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.js';
import type { FindCpsReport } from '../../experiments/find-search.js';
import { SWEEP_FLAGS } from '../../sweep/sweep-flags.js';
import { terminalOf } from '../../terminal.js';

export default class FindCps extends BaseCommand {
  static override summary = 'Find the highest rate of new TCP connections within loss and latency goals.';

  static override description = [
    "Trials of 'cps' at changing rates, under the virtual clock, bracket for each goal the highest rate at which it holds: the lower bound holds, the upper bound fails, and they are at most --width apart. mlrsearch (Multiple Loss Ratio search, IETF draft-ietf-bmwg-mlrsearch, as in FD.io CSIT) searches for all goals at once and begins with short trials; bisection is the search of RFC 2544, one goal after the other.",
    'Loss is packets dropped of those sent, or connections broken (reset, timed out) of those attempted if that is more. A connection open at the end of its trial is under way, not lost. Trials begin with empty queues and are not drained: one that is short against the time in which queues fill loses nothing a little above the limit, so a longer --duration finds a lower, truer limit.',
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
    method: Flags.string({ description: 'How to search: mlrsearch or bisection.', default: 'mlrsearch' }),
    loss: Flags.string({
      char: 'l',
      description: 'Highest loss ratios, one goal each: 0, 1e-4, 1%.',
      helpValue: 'RATIO[,RATIO...]',
      default: '1e-4',
    }),
    'max-latency': Flags.string({
      description:
        'Highest SYN to SYN-ACK latency, asked of every goal; percentiles p50, p90, p99, p999, p9999 and max. May be repeated.',
      helpValue: 'p99=1ms',
      multiple: true,
      multipleNonGreedy: true,
    }),
    width: Flags.string({
      description: 'Ends when (upper bound - lower bound) / upper bound is at most this.',
      default: '0.5%',
    }),
    'min-rate': Flags.string({ description: 'Lowest rate to try. Default: a thousandth of --max-rate.' }),
    'max-rate': Flags.string({
      description:
        "Highest rate to try. Default: line rate of one port, halved until the profile's addresses suffice.",
    }),
    duration: Flags.string({
      char: 'd',
      description: 'Final trial duration: shorter trials can rule a rate out, but not confirm it.',
      default: '200ms',
    }),
    'initial-duration': Flags.string({
      description: 'Duration of the first trials of mlrsearch. Default: a tenth of --duration.',
    }),
    'duration-sum': Flags.string({
      description: 'Duration of trials of one rate that decides on it (mlrsearch). Default: --duration.',
    }),
    'exceed-ratio': Flags.string({
      description: 'Share of that duration in which trials may miss the goal (mlrsearch).',
      default: '0',
    }),
    trials: Flags.boolean({ char: 'v', description: 'List every trial with its run.', default: false }),
    seed: Flags.string({ description: 'Seed of everything random.', default: '1' }),
    profile: Flags.string({
      char: 'f',
      description: 'Traffic profile: a built-in name or a file.',
      default: 'cps',
    }),
    tunable: Flags.string({
      char: 't',
      description:
        "Sets one key of the profile; may be repeated. '<%= config.bin %> profiles show cps' lists the keys.",
      helpValue: 'KEY=VALUE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    arrivals: Flags.string({
      description: "Spacing of connection starts. Default: the profile's.",
      options: ['constant', 'poisson'],
    }),
    target: Flags.string({
      description: "What to drive; see '<%= config.bin %> targets'.",
      default: 'card://pair',
    }),
    model: Flags.string({ description: "Card model; see '<%= config.bin %> models'.", default: 'dsc-200' }),
    power: Flags.string({
      description: 'Power states of the cards, one search each: 78W, 68W, 52W.',
      helpValue: 'WATTS[,WATTS...]',
      default: '78W',
    }),
    acl: Flags.string({
      description: "Rules that new flows are checked against: table4 (the paper's), none, or a file.",
      default: 'table4',
    }),
    replication: Flags.string({
      description: 'In-line replication to the second card; of card://pair only.',
      options: ['on', 'off'],
      default: 'on',
    }),
    ...SWEEP_FLAGS,
  };

  async run(): Promise<FindCpsReport> {
    const { flags, metadata } = await this.parse(FindCps);
    const isTyped = (name: string) => metadata.flags[name]?.setFromDefault !== true;
    const { performFindCps } = await import('../../experiments/find.js');
    const { report, text, exitCode } = await performFindCps(flags, {
      given: new Set(Object.keys(flags).filter(isTyped)),
      json: this.jsonEnabled(),
      stdout: this.terminal,
      stderr: terminalOf(process.stderr),
    });
    this.print(text);
    process.exitCode = exitCode;
    return report;
  }
}
