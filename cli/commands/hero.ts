import { Flags } from '@oclif/core';
import { BaseCommand, typedFlags } from '../base-command.js';
import type { HeroReport } from '../experiments/hero.js';
import { HERO_SCALE_NAMES } from '../hero-scales.js';
import { SWEEP_FLAGS } from '../sweep/sweep-flags.js';
import { terminalOf } from '../terminal.js';

export default class Hero extends BaseCommand {
  static override summary = "SONiC DASH's hero test: new connections beside background flows.";

  static override description = [
    'Background flows are learned first, TCP by handshakes and UDP by first packets, and each is refreshed in both directions every 4.9 s from then on. New connections follow at --rate. Then all stops, and the flow tables must become empty. DASH asks for no drop at all, at most 32M records with 30M background flows, and empty tables within 1 s of ageing. In a run of less than 4.9 s not every background flow is refreshed both ways, which its report says.',
    'Scales: 1ip is one ENI with one client and one server address, without a background; baby is 32 ENIs with 1% of the background; full is 32 ENIs with 15M TCP and 15M UDP flows. The records that connections may add to them are 2M at every scale: 32M less 30M.',
    "The characterisation finds the loads up to which nothing is lost, at most one packet in a million, and at least half of the connections complete, in short trials with the same background; connections by which queues grew count as lost, as in 'find cps'. Retransmissions come after a second, so that short trials show the cards' overload, not what it brings about later.",
    'On two cores baby takes some 4 minutes. Full has 30 million packets per second: 100 s, as DASH has it, take some 40 minutes of a core; each trial of its characterisation takes some minutes, most of them for learning the flows. Twice that on a slower machine. A trial at full scale takes 3.1 GiB.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 4 invalid measurement, 130 ended by Ctrl-C.',
  ].join('\n\n');

  static override examples = [
    { description: "A first look, at DASH's 1% scale", command: '<%= config.bin %> hero' },
    {
      description: 'The hero test itself, without the loads around it',
      command: '<%= config.bin %> hero --scale full -d 100s --no-characterise',
    },
    {
      description: 'One ENI in the lowest power state',
      command: '<%= config.bin %> hero --scale 1ip --power 52W',
    },
  ];

  static override flags = {
    scale: Flags.option({
      options: HERO_SCALE_NAMES,
      description: 'What is configured.',
      default: 'baby' as const,
    })(),
    rate: Flags.string({ char: 'r', description: 'New connections per second.', default: '3M' }),
    duration: Flags.string({
      char: 'd',
      description: 'How long connections are offered; DASH has 100s.',
      default: '10s',
    }),
    characterise: Flags.boolean({
      description: 'Find the loads of zero loss, minimal loss and collapse too.',
      default: true,
      allowNo: true,
    }),
    'step-duration': Flags.string({
      description: 'How long each trial of the characterisation offers connections.',
      default: '1s',
    }),
    'packet-size': Flags.string({
      description: 'Inner frames of the background in bytes, 64 to 1500.',
      default: '64',
    }),
    seed: Flags.string({ description: 'The same seed gives the same packets.', default: '1' }),
    target: Flags.string({
      description: "What to drive; see '<%= config.bin %> targets'.",
      default: 'card://pair',
    }),
    model: Flags.string({ description: "Card model; see '<%= config.bin %> models'.", default: 'dsc-200' }),
    power: Flags.string({ description: 'Power state of the cards: 78W, 68W, 52W.', default: '78W' }),
    acl: Flags.string({
      description:
        "Rules that new flows are checked against: table4, dash-hero, dash-baby, dash-1ip, none or a file. Default: the scale's.",
    }),
    chart: Flags.boolean({ description: 'Draw the band chart.', default: true, allowNo: true }),
    out: Flags.string({ description: 'Folder that chart and data are written into.', default: 'hero' }),
    ...SWEEP_FLAGS,
  };

  async run(): Promise<HeroReport> {
    const parsed = await this.parse(Hero);
    const { flags } = parsed;
    const { performHero } = await import('../experiments/hero.js');
    const { report, text, exitCode } = await performHero(flags, {
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
