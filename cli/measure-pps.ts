import { FCS_BYTES, PREAMBLE_AND_GAP_BYTES } from '../core/dataplane/contract.js';
import { udpLedger } from '../generators/udp-ledger.js';
import type { WarmupOutcome } from '../generators/udp-warmup.js';
import { sealMeasured } from '../results/measured-hash.js';
import type { ConnectionLedger, Measured, Rates, Series } from '../results/result.js';
import { flowTableOf, latencyOf } from './measure.js';
import type { PpsTrialOptions } from './pps-options.js';
import type { PpsBed } from './pps-trial.js';

export interface PpsOutcome {
  warmup: WarmupOutcome | undefined;
  series: Series;
  /** Of the counted phase. */
  ranNs: number;
}

const NO_CONNECTIONS: ConnectionLedger = {
  ...{ attempted: 0, established: 0, completed: 0, open: 0 },
  broken: { reset: 0, timeout: 0, total: 0 },
  retransmitted: { syn: 0, fin: 0 },
};

/** Reads everything that a trial of packets per second has counted. */
export function measurePps(
  bed: PpsBed,
  options: PpsTrialOptions,
  { warmup, series, ranNs }: PpsOutcome,
): Measured {
  const { testbed, generator, target } = bed;
  const counted = generator.read('counted');
  const latency = (addresses: number[]) => latencyOf(testbed, addresses);
  return sealMeasured({
    durationNs: ranNs,
    offered: ratesOf(counted.sent + counted.unsent, counted.sentBytes, ranNs),
    achieved: ratesOf(counted.delivered, counted.deliveredBytes, ranNs),
    connections: NO_CONNECTIONS,
    packets: { ...udpLedger(testbed, counted, warmup?.drops), unexpected: counted.unexpected },
    latencyNs: {
      synToSynAck: latency([]),
      pingPong: latency(target.cards.map(({ pingPong }) => pingPong)),
      cardTransit: latency(target.cards.map(({ transit }) => transit)),
      portToPort: latency([generator.latency.counted]),
    },
    generator: {
      scheduleLagNs: latency([generator.scheduleLag.counted]),
      unsent: 0,
      unsentPackets: counted.unsent,
    },
    flowTable: flowTableOf(bed),
    ...(warmup === undefined ? {} : { warmup: warmupOf(warmup, options) }),
    series,
  });
}

/** `bps` counts the bits on the wire. */
function ratesOf(packets: number, frameBytes: number, ranNs: number): Rates {
  if (ranNs === 0) return { cps: 0, pps: 0, bps: 0 };
  const wireBytes = frameBytes + packets * (FCS_BYTES + PREAMBLE_AND_GAP_BYTES);
  return { cps: 0, pps: (packets * 1e9) / ranNs, bps: (wireBytes * 8e9) / ranNs };
}

function warmupOf({ endNs, ledger }: WarmupOutcome, { traffic, warmupPps = 0 }: PpsTrialOptions) {
  return {
    flows: traffic.flowCount,
    learned: ledger.delivered,
    ratePps: warmupPps,
    durationNs: endNs,
    dropped: { total: ledger.dropped.total, byReason: ledger.dropped.byReason },
  };
}
