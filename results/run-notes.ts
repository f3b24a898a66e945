import { formatDurationNs, formatRatio } from '../core/units.js';
import { isOverloadReason } from './drop-reasons.js';
import { percent } from './figure-text.js';
import type { Measured, Result } from './result.js';
import { overflowRatio, ownWaitsNs, waitingConnections } from './sustained-loss.js';

export interface RunNote {
  kind: 'overload' | 'denied' | 'open' | 'waiting' | 'survivors' | 'rising' | 'short';
  text: string;
}

/**
 * What a reader must know before the figures of a run: that the target was overloaded, that connections were still waiting to
 * send again, that latency had not settled, or that the run was too short. Derived from the result alone, so a stored run tells the same.
 */
export function runNotes(result: Pick<Result, 'input' | 'measured'>): RunNote[] {
  const { measured } = result;
  const timing = tcpTiming(result);
  const overload = overloadNote(measured) ?? fillingNote(result);
  const denied = deniedNote(measured);
  const open = overload === undefined ? openNote(measured, timing) : undefined;
  const waiting = waitingNote(measured, timing);
  const survivors = survivorsNote(measured);
  // An overloaded target has no latency to settle: its queues are full.
  const rising = overload === undefined && isRising(measured, timing) ? RISING : undefined;
  const notes = [overload, denied, open, waiting, survivors, rising, shortNote(measured)];
  return notes.filter((note) => note !== undefined);
}

/** Fewer losses than this are bursts that a queue had no room for, not a target that cannot keep up. */
const OVERLOAD_LOSS_RATIO = 1e-3;

/** One line of at most 80 characters; counts and words are in the tables. */
function overloadNote({ packets, connections }: Measured): RunNote | undefined {
  const reasons = Object.entries(packets.dropped.byReason)
    .filter(([reason]) => isOverloadReason(reason))
    .sort(([, one], [, other]) => other - one);
  const lost = reasons.reduce((sum, [, count]) => sum + count, 0);
  const [leading] = reasons;
  if (leading === undefined || lost <= packets.sent * OVERLOAD_LOSS_RATIO) return undefined;
  const { attempted, completed } = connections;
  if (attempted === 0) {
    const dropped = `${percent(lost, packets.sent)} of the packets were dropped`;
    return { kind: 'overload', text: `target OVERLOADED: ${dropped} (${leading[0]})` };
  }
  const failed = `${percent(attempted - completed, attempted)} of the connections did not complete`;
  return { kind: 'overload', text: `target OVERLOADED: ${failed} (${leading[0]})` };
}

/** Long queues hide for a second or more that a target cannot keep up, so that little or nothing was dropped yet. What else was lost, to policies or faults, is none of it. */
function fillingNote(result: Pick<Result, 'input' | 'measured'>): RunNote | undefined {
  const lossRatio = overflowRatio(result);
  if (lossRatio <= OVERLOAD_LOSS_RATIO) return undefined;
  const lost = `${formatRatio(lossRatio)} of packets`;
  return { kind: 'overload', text: `target OVERLOADED: queues grew until the end; a long run loses ${lost}` };
}

/** Policies that let all of the load pass have nothing to say. */
function deniedNote({ packets }: Measured): RunNote | undefined {
  const denied = packets.dropped.byReason.aclDenied ?? 0;
  if (denied === 0) return undefined;
  return {
    kind: 'denied',
    text: `access control lists denied ${percent(denied, packets.sent)} of the packets sent: their connections do not complete`,
  };
}

/** More than this share, and what is open at the end is no remainder. */
const OPEN_RATIO = 0.01;

/** A run ends without a drain, so connections that last long are not completed, through no fault of the target. */
function openNote({ connections, durationNs }: Measured, { ownWaitsNs }: TcpTiming): RunNote | undefined {
  const { open, attempted } = connections;
  if (ownWaitsNs === 0 || open <= attempted * OPEN_RATIO) return undefined;
  const share = `${percent(open, attempted)} of the connections were still open at the end`;
  const waits = formatDurationNs(ownWaitsNs);
  const why =
    open > (1 + OPEN_RATIO) * attempted * Math.min(1, (2 * ownWaitsNs) / durationNs)
      ? `more than those that the profile makes last ${waits} or more`
      : `the profile makes each last ${waits} or more, the run ${formatDurationNs(durationNs)}`;
  return { kind: 'open', text: `${share}: ${why}` };
}

/** Fewer unanswered SYNs than this do not move a percentile that is printed. */
const UNANSWERED_RATIO = 1e-3;

/**
 * Latency is of what was answered: where much was not, the answered are the lucky ones. SYNs that were merely under way at the end are none of these,
 * and no more than packets were dropped can be waiting in vain.
 */
