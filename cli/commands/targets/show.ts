import assert from 'node:assert/strict';
import { Args } from '@oclif/core';
import { parseTarget, TARGETS, type TargetKind } from '../../../targets/target-url.js';
import { BaseCommand } from '../../base-command.js';
import { wrap } from '../../columns.js';

export default class TargetsShow extends BaseCommand {
  static override summary = 'Show what a target is.';
  static override examples = [
    { description: 'The default', command: '<%= config.bin %> targets show card://pair' },
  ];

  static override args = {
    url: Args.string({ description: 'The URL of a target.', required: true, ignoreStdin: true }),
  };

  async run(): Promise<TargetKind> {
    const { args } = await this.parse(TargetsShow);
    const { url } = parseTarget(args.url, { where: 'URL' });
    const [bare] = url.split('?');
    const target = TARGETS.find((candidate) => candidate.url === bare);
    assert(target, 'parseTarget gives a listed target');
    const lines = wrap(target.description, this.terminal.columns);
    this.print([target.url, target.summary, '', ...lines].join('\n'));
    return target;
  }
}
