import { Flags } from '@oclif/core';

/** Flags of every command that runs many trials. */
export const SWEEP_FLAGS = {
  jobs: Flags.string({ char: 'j', description: 'Trials at once. Default: one per core.' }),
  fresh: Flags.boolean({
    description: 'Run every trial, also one that is stored already with the same inputs and program.',
    default: false,
  }),
  'results-dir': Flags.string({ description: 'Where trials are stored.', default: 'results/runs' }),
};
