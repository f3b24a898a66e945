import { epochMilliseconds, monotonicNs, utcStamp } from '../core/clock.js';
import { type Measured, RESULT_SCHEMA, type Result, type ResultInput } from '../results/result.js';
import { newRunId } from '../results/run-id.js';
import { describeHost } from './host.js';
import { type HashedOptions, inputHashOf } from './input-hash.js';

/** What a trial of any kind comes to. */
export interface TrialOutcome {
  measured: Measured;
  /** The user ended it early. */
  interrupted: boolean;
  /** Why it is not to be trusted; none when it is. */
  invalidReasons: string[];
  /** All that were simulated, those before the measurement too. */
  sentPackets: number;
}

/** Runs what simulates, and takes the time of it: what a machine simulates per second leaves out what setting up takes. */
export type Simulate = <T>(run: () => Promise<T>) => Promise<T>;

/** Performs a trial and makes its result: what was asked, what was measured, whether that is valid, and what it cost. */
export async function conductTrial(
  kind: string,
  options: HashedOptions,
  perform: (simulate: Simulate) => Promise<TrialOutcome>,
): Promise<{ result: Result }> {
  const startedMs = epochMilliseconds();
  const startedNs = monotonicNs();
  let simulatingNs = 0;
  const { measured, interrupted, invalidReasons, sentPackets } = await perform(async (run) => {
    const runNs = monotonicNs();
    const ran = await run();
    simulatingNs += Number(monotonicNs() - runNs);
    return ran;
  });
  const inputHash = inputHashOf(kind, options);
  return {
    result: {
      schema: RESULT_SCHEMA,
      id: newRunId({ stamp: utcStamp(startedMs), kind, inputHash, measuredHash: measured.hash }),
      kind,
      verdict: invalidReasons.length === 0 ? 'valid' : 'invalid',
      invalidReasons,
      interrupted,
      inputHash,
      input: options.input as ResultInput,
      measured,
      host: describeHost({ wallTimeNs: Number(monotonicNs() - startedNs), simulatingNs, sentPackets }),
    },
  };
}
