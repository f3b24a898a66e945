import { Flags } from '@oclif/core';
import type { ModelNumber, PowerState } from '../../../sirius-card/model.js';
import { BaseCommand } from '../../base-command.js';

interface PowerStates {
  model: string;
  states: PowerState[];
  /** Every number of the states with its origin. */
  provenance: ModelNumber[];
}

export default class PowerShow extends BaseCommand {
  static override summary = 'Show the power states of a card model with where each number comes from.';

  static override examples = [
    { description: 'The states of the paper', command: '<%= config.bin %> power show' },
    { description: "A model of one's own", command: '<%= config.bin %> power show --model ./my-card.yaml' },
  ];

  static override flags = {
    model: Flags.string({ description: "Card model; see '<%= config.bin %> models'.", default: 'dsc-200' }),
  };

  async run(): Promise<PowerStates> {
    const { flags } = await this.parse(PowerShow);
    const { loadModel } = await import('../../../sirius-card/model.js');
    const { renderColumns } = await import('../../columns.js');
    const { name, powerStates, provenance: numbers } = loadModel(flags.model);
    const provenance = numbers.filter(({ path }) => path.startsWith('powerStates.'));
    const rows = provenance.map(({ path, value, provenance: origin, source }) => {
      const [, index, key = ''] = path.split('.');
      const watts = powerStates[Number(index)]?.watts;
      return [key === 'watts' ? `${watts} W` : '', key, String(value), origin, source];
    });
    const table = renderColumns([['STATE', 'NUMBER', 'VALUE', 'ORIGIN', 'SOURCE'], ...rows], this.terminal);
    this.print(`power states of ${name}\n\n${table}`);
    return { model: name, states: powerStates, provenance };
  }
}
