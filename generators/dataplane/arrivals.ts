import { Random } from '../../core/dataplane/random';
import { Arrivals } from './generator-layout';

/** Picoseconds in a second, times the thousand that a rate in thousandths per second brings. */
const PICOSECONDS_TIMES_THOUSAND: u64 = 1_000_000_000_000_000;

/**
 * When connections are to start: a pure function of rate and seed, deaf to everything that the target does (open loop).
 * Constant arrivals carry their remainder, so that the nth is within 1 ps of n / rate.
 */
@unmanaged
export class ArrivalProcess {
  nextPs: i64;
  kind: u32;
  ratePerThousandSeconds: u64;
  wholePs: u64;
  remainder: u64;
  remainderSum: u64;
  randomState: u64;
  meanPs: f64;
}

export function arrivalsInit(process: ArrivalProcess, kind: u32, ratePerThousandSeconds: u64, seed: u64): void {
  assert(ratePerThousandSeconds > 0);
  process.kind = kind;
  process.ratePerThousandSeconds = ratePerThousandSeconds;
  process.wholePs = PICOSECONDS_TIMES_THOUSAND / ratePerThousandSeconds;
  process.remainder = PICOSECONDS_TIMES_THOUSAND % ratePerThousandSeconds;
  process.remainderSum = 0;
  process.randomState = seed;
  process.meanPs = <f64>PICOSECONDS_TIMES_THOUSAND / <f64>ratePerThousandSeconds;
  process.nextPs = 0;
  if (kind == Arrivals.poisson) arrivalsAdvance(process);
}

/** Moves `nextPs` on to the next arrival. */
// @ts-ignore: decorator
@inline
export function arrivalsAdvance(process: ArrivalProcess): void {
  if (process.kind == Arrivals.poisson) {
    process.nextPs += <i64>Random.exponential(changetype<usize>(process) + offsetof<ArrivalProcess>('randomState'), process.meanPs);
    return;
  }
  process.remainderSum += process.remainder;
  let stepPs = process.wholePs;
  if (process.remainderSum >= process.ratePerThousandSeconds) {
    process.remainderSum -= process.ratePerThousandSeconds;
    stepPs++;
  }
  process.nextPs += <i64>stepPs;
}
