import { loadDataPlane } from '../core/dataplane-module.js';
import { frameBytesOf } from '../generators/tcp-generator.js';
import type { Measured, Result } from '../results/result.js';
import { startCapture, writeCapture } from './capture.js';
import { conductTrial } from './conduct-trial.js';
import { measure } from './measure.js';
import { SeriesRecorder } from './series.js';
import { buildTrialBed, meterOf, type TrialBed } from './trial-bed.js';
import { doubtsOf } from './trial-doubts.js';
import type { CpsTrialOptions, TrialHooks } from './trial-options.js';
import { runVirtual, type Stops, sliceOf } from './virtual-run.js';
import { runWall } from './wall-run.js';

/** What goes on beside the load under the virtual clock: faults, say. */
export interface Accompaniment {
  schedule: Stops;
  /** Sections of the result of its own. */
  outcomes(ranNs: number): Pick<Measured, 'faults' | 'endpoints' | 'copies'>;
}

/** Connections between two looks at signals and progress under the virtual clock. */
const CONNECTIONS_PER_SLICE = 20_000;

/**
 * Runs one trial of connections per second and measures it.
 * @throws SiriusError for a policy file or a capture file that cannot be used.
 */
export function runCpsTrial(
  options: CpsTrialOptions,
  hooks: TrialHooks,
  accompany?: (bed: TrialBed) => Accompaniment,
): Promise<{ result: Result }> {
  const { kind = 'cps', clock, durationNs, rateCps, pcap } = options;
  return conductTrial(kind, options, async (simulate) => {
    const dataPlane = loadDataPlane({ compiles: clock === 'wall' ? 'before' : 'meanwhile' });
    const bed = await buildTrialBed(dataPlane, options, hooks);
    const capture = pcap && startCapture(bed, pcap, frameBytesOf(options.profile));
    const meter = meterOf(bed);
    const series = new SeriesRecorder(meter, { durationNs });
    const beside = accompany?.(bed);
    const sliceNs = sliceOf(CONNECTIONS_PER_SLICE, rateCps);
    const stops = beside === undefined ? [series] : [beside.schedule, series];
    try {
      const ranNs = await simulate(() =>
        clock === 'virtual'
          ? runVirtual(meter, { durationNs, sliceNs, stops }, hooks)
          : runWall(bed, { durationNs, series }, hooks),
      );
      const measured = measure(bed, options, {
        series: series.finish(ranNs),
        ranNs,
        extra: beside?.outcomes(ranNs) ?? {},
      });
      if (capture) writeCapture(bed, capture);
      return {
        ...{ measured, invalidReasons: doubtsOf(measured, options) },
        ...{ interrupted: ranNs < durationNs, sentPackets: measured.packets.sent },
      };
    } finally {
      capture?.release();
    }
  });
}
