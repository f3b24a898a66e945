import { Flags } from '@oclif/core';
import type { Result } from '../../results/result.js';
import { BaseCommand, typedFlags } from '../base-command.js';
import type { PpsSizesReport } from '../experiments/pps-sizes.js';
import { SWEEP_FLAGS } from '../sweep/sweep-flags.js';
import { terminalOf } from '../terminal.js';

export default class Pps extends BaseCommand {
  static override summary = 'Offer UDP packets at a fixed rate over live flows; measure what comes through.';

  static override description = [
    "Every flow is sent one packet first, so that the target learns it (a flow's first packet goes over the ARM cores); then packets are sent on schedule whether or not the target keeps up (open loop), each round of the flows in a new random order that defeats caches. Latency is one way, from the scheduled time. The clock is virtual: the same seed gives the same figures on any machine.",
    'Sizes are inner Ethernet frames without FCS, as the paper counts its 64 B; in VXLAN these are 118 B on the wire. imix is 7:4:1 of 64, 570 and 1518 B.',
    'Rates are SI: 10mpps (packets), 17gbps (bits in frames), 50% (of the line rate of one port); max is the line rate of one port, 90.6 Mpps at 64 B.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 4 invalid measurement, 130 ended by Ctrl-C (what was measured is stored).',
  ].join('\n\n');

  static override examples = [
    {
      description: "The paper's load on one card: line rate of the smallest packets",
      command: '<%= config.bin %> pps',
    },
    {
      description: 'Ten million flows in the lowest power state',
      command: '<%= config.bin %> pps --flows 10M --power 52W',
    },
    {
      description: 'A mix of sizes both ways through the pair',
      command: '<%= config.bin %> pps -r 10mpps --packet-size imix --bidirectional --target card://pair',
    },
    {
      description: 'A ladder of sizes, one table',
      command: '<%= config.bin %> pps --packet-size 64,128,256,512,1024,1500,imix',
    },
    { description: 'What the generator alone can do', command: '<%= config.bin %> pps --target loopback://' },
  ];

  static override flags = {
    rate: Flags.string({ char: 'r', description: 'Packets per second, or max.', default: 'max' }),
    duration: Flags.string({
      char: 'd',
      description: 'How long to count, after the flows were learned: 20ms, 1s.',
      default: '20ms',
    }),
    'packet-size': Flags.string({
      description: 'Inner frame in bytes, 64 to 1518, or imix; several, with commas, run side by side.',
      default: '64',
    }),
    flows: Flags.string({ description: 'Flows, all live: 1 to 64M.', default: '100k' }),
    bidirectional: Flags.boolean({
      description: 'Servers send every other packet of a flow.',
      default: false,
    }),
    warmup: Flags.boolean({
      description: 'Learn every flow before counting.',
      default: true,
      allowNo: true,
    }),
    seed: Flags.string({ description: 'Seed of everything random.', default: '1' }),
    profile: Flags.string({
      char: 'f',
      description: 'Traffic profile for addresses and encapsulation: a built-in name or a file.',
      default: 'cps',
    }),
    tunable: Flags.string({
      char: 't',
      description: 'Sets one key of the profile; may be repeated.',
      helpValue: 'KEY=VALUE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    arrivals: Flags.string({
      description: 'Spacing of packets.',
      options: ['constant', 'poisson'],
      default: 'constant',
    }),
    target: Flags.string({
      description: "What to drive; see '<%= config.bin %> targets'.",
      default: 'card://solo',
    }),
    model: Flags.string({ description: "Card model; see '<%= config.bin %> models'.", default: 'dsc-200' }),
    power: Flags.string({ description: 'Power state of the cards: 78W, 68W, 52W.', default: '78W' }),
    acl: Flags.string({
      description:
        "Rules that new flows are checked against: table4 (the paper's); dash-hero, dash-baby, dash-1ip (of SONiC DASH's shape); none; or a file.",
      default: 'table4',
    }),
    ...SWEEP_FLAGS,
    chart: Flags.boolean({ description: 'Draw chart.png beside the result.', default: true, allowNo: true }),
  };

  async run(): Promise<Result | PpsSizesReport> {
    const parsed = await this.parse(Pps);
    const { flags } = parsed;
    const given = typedFlags(parsed);
    if (flags['packet-size'].includes(',')) {
      const { performPpsSizes } = await import('../experiments/pps-sizes.js');
      const stderr = terminalOf(process.stderr);
      const sizes = await performPpsSizes(flags, {
        given,
        json: this.jsonEnabled(),
        stderr,
        stream: process.stderr,
      });
      this.print(sizes.text);
      process.exitCode = sizes.exitCode;
      return sizes.report;
    }
    const { performPps } = await import('../perform-pps.js');
    const { result, text, exitCode } = await performPps(flags, {
      given,
      json: this.jsonEnabled(),
      stdout: this.terminal,
      stderr: terminalOf(process.stderr),
    });
    this.print(text);
    process.exitCode = exitCode;
    return result;
  }
}
