import { BaseCommand } from '../../base-command.js';

export interface ListedModel {
  name: string;
  description: string;
  powerWatts: number[];
}

export default class Models extends BaseCommand {
  static override summary = 'List the card models.';
  static override examples = [
    { description: 'What there is', command: '<%= config.bin %> models' },
    { description: 'Every number and where it comes from', command: '<%= config.bin %> models show dsc-200' },
  ];

  async run(): Promise<ListedModel[]> {
    await this.parse(Models);
    const { listModels, loadModel } = await import('../../../sirius-card/model.js');
    const { renderColumns } = await import('../../columns.js');
    const models = listModels().map((name) => {
      const { description, powerStates } = loadModel(name);
      return { name, description, powerWatts: powerStates.map(({ watts }) => watts) };
    });
    this.print(
      renderColumns(
        models.map(({ name, description, powerWatts }) => [
          name,
          powerWatts.map((watts) => `${watts}W`).join(' '),
          description,
        ]),
        this.terminal,
      ),
    );
    return models;
  }
}