function survivorsNote(measured: Measured): RunNote | undefined {
  const { connections, packets } = measured;
  const { attempted, established, broken } = connections;
  const late = attempted - established - tooYoung(measured);
  if (Math.min(late, packets.dropped.total) <= attempted * UNANSWERED_RATIO) return undefined;
  const answered = `SYN to SYN-ACK is of the ${percent(established, attempted)} of connections that were answered`;
  const ended = broken.total === 0 ? 0 : broken.unanswered;
  // A result of an earlier version does not tell what is open from what broke.
  const others =
    ended === undefined
      ? [`${percent(late, attempted)} more should have been by the end of the run`]
      : [
          ...(late > ended
            ? [
                `${percent(late - ended, attempted)} were still waiting at the end, for longer than the quickest did`,
              ]
            : []),
          ...(ended > 0 ? [`${percent(ended, attempted)} broke without an answer`] : []),
        ];
  return { kind: 'survivors', text: [answered, ...others].join('; ') };
}

/** Connections that started less than the least latency before the end: nothing could have answered them yet. */
function tooYoung({ offered, latencyNs, connections }: Measured): number {
  const { attempted, established } = connections;
  const { count, min } = latencyNs.synToSynAck;
  return count === 0 ? 0 : Math.min(attempted - established, Math.ceil((offered.cps * min) / 1e9));
}

/** In a run shorter than connections last, those that lost a packet have neither broken nor come through when it ends. */
function waitingNote(
  { connections, packets, durationNs }: Measured,
  { giveUpNs }: TcpTiming,
): RunNote | undefined {
  const { broken, retransmitted, open } = connections;
  const answeredLosses = retransmitted.syn + retransmitted.fin + broken.total;
  if (giveUpNs === undefined || durationNs >= giveUpNs) return undefined;
  if (open === 0 || packets.dropped.total <= answeredLosses) return undefined;
  const limit = formatDurationNs(giveUpNs);
  return {
    kind: 'waiting',
    text: `retransmissions were still due at the end: the run is shorter than the ${limit} for which a packet may be sent again, so what is open may yet complete or break`,
  };
}

const RISING: RunNote = {
  kind: 'rising',
  text: 'latency was still rising: run longer, or at a lower rate',
};

/** Halves of less than this many intervals are no trend. */
const HALF_INTERVALS_MIN = 2;
const RISING_RATIO = 1.1;
/** Open connections scatter like a Poisson count: three standard deviations are no trend either. */
const SCATTER = 3;

/**
 * Latency over time from the series alone, by Little's law: at a constant rate, connections open at once grow exactly as the time
 * that each takes. Rising, when the second half of the run had over 10% more of them open than the first. A connection with a
 * lost packet waits for its timer and not in a queue, so losses are taken off; waits of the profile itself are left out at the start.
 */
function isRising({ series }: Measured, { ownWaitsNs }: TcpTiming): boolean {
  const skipped = ownWaitsNs === 0 ? 0 : Math.ceil(ownWaitsNs / series.intervalNs) + 1;
  const open = waitingConnections(series).slice(skipped);
  const middle = Math.floor(open.length / 2);
  if (middle < HALF_INTERVALS_MIN) return false;
  const early = mean(open.slice(0, middle));
  const late = mean(open.slice(middle));
  return late > early * RISING_RATIO && late - early > SCATTER * Math.sqrt(Math.max(0, late));
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of `hero`: each background flow is refreshed at a phase of its own, so a run of less than an interval has some of the refreshes only. */
function shortNote({ durationNs, background }: Measured): RunNote | undefined {
  if (background === undefined || durationNs >= background.refreshNs) return undefined;
  const [run, interval] = [durationNs, background.refreshNs].map(formatDurationNs);
  return {
    kind: 'short',
    text: `too short: not every background flow is refreshed both ways in ${run} (${interval})`,
  };
}

interface TcpTiming {
  /** How long a connection lives of which one packet is never answered (generators/connection-life.ts); unknown in a result that does not echo its profile. */
  giveUpNs: number | undefined;
  /** See `ownWaitsNs`. */
  ownWaitsNs: number;
}

function tcpTiming({ input }: Pick<Result, 'input'>): TcpTiming {
  const { tcp } = (input.traffic ?? {}) as { tcp?: Record<string, number> };
  const { connectionTimeoutNs, holdNs = 0 } = tcp ?? {};
  return {
    giveUpNs: connectionTimeoutNs === undefined ? undefined : connectionTimeoutNs + holdNs,
    ownWaitsNs: ownWaitsNs(input),
  };
}
