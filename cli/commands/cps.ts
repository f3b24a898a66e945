import { Flags } from '@oclif/core';
import type { Result } from '../../results/result.js';
import { BaseCommand, typedFlags } from '../base-command.js';
import { terminalOf } from '../terminal.js';

export default class Cps extends BaseCommand {
  static override summary = 'Offer new TCP connections at a fixed rate and measure what becomes of them.';

  static override description = [
    'Connections start on schedule whether or not the target keeps up (open loop), and latency counts from the scheduled time. Under the virtual clock the card pair of the paper is simulated packet by packet: the same seed gives the same figures on any machine. Every packet ends delivered or dropped for a named reason.',
    'Rates are SI: 3M or 3mcps (connections), 18mpps (packets), 17gbps (bits in frames), 30% (of the line rate of one port; the generator has two).',
    'In-line replication sends each SYN and FIN to the second card and back before it goes on: that is the ping-pong of the latency table. A new flow is evaluated by an ARM core of its card; armNewFlowQueue counts the SYNs that found the queue of their core full, the sign of an overloaded target.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 4 invalid measurement, 130 ended by Ctrl-C (what was measured is stored).',
  ].join('\n\n');

  static override examples = [
    { description: "The paper's load on the card pair", command: '<%= config.bin %> cps --rate 3M' },
    {
      description: 'In the lowest power state, for longer',
      command: '<%= config.bin %> cps --rate 3M --power 52W --duration 5s',
    },
    {
      description: 'Large frames and random arrivals',
      command: '<%= config.bin %> cps -r 1M --arrivals poisson -t innerFrameBytes=1500',
    },
    {
      description: 'For a script: one JSON object',
      command: '<%= config.bin %> cps --rate 2.5M --json --quiet',
    },
    { description: 'Keep the first packets', command: '<%= config.bin %> cps -d 10ms --pcap cps.pcapng' },
  ];

  static override flags = {
    rate: Flags.string({ char: 'r', description: "New connections per second. Default: the profile's, 3M." }),
    duration: Flags.string({
      char: 'd',
      description: 'How long to offer load: 2s, 100ms, 1m30s; at most 24h.',
      default: '2s',
    }),
    seed: Flags.string({ description: 'Seed of everything random.', default: '1' }),
    profile: Flags.string({
      char: 'f',
      description: 'Traffic profile: a built-in name or a file.',
      default: 'cps',
    }),
    multiplier: Flags.string({ char: 'm', description: 'Multiplies the rate.', default: '1' }),
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
    clock: Flags.string({
      description: 'virtual simulates time from the card model; wall runs as fast as this machine does.',
      options: ['virtual', 'wall'],
      default: 'virtual',
    }),
    model: Flags.string({ description: "Card model; see '<%= config.bin %> models'.", default: 'dsc-200' }),
    power: Flags.string({ description: 'Power state of the cards: 78W, 68W, 52W.', default: '78W' }),
    acl: Flags.string({
      description:
        "Rules that new flows are checked against: table4 (the paper's); dash-hero, dash-baby, dash-1ip (of SONiC DASH's shape); none; or a file.",
      default: 'table4',
    }),
    replication: Flags.string({
      description: 'In-line replication to a second card; of targets with two cards or more.',
      options: ['on', 'off'],
      default: 'on',
    }),
    pcap: Flags.string({ description: 'Write packets to this pcapng file.', helpValue: 'FILE' }),
    'pcap-packets': Flags.string({
      description: 'Packets to keep in the capture of --pcap at most.',
      default: '10000',
    }),
    'results-dir': Flags.string({ description: 'Where runs are stored.', default: 'results/runs' }),
    chart: Flags.boolean({ description: 'Draw chart.png beside the result.', default: true, allowNo: true }),
  };

  async run(): Promise<Result> {
    const parsed = await this.parse(Cps);
    const { flags } = parsed;
    const { performCps } = await import('../perform-cps.js');
    const { result, text, exitCode } = await performCps(flags, {
      given: typedFlags(parsed),
      json: this.jsonEnabled(),
      stdout: this.terminal,
      stderr: terminalOf(process.stderr),
    });
    this.print(text);
    process.exitCode = exitCode;
    return result;
  }
}
