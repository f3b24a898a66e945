import { Random } from '../../core/random.js';
import type { Result } from '../../results/result.js';
import { ControlPlane } from '../../targets/fabric/control-plane.js';
import type { Scenario } from '../../targets/scenario.js';
import { PACKETS_PER_CONNECTION } from '../offered-rate.js';
import { type Accompaniment, runCpsTrial } from '../trial.js';
import type { TrialBed } from '../trial-bed.js';
import type { CpsTrialOptions, TrialHooks } from '../trial-options.js';
import { copyNotes } from './copy-notes.js';
import { endpointNotes } from './endpoint-notes.js';
import { FaultObserver } from './fault-observer.js';

export interface FaultsTrialOptions extends CpsTrialOptions {
  scenario: Scenario;
  /** When the scenario's first event happens. */
  firstFaultNs: number;
}

/** Runs a trial of connections per second in which a scenario is played, under the virtual clock, and measures what each event did. */
export function runFaultsTrial(options: FaultsTrialOptions, hooks: TrialHooks): Promise<{ result: Result }> {
  return runCpsTrial(options, hooks, (bed) => playScenario(bed, options));
}

/** Puts control planes beside a trial's cards and switches, and the scenario's events on their schedule. */
function playScenario(
  bed: TrialBed,
  { scenario, firstFaultNs, model, seed, rateCps }: FaultsTrialOptions,
): Accompaniment {
  const { fabric, ports } = bed.target;
  if (fabric === undefined) throw new Error('a target without a network has no faults');
  const control = new ControlPlane({
    fabric,
    timing: model.control,
    random: new Random(seed).fork('control'),
    setEntry: (fnic, tor, entry) => {
      const port = ports[entry];
      if (port) bed.generator.setOutput(fnic, tor, port);
    },
  });
  const observer = new FaultObserver(bed, control.schedule, rateCps * PACKETS_PER_CONNECTION);
  for (const event of scenario.events) {
    const atNs = firstFaultNs + event.atNs;
    observer.watch(event, atNs);
    control.schedule.at(atNs, () => control.act(event.action));
  }
  return {
    schedule: control.schedule,
    outcomes: (ranNs) => ({
      faults: observer.outcomes(ranNs),
      endpoints: endpointNotes(bed),
      copies: copyNotes(control.copies, fabric, ranNs),
    }),
  };
}
