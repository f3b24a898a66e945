import type { Result, Series } from './result.js';

/** Fewer intervals say nothing of a trend. */
const INTERVAL_COUNT_MIN = 8;
/** What is open at once scatters like a Poisson count: three standard deviations between two of them are no growth. */
const SCATTER = 3;

/**
 * The share of packets that would be lost if the second half of a run went on for ever: those dropped, and one for each connection by which the
 * target's queues grew until the end. Long queues hold what a target cannot do for the first second or more of an overload, so that the loss of
 * a short run (`packets.lossRatio`) says nothing of a long one, however far beyond its capacity the target is. 0 where both are 0; a run of
 * few intervals, or one in which connections wait by themselves for half of it, has its dropped packets only. Derived. In a run that goes on after the first
 * retransmission time-out, connections that come again and complete hide as much growth; queues that are full by then do not grow.
 */
export function sustainedLossRatio(result: Pick<Result, 'input' | 'measured'>): number {
  const { sent, dropped, grown } = secondHalf(result);
  return Math.min(1, (dropped + grown) / sent);
}

/**
 * Connections by which queues grew until the end, as a share of the packets sent in the second half of a run: what an overloaded target will lose. 0 where queues
 * grew by no more than those that will settle: a pair that is offered just what it can do has queues that grow by some 1.5 times
 * the square root of the connections that are offered meanwhile (virtual, runs of 10 to 300 ms), and queues on more cards add up as their square root.
 */
export function overflowRatio(result: Pick<Result, 'input' | 'measured'>): number {
  const { offered, sent, grown } = secondHalf(result);
  return grown > SETTLING * Math.sqrt(offered) ? grown / sent : 0;
}

const SETTLING = 6;

/** Connections offered, packets sent and dropped, and connections by which queues grew, in the second half of a run. */
function secondHalf({ input, measured: { series } }: Pick<Result, 'input' | 'measured'>) {
  const { sentPackets, lostPackets, offeredConnections, intervalNs } = series;
  const middle = Math.floor(sentPackets.length / 2);
  const half = {
    offered: sum(offeredConnections.slice(middle)),
    sent: Math.max(1, sum(sentPackets.slice(middle))),
    dropped: sum(lostPackets.slice(middle)),
  };
  if (sentPackets.length < INTERVAL_COUNT_MIN || ownWaitsNs(input) > middle * intervalNs)
    return { ...half, grown: 0 };

  const waiting = waitingConnections(series);
  const grown = isGrowing(waiting.slice(middle)) ? (waiting.at(-1) ?? 0) - (waiting[middle - 1] ?? 0) : 0;
  return { ...half, grown: Math.max(0, grown) };
}

/**
 * Whether no value of the second half is below any of the first, by more than chance: a queue that has settled near the knee scatters by as much as
 * its mean, and up and down.
 */
function isGrowing(waiting: readonly number[]): boolean {
  const half = Math.floor(waiting.length / 2);
  const before = Math.max(...waiting.slice(0, half));
  const after = Math.min(...waiting.slice(waiting.length - half));
  const first = Math.max(0, waiting[0] ?? 0);
  const last = Math.max(0, waiting.at(-1) ?? 0);
  return after >= before && last - first > SCATTER * Math.sqrt(first + last);
}

/** Connections under way at the end of each interval, but for those that wait for a timer because a packet was lost. */
export function waitingConnections({
  offeredConnections,
  completedConnections,
  lostPackets,
}: Pick<Series, 'offeredConnections' | 'completedConnections' | 'lostPackets'>): number[] {
  let waiting = 0;
  return offeredConnections.map((offered, interval) => {
    waiting += offered - (completedConnections[interval] ?? 0) - (lostPackets[interval] ?? 0);
    return waiting;
  });
}

/** What the profile makes every connection wait, however fast the target is. */
export function ownWaitsNs(input: Result['input']): number {
  const { tcp } = (input.traffic ?? {}) as { tcp?: Record<string, number> };
  const { holdNs = 0, serverTurnaroundNs = 0, clientTurnaroundNs = 0 } = tcp ?? {};
  // The hold begins with the SYN-ACK, as the turnaround before its ACK does.
  return 2 * serverTurnaroundNs + clientTurnaroundNs + Math.max(holdNs, clientTurnaroundNs);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
