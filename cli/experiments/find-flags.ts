import { Flags } from '@oclif/core';
import { SWEEP_FLAGS } from '../sweep/sweep-flags.js';

const LATENCY_UNTIL = 'asked of every goal; percentiles p50, p90, p99, p999, p9999 and max. May be repeated.';

/** How to search; the same for every kind. */
export const METHOD_FLAGS = {
  method: Flags.string({ description: 'How to search: mlrsearch or bisection.', default: 'mlrsearch' }),
  width: Flags.string({
    description: 'Ends when (upper bound - lower bound) / upper bound is at most this.',
    default: '0.5%',
  }),
  'duration-sum': Flags.string({
    description: 'Duration of trials of one load that decides on it (mlrsearch). Default: --duration.',
  }),
  'exceed-ratio': Flags.string({
    description: 'Share of that duration in which trials may miss the goal (mlrsearch).',
    default: '0',
  }),
  trials: Flags.boolean({ char: 'v', description: 'List every trial with its run.', default: false }),
  seed: Flags.string({ description: 'Seed of everything random.', default: '1' }),
  out: Flags.string({
    description: 'Folder that a chart of all trials and its data are written into. Default: none.',
  }),
  ...SWEEP_FLAGS,
};

export const initialDurationFlag = Flags.string({
  description: 'Duration of the first trials of mlrsearch. Default: a tenth of --duration.',
});

export function lossFlag(byDefault: string) {
  return Flags.string({
    char: 'l',
    description: 'Highest loss ratios, one goal each: 0, 1e-4, 1%.',
    helpValue: 'RATIO[,RATIO...]',
    default: byDefault,
  });
}

/** `what` is the latency, such as `SYN to SYN-ACK latency`. */
export function maxLatencyFlag(what: string) {
  return Flags.string({
    description: `Highest ${what}, ${LATENCY_UNTIL}`,
    helpValue: 'p99=1ms',
    multiple: true,
    multipleNonGreedy: true,
  });
}

/** Where trials are run; `target` by default. */
export function targetFlags(target: string) {
  return {
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
    target: Flags.string({
      description: "What to drive; see '<%= config.bin %> targets'.",
      default: target,
    }),
    model: Flags.string({ description: "Card model; see '<%= config.bin %> models'.", default: 'dsc-200' }),
    power: Flags.string({
      description: 'Power states of the cards, one search each: 78W, 68W, 52W.',
      helpValue: 'WATTS[,WATTS...]',
      default: '78W',
    }),
    acl: Flags.string({
      description:
        "Rules that new flows are checked against: table4 (the paper's); dash-hero, dash-baby, dash-1ip (of SONiC DASH's shape); none; or a file.",
      default: 'table4',
    }),
  };
}
