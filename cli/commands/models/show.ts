import { Args } from '@oclif/core';
import type { CardModel } from '../../../sirius-card/model.js';
import { blamingArgument } from '../../argument-error.js';
import { BaseCommand } from '../../base-command.js';

export default class ModelsShow extends BaseCommand {
  static override summary = 'Show every number of a card model with where it comes from.';
  static override description =
    'paper: stated there. derived: a sum over numbers of the paper. fitted: chosen so that a figure of the paper comes out. assumed: none of these.';
  static override examples = [
    { description: 'The card of the paper', command: '<%= config.bin %> models show dsc-200' },
  ];

  static override args = {
    name: Args.string({ description: 'A model or a file.', required: true, ignoreStdin: true }),
  };

  async run(): Promise<CardModel> {
    const { args } = await this.parse(ModelsShow);
    const { loadModel } = await import('../../../sirius-card/model.js');
    const { renderColumns } = await import('../../columns.js');
    const model = blamingArgument({ flag: '--model', argument: 'NAME' }, () => loadModel(args.name));
    const rows = model.provenance.map(({ path, value, provenance, source }) => [
      path,
      String(value),
      provenance,
      source,
    ]);
    const table = renderColumns([['NUMBER', 'VALUE', 'ORIGIN', 'SOURCE'], ...rows], this.terminal);
    this.print(`${model.name}: ${model.description}\n\n${table}`);
    return model;
  }
}
