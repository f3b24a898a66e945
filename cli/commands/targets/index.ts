import { TARGETS, type TargetKind } from '../../../targets/target-url.js';
import { BaseCommand } from '../../base-command.js';
import { renderColumns } from '../../columns.js';

export default class Targets extends BaseCommand {
  static override summary = 'List what can be driven.';
  static override examples = [
    { description: 'What there is', command: '<%= config.bin %> targets' },
    { description: 'One of them in full', command: '<%= config.bin %> targets show card://pair' },
  ];

  async run(): Promise<TargetKind[]> {
    await this.parse(Targets);
    this.print(
      renderColumns(
        TARGETS.map(({ url, summary }) => [url, summary]),
        this.terminal,
      ),
    );
    return [...TARGETS];
  }
}
