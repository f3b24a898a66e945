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
    const { GENERATOR_PORT_COUNT } = await import('../../../targets/underlay.js');
    const { renderColumns } = await import('../../columns.js');
    const scenarios = listScenarios().map((name) => loadScenario(name, { torCount: GENERATOR_PORT_COUNT }));
    const rows = scenarios.map(({ name, description }) => [name, description]);
    this.print(renderColumns([['SCENARIO', 'WHAT HAPPENS'], ...rows], this.terminal));
    return scenarios.map(({ name, description }) => ({ name, description }));
  }
}
