import { Args, Flags } from '@oclif/core';
import { blamingArgument } from '../../argument-error.js';
import { BaseCommand } from '../../base-command.js';

export default class ProfilesShow extends BaseCommand {
  static override summary = 'Show every key of a profile with its value and where it was set.';
  static override examples = [
    { description: 'A built-in profile', command: '<%= config.bin %> profiles show cps-poisson' },
    {
      description: 'A file, with one key changed',
      command: '<%= config.bin %> profiles show ./mine.yaml -t tcp.hold=10ms',
    },
  ];

  static override args = {
    name: Args.string({ description: 'A built-in name or a file.', required: true, ignoreStdin: true }),
  };

  static override flags = {
    tunable: Flags.string({
      char: 't',
      description: 'Sets one key; may be repeated.',
      helpValue: 'KEY=VALUE',
      multiple: true,
      multipleNonGreedy: true,
    }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ProfilesShow);
    const { describeProfile } = await import('../../describe-profile.js');
    const { profile, text } = blamingArgument({ flag: '--profile', argument: 'NAME' }, () =>
      describeProfile(args.name, { tunables: flags.tunable ?? [], ...this.terminal }),
    );
    this.print(text);
    return profile;
  }
}
