import { BaseCommand } from '../../base-command.js';

export interface ListedProfile {
  name: string;
  description: string;
}

export default class Profiles extends BaseCommand {
  static override summary = 'List the built-in traffic profiles.';
  static override description =
    'A profile says what the generator offers. A file of your own may extend a built-in one; docs: generators/README.md.';
  static override examples = [
    { description: 'What there is', command: '<%= config.bin %> profiles' },
    { description: 'One of them in full', command: '<%= config.bin %> profiles show cps' },
  ];

  async run(): Promise<ListedProfile[]> {
    await this.parse(Profiles);
    const { listProfiles, loadProfile } = await import('../../../generators/profile.js');
    const profiles = listProfiles().map((name) => ({ name, description: loadProfile(name).description }));
    const { renderColumns } = await import('../../columns.js');
    this.print(
      renderColumns(
        profiles.map(({ name, description }) => [name, description]),
        this.terminal,
      ),
    );
    return profiles;
  }
}
