import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.js';
import type { Diagnosis } from '../doctor.js';

export default class Doctor extends BaseCommand {
  static override summary = 'Check what this machine has, and what each thing is needed for.';
  static override examples = [{ description: 'Before a bug report', command: '<%= config.bin %> doctor' }];

  static override flags = {
    'results-dir': Flags.string({ description: 'Where runs would be stored.', default: 'results/runs' }),
  };

  async run(): Promise<Diagnosis> {
    const { flags } = await this.parse(Doctor);
    const { diagnose, renderDiagnosis } = await import('../doctor.js');
    const diagnosis = diagnose({ resultsFolder: flags['results-dir'] });
    this.print(renderDiagnosis(diagnosis, this.terminal));
    process.exitCode = diagnosis.ready ? 0 : 1;
    return diagnosis;
  }
}
