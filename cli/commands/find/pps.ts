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

export default class FindPps extends BaseCommand {
  static override summary = 'Find the highest rate of packets over live flows within loss and latency goals.';

  static override description = [
    "Trials of 'pps' at changing rates, under the virtual clock, bracket for each goal, packet size and power state the highest rate at which it holds: the lower bound holds, the upper bound fails, and they are at most --width apart. mlrsearch (Multiple Loss Ratio search, IETF draft-ietf-bmwg-mlrsearch, as in FD.io CSIT) searches for all goals at once and begins with short trials; bisection is the search of RFC 2544.",
    'Each trial builds its target anew and learns all flows, one packet each, before it counts: of 100k flows that is less work than the packets counted; of 64M it is many times more. Loss is packets dropped of those sent after that.',
    'Sizes are inner Ethernet frames without FCS: 64 B are 118 B on the wire in VXLAN, and line rate of one 100 Gbps port is 90.6 Mpps. Packets under way when a trial ends are not lost: trials are not drained, so a longer --duration finds a lower, truer limit.',
    'A goal that holds at --max-rate or fails at --min-rate is reported as such. Every trial is a stored run. Exit codes: 0 done, 1 failed, 2 wrong usage, 4 invalid trials left a goal open, 130 ended by Ctrl-C (the same command goes on from the trials that are stored).',
  ].join('\n\n');

  static override examples = [
    { description: 'No packet lost, smallest packets', command: '<%= config.bin %> find pps' },
    {
      description: 'RFC 2544 throughput by frame size',
      command: '<%= config.bin %> find pps --method bisection --packet-size 64,128,256,512,1024,1280,1518',
    },
    {
      description: 'Several goals over a million flows, in each power state',
      command: '<%= config.bin %> find pps --flows 1M --loss 0,1e-4,1% --power 78W,68W,52W',
    },
  ];

  static override flags = {
    loss: lossFlag('0'),
    'max-latency': maxLatencyFlag('one-way latency'),
    'min-rate': Flags.string({ description: 'Lowest rate to try. Default: a thousandth of --max-rate.' }),
    'max-rate': Flags.string({
      description:
        'Highest rate to try, in packets or bits per second or % of line rate. Default: line rate of one port.',
    }),
    duration: Flags.string({
      char: 'd',
      description: 'Final trial duration: shorter trials can rule a rate out, but not confirm it.',
      default: '20ms',
    }),
    'initial-duration': initialDurationFlag,
    arrivals: Flags.string({
      description: 'Spacing of packets.',
      options: ['constant', 'poisson'],
      default: 'constant',
    }),
    'packet-size': Flags.string({
      description: 'Inner frame in bytes, 64 to 1518, or imix; several, with commas, are a search each.',
      default: '64',
    }),
    flows: Flags.string({
      description: 'Flows, all live: 1 to 64M. Each trial learns them first, so many make a search long.',
      default: '100k',
    }),
    bidirectional: Flags.boolean({
      description: 'Servers send every other packet of a flow.',
      default: false,
    }),
    ...targetFlags('card://solo'),
    ...METHOD_FLAGS,
  };

  async run(): Promise<FindOutcome> {
    const parsed = await this.parse(FindPps);
    const { flags } = parsed;
    const { buildFindPpsOptions } = await import('../../experiments/find-pps-options.js');
    const { performFind } = await import('../../experiments/find.js');
    const { report, text, exitCode } = await performFind(flags, {
      options: buildFindPpsOptions(flags, typedFlags(parsed)),
      json: this.jsonEnabled(),
      stdout: this.terminal,
      stderr: terminalOf(process.stderr),
    });
    this.print(text);
    process.exitCode = exitCode;
    return report;
  }
}
