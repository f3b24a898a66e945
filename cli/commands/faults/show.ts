import { Args } from '@oclif/core';
import type { Scenario } from '../../../targets/scenario.js';
import { BaseCommand } from '../../base-command.js';

export default class FaultsShow extends BaseCommand {
  static override summary = "Show the file of a fault scenario, to begin one's own from.";

  static override examples = [
    '<%= config.bin %> faults show link-flap',
    { description: 'A scenario of your own', command: '<%= config.bin %> faults show link-flap > mine.yaml' },
  ];

  static override args = {
    scenario: Args.string({
      description: 'A built-in scenario or a file.',
      required: true,
      ignoreStdin: true,
    }),
  };

  async run(): Promise<Scenario> {
    const { args } = await this.parse(FaultsShow);
    const { readScenario } = await import('../../../targets/scenario.js');
    const { GENERATOR_PORT_COUNT } = await import('../../../targets/underlay.js');
    const { scenario, text } = readScenario(args.scenario, { torCount: GENERATOR_PORT_COUNT });
    this.print(text);
    return scenario;
  }
}
