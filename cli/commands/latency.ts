import { Flags } from '@oclif/core';
import { BaseCommand, typedFlags } from '../base-command.js';
import type { LatencyReport } from '../experiments/latency.js';
import { SWEEP_FLAGS } from '../sweep/sweep-flags.js';
import { terminalOf } from '../terminal.js';

export default class Latency extends BaseCommand {
  static override summary = 'Measure latency at a ladder of loads, up to the knee and a little over.';

  static override description = [
    'Offers connections at each load, with several seeds, side by side under the virtual clock, and tells three latencies: port to port through a card, SYN to SYN-ACK, and the ping-pong of in-line replication. Latency counts from the scheduled time. Loads at which the target drops are marked.',
    'The default ladder doubles up to half of the knee that the service times of the model lead to expect, then halves the distance to it, reaches it, and goes 5% over. Jitter is p99.9 less the least latency: the packet delay variation of RFC 5481. A percentile that too few values would decide is left out.',
    'Writes latency.csv, latency.json and a chart of each latency and packet size. Queues start empty: near the knee, longer trials show more latency.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 4 invalid measurement, 130 ended by Ctrl-C.',
  ].join('\n\n');

  static override examples = [
    { description: 'Up to the knee of the card pair', command: '<%= config.bin %> latency' },
    {
      description: 'Two frame sizes in the lowest power state',
      command: '<%= config.bin %> latency --packet-size 64,1500 --power 52W',
    },
    { description: 'Loads of your own', command: '<%= config.bin %> latency --rates 300k,1M,10%,3M' },
    { description: 'Eight loads of equal ratios', command: '<%= config.bin %> latency --ladder 100k:3.2M:8' },
  ];

  static override flags = {
    rates: Flags.string({
      description: 'Loads, separated by commas: 300k, 3mcps, 17gbps, 10% (of the line rate of one port).',
      helpValue: 'RATE[,RATE...]',
    }),
    ladder: Flags.string({
      description: 'Loads of equal ratios, ends included, in place of --rates.',
      helpValue: 'LOW:HIGH:STEPS',
    }),
    'packet-size': Flags.string({
      description: 'Inner frames in bytes, 64 to 1500, separated by commas.',
      default: '64',
    }),
    duration: Flags.string({ char: 'd', description: 'Of each trial.', default: '500ms' }),
    target: Flags.string({
      description: "What to drive; see '<%= config.bin %> targets'.",
      default: 'card://pair',
    }),
    model: Flags.string({ description: "Card model; see '<%= config.bin %> models'.", default: 'dsc-200' }),
    power: Flags.string({ description: 'Power state of the cards: 78W, 68W, 52W.', default: '78W' }),
    quick: Flags.boolean({
      description: 'Trials of 400 ms, fewer loads, one seed.',
      default: false,
    }),
    seeds: Flags.string({ description: 'Seeds for each load. Default: 3, with --quick 1.' }),
    out: Flags.string({ description: 'Folder that charts and data are written into.', default: 'paper' }),
    ...SWEEP_FLAGS,
  };

  async run(): Promise<LatencyReport> {
    const parsed = await this.parse(Latency);
    const { flags } = parsed;
    const { performLatency } = await import('../experiments/latency.js');
    const { report, text, exitCode } = await performLatency(flags, {
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
