import { Args } from '@oclif/core';
import type { Scenario } from '../../../targets/scenario.js';
import { BaseCommand } from '../../base-command.js';

export default class FaultsShow extends BaseCommand {
  static override summary = 'Show the events of a fault scenario.';

  static override examples = ['<%= config.bin %> faults show link-flap'];

  static override args = {
    scenario: Args.string({
      description: 'A built-in scenario or a file.',
      required: true,
      ignoreStdin: true,
    }),
  };

  async run(): Promise<Scenario> {
    const { args } = await this.parse(FaultsShow);
    const { loadScenario } = await import('../../../targets/scenario.js');
    const { ALL_PLACES, describeEvent } = await import('../../faults/faults-options.js');
    const scenario = loadScenario(args.scenario, ALL_PLACES);
    const events = scenario.events.map((event) => `  ${describeEvent(event)}`).join('\n');
    this.print(`${scenario.name}: ${scenario.description}\n\n${events}`);
    return scenario;
  }
}
