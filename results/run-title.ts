import { formatDurationNs, formatRate } from '../core/units.js';
import type { Result } from './result.js';

/** Of a run with faults: the scenario that was played. */
export function scenarioName({ input }: Pick<Result, 'input'>): string | undefined {
  return (input.scenario as { name?: string } | undefined)?.name;
}

/** What ran: kind, scenario and rate, target, power, clock, seed. The same words on the chart and in the summary. */
export function runTitle(result: Result, separator: string): string {
  const { kind, input, measured } = result;
  const scenario = scenarioName(result);
  return [
    ...(scenario === undefined
      ? [`${kind} ${rateText(input, measured)}`]
      : [`${kind} ${scenario}`, rateText(input, measured)]),
    input.target,
    ...(input.powerWatts === undefined ? [] : [`${input.powerWatts} W`]),
    `${input.clock} clock`,
    `seed ${input.seed}`,
  ].join(separator);
}

function rateText({ rateCps, ratePps }: Result['input'], { offered }: Result['measured']): string {
  if (ratePps !== undefined) return formatRate(ratePps, 'pps');
  return formatRate(rateCps ?? offered.cps, 'cps');
}

/** What tells runs of one title apart: duration, profile, access control lists, replication, arrivals, tunables, frame size. */
export function runSettings({ input, measured, interrupted }: Result): string {
  const { durationNs = measured.durationNs, profile, acl, replication, traffic } = input;
  const planned = formatDurationNs(durationNs);
  const frames = (traffic as { innerFrameBytes?: number } | undefined)?.innerFrameBytes;
  return [
    interrupted ? `${formatDurationNs(measured.durationNs)} of ${planned}` : planned,
    ...(profile === undefined ? [] : [`profile ${profile}`]),
    ...(acl === undefined ? [] : [`acl ${acl}`]),
    ...(replication === undefined ? [] : [`replication ${replication ? 'on' : 'off'}`]),
    ...(input.arrivals === undefined || input.arrivals === 'constant' ? [] : [`${input.arrivals} arrivals`]),
    ...((input.tunables as string[] | undefined) ?? []),
    ...(frames === undefined ? [] : [`${frames} B inner frames`]),
    ...(input.packetSize === undefined ? [] : [`packet size ${input.packetSize}`]),
    ...(input.flows === undefined ? [] : [`${Number(input.flows).toLocaleString('en-US')} flows`]),
  ].join(', ');
}

/** Whether the figures may be used, and if not, why. */
export function runVerdict({ verdict, invalidReasons, interrupted }: Result): string {
  const verdictText = verdict === 'valid' ? 'valid measurement' : `INVALID: ${invalidReasons.join('; ')}`;
  return interrupted ? `${verdictText} (interrupted)` : verdictText;
}
