import { formatRate } from '../core/units.js';
import type { Result } from './result.js';

/** What ran: kind and rate, target, power, clock, seed. The same words on the chart and in the summary. */
export function runTitle({ kind, input, measured }: Result, separator: string): string {
  return [
    `${kind} ${formatRate(input.rateCps ?? measured.offered.cps, 'cps')}`,
    input.target,
    ...(input.powerWatts === undefined ? [] : [`${input.powerWatts} W`]),
    `${input.clock} clock`,
    `seed ${input.seed}`,
  ].join(separator);
}

/** Whether the figures may be used, and if not, why. */
export function runVerdict({ verdict, invalidReasons, interrupted }: Result): string {
  const verdictText = verdict === 'valid' ? 'valid' : `INVALID: ${invalidReasons.join('; ')}`;
  return interrupted ? `${verdictText} (interrupted)` : verdictText;
}
