import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.js';
import type { FaultsReport } from '../../faults/faults.js';
import { SWEEP_FLAGS } from '../../sweep/sweep-flags.js';
import { terminalOf } from '../../terminal.js';

export default class Faults extends BaseCommand {
  static override summary = 'Offer connections while cables, cards or roles change; measure what breaks.';

  static override description = [
    'Plays a scenario in the testbed of Figure 9a under the virtual clock: ToRs probe the cards and choose routes by AS path, cards exchange heartbeats and take over. Packets sent into a dead link or without a route are dropped there and counted by place and reason.',
    'Two figures of how long it took: RECOVERY is derived from loss, packets lost in the outage over packets offered per second (RFC 6413, and what the paper states); OUTAGE is observed, from the first to the last packet lost in the largest burst without 50 ms of quiet. A connection is BROKEN by a reset or when its time-out ends, STALLED when a packet of it had to be sent again; it counts for the event after which that packet was lost.',
    'Times of detection and of writing routes are inputs, fitted to Table 6 and marked so in the model; what breaks, stalls and is lost at cards is not.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 4 invalid measurement, 130 ended by Ctrl-C.',
  ].join('\n\n');

  static override examples = [
    { description: 'Table 6 (c): a card loses both links', command: '<%= config.bin %> faults card1-down' },
    {
      description: 'The contrast: a pair that does not replicate',
      command: '<%= config.bin %> faults card1-down --replication off -r 300k',
    },
    {
      description: 'The full size of the paper',
      command: '<%= config.bin %> faults tor1-links-down -d 60s --repeat 3',
    },
    { description: "One's own scenario", command: '<%= config.bin %> faults ./my-scenario.yaml' },
  ];

  static override args = {
    scenario: Args.string({
      description: "A built-in scenario (see '<%= config.bin %> faults list') or a file.",
      default: 'card1-down',
      ignoreStdin: true,
    }),
  };

  static override flags = {
    rate: Flags.string({ char: 'r', description: "New connections per second. Default: the profile's, 3M." }),
    duration: Flags.string({
      char: 'd',
      description:
        'How long to offer load. Default: until 6 s after the last event, when connections that lost their way have given up.',
    }),
    at: Flags.string({
      description: 'When the first event happens. Default: after a third of --duration, or 2 s.',
    }),
    repeat: Flags.string({ description: 'Runs, with seeds counted up from --seed.', default: '1' }),
    seed: Flags.string({ description: 'Seed of everything random.', default: '1' }),
    profile: Flags.string({
      char: 'f',
      description: 'Traffic profile: a built-in name or a file.',
      default: 'faults',
    }),
    tunable: Flags.string({
      char: 't',
      description:
        "Sets one key of the profile; may be repeated. '<%= config.bin %> profiles show faults' lists the keys.",
      helpValue: 'KEY=VALUE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    target: Flags.string({
      description:
        'card://pair, or card://appliance?cards=N with 3 to 12 cards. Default: what the scenario is made for.',
    }),
    model: Flags.string({ description: "Card model; see '<%= config.bin %> models'.", default: 'dsc-200' }),
    power: Flags.string({ description: 'Power state of the cards: 78W, 68W, 52W.', default: '78W' }),
    acl: Flags.string({
      description:
        "Rules that new flows are checked against: table4 (the paper's); dash-hero, dash-baby, dash-1ip (of SONiC DASH's shape); none; or a file.",
      default: 'table4',
    }),
    replication: Flags.string({
      description: 'In-line replication to the second card.',
      options: ['on', 'off'],
      default: 'on',
    }),
    chart: Flags.boolean({
      description: 'Draw each run: latency, throughput, losses, and packets by 100 us around each event.',
      default: true,
      allowNo: true,
    }),
    ...SWEEP_FLAGS,
  };

  async run(): Promise<FaultsReport> {
    const { args, flags } = await this.parse(Faults);
    const { DEFAULT_FAULTS_FLAGS } = await import('../../faults/faults-options.js');
    const { performFaults } = await import('../../faults/faults.js');
    const { report, text, exitCode } = await performFaults(
      { ...DEFAULT_FAULTS_FLAGS, ...flags, scenario: args.scenario },
      { json: this.jsonEnabled(), stderr: terminalOf(process.stderr), stream: process.stderr },
    );
    this.print(text);
    process.exitCode = exitCode;
    return report;
  }
}
