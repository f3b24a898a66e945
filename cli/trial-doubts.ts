import { formatDurationNs } from '../core/units.js';
import { whole } from '../results/figure-text.js';
import { LATENCY_NS_MAX } from '../results/histogram.js';
import { checkLedger } from '../results/ledger.js';
import type { Measured } from '../results/result.js';
import type { CpsTrialOptions } from './trial-options.js';

/** Why a trial of connections is not to be trusted, as far as it can tell itself; none when it is. */
export function doubtsOf(measured: Measured, options: CpsTrialOptions): string[] {
  return [...reasonsToDoubt(measured), ...tableDoubts(measured, options)];
}

/** Later than this at the 99th percentile, and the generator did not offer the load that it claims. */
const SCHEDULE_LAG_NS_MAX = 1_000_000;

function reasonsToDoubt({ generator, ...books }: Measured): string[] {
  const reasons = checkLedger(books);
  if (generator.unsent > 0)
    reasons.push(`the generator could not start ${whole(generator.unsent)} connections`);
  if (generator.unsentPackets > 0)
    reasons.push(`the generator had no room for ${whole(generator.unsentPackets)} packets`);
  reasons.push(...backgroundDoubts(books));
  const clamped = Object.entries(books.latencyNs).filter(([, { max }]) => max > LATENCY_NS_MAX);
  for (const [name, { max }] of clamped) {
    reasons.push(
      `latencyNs.${name} has values up to ${formatDurationNs(max)}, above the ${formatDurationNs(LATENCY_NS_MAX)} that its histogram tells apart`,
    );
  }
  if (generator.scheduleLagNs.p99 > SCHEDULE_LAG_NS_MAX) {
    reasons.push(
      `the generator was late: 1% of its SYNs by ${formatDurationNs(generator.scheduleLagNs.p99)} or more, at most ${formatDurationNs(SCHEDULE_LAG_NS_MAX)} is allowed`,
    );
  }
  return reasons;
}

/** A table that was laid out for the load, with less than the card has, must hold the load: what it refuses, the card would not. */
function tableDoubts({ flowTable, packets }: Measured, { model, target }: CpsTrialOptions): string[] {
  const refused = packets.dropped.byReason.flowTableFull ?? 0;
  const held = model.memory.flowRecords * target.cardCount;
  if (refused === 0 || flowTable.capacity >= held) return [];
  return [
    `flow tables were laid out for ${whole(flowTable.capacity)} records, the cards hold ${whole(held)}, and refused ${whole(refused)}`,
  ];
}

/** A target that never knew its background flows was measured without them. */
function backgroundDoubts({ background }: Pick<Measured, 'background'>): string[] {
  if (background === undefined) return [];
  const { tcpFlows, udpFlows, learned, unsent } = background;
  const missing = tcpFlows + udpFlows - learned;
  return [
    ...(missing > 0 ? [`${whole(missing)} background flows were not learned before the measurement`] : []),
    ...(unsent > 0 ? [`the generator had no free packet for ${whole(unsent)} background packets`] : []),
  ];
}
