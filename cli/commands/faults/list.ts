import { BaseCommand } from '../../base-command.js';

interface ListedScenario {
  name: string;
  description: string;
}

export default class FaultsList extends BaseCommand {
  static override summary = 'List the built-in fault scenarios.';

  static override examples = ['<%= config.bin %> faults list'];

  async run(): Promise<ListedScenario[]> {
    await this.parse(FaultsList);
    const { listScenarios, loadScenario } = await import('../../../targets/scenario.js');
    const { ALL_PLACES } = await import('../../faults/faults-options.js');
    const { renderColumns } = await import('../../columns.js');
    const scenarios = listScenarios().map((name) => loadScenario(name, ALL_PLACES));
    const rows = scenarios.map(({ name, description }) => [name, description]);
    this.print(renderColumns([['SCENARIO', 'WHAT HAPPENS'], ...rows], this.terminal));
    return scenarios.map(({ name, description }) => ({ name, description }));
  }
}
