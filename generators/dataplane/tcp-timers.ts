import { histogramRecord } from '../../core/dataplane/histogram';
import { Connection, STALLED, clientTimer, connectionGive, serverTimer } from './connection';
import { brokenLogNote } from './broken-log';
import { SENT_AGAIN } from './frame-template';
import { CONNECTION_BYTES, ClientState, GeneratorCounter, RETRANSMISSION_COUNT_MAX } from './generator-layout';
import { lateCancel, lateFirst, lateInsert } from './late-timers';
import { mix64 } from '../../core/dataplane/random';
import { sendClient, sendServer } from './tcp-send';
import { TCP_ACK, TCP_FIN, TCP_SYN } from '../../core/dataplane/tcp';
import { TcpGenerator, count } from './tcp-generator';
import { TimerList, TimerNode, timerArm, timerCancel } from './timers';

/** Bit of a connection's note of its timer's list, from 1: the deadline has passed, and the timer is among the late ones. */
const TIMER_LATE: u32 = 0x80;

/** Timer lists by purpose: one list per back-off step. */
export const LISTS_PER_PURPOSE: u32 = RETRANSMISSION_COUNT_MAX + 1;
export const LIST_SYN: u32 = 0;
export const LIST_FIN: u32 = LISTS_PER_PURPOSE;
export const LIST_SERVER_FIN: u32 = 2 * LISTS_PER_PURPOSE;
export const LIST_COUNT: u32 = 3 * LISTS_PER_PURPOSE;

// @ts-ignore: decorator
@inline
export function timerList(app: TcpGenerator, index: u32): TimerList {
  return changetype<TimerList>(app.lists + index * <u32>offsetof<TimerList>());
}

const TICKS_OF_FINEST_LEVEL: i64 = 63;
const TICKS_LEVEL_BITS: i64 = 3;

/**
 * Sets the waits of a packet that is sent again until it is answered: each is twice the one before (RFC 6298, 5.5), and the one in which the user
 * time-out (RFC 5482) comes, counted from the first sending, ends with it, as in Linux (tcp_clamp_rto_to_user_timeout). Coarse timers add what they are late;
 * a server whose client sends its FIN again begins the present wait anew.
 * @param turnaroundPs from a timer's end until the packet leaves
 * @param userTimeoutPs above zero
 * @returns how often the packet may be sent again, at most `retransmissionCountMax` times
 */
export function setBackOff(app: TcpGenerator, purpose: u32, firstDelayPs: i64, turnaroundPs: i64, userTimeoutPs: i64, retransmissionCountMax: u32, tickPs: i64): u32 {
  let leftPs = userTimeoutPs;
  for (let step: u32 = 0; step <= retransmissionCountMax; step++) {
    const delayPs = firstDelayPs << step;
    const isLast = delayPs + turnaroundPs >= leftPs;
    setTimer(timerList(app, purpose + step), isLast ? leftPs : delayPs, tickPs);
    if (isLast) return step;
    leftPs -= delayPs + turnaroundPs;
  }
  return retransmissionCountMax;
}

/**
 * Sets a list's wait. With a tick above zero its timers are as coarse as those of Linux's timer wheel (kernel/time/timer.c): a tick up to 63
 * ticks ahead, and eight times as much for each further factor of eight.
 */
export function setTimer(list: TimerList, delayPs: i64, tickPs: i64): void {
  list.delayPs = delayPs;
  list.granularityPs = tickPs;
  if (tickPs == 0) return;
  for (let ticks = delayPs / tickPs; ticks >= TICKS_OF_FINEST_LEVEL; ticks >>= TICKS_LEVEL_BITS) list.granularityPs <<= TICKS_LEVEL_BITS;
}

export function armClient(app: TcpGenerator, connection: Connection, list: u32, nowPs: i64): void {
  const duePs = timerArm(timerList(app, list), clientTimer(connection), nowPs);
  connection.clientTimerList = <u8>(list + 1);
  noteTimer(app, duePs);
}

/** `sentPs`: when what is timed leaves the server, after its turnaround. */
export function armServer(app: TcpGenerator, connection: Connection, list: u32, sentPs: i64): void {
  const duePs = timerArm(timerList(app, list), serverTimer(connection), sentPs);
  connection.serverTimerList = <u8>(list + 1);
  noteTimer(app, duePs);
}

// @ts-ignore: decorator
@inline
function noteTimer(app: TcpGenerator, duePs: i64): void {
  if (duePs >= app.timerDuePs) return;
  app.timerDuePs = duePs;
  if (duePs < app.ownPs) app.ownPs = duePs;
}

// @ts-ignore: decorator
@inline
export function cancelClient(app: TcpGenerator, connection: Connection): void {
  const list = <u32>connection.clientTimerList;
  if (list == 0) return;
  if (list & TIMER_LATE) lateCancel(app.late, clientTimer(connection));
  else timerCancel(timerList(app, list - 1), clientTimer(connection));
  connection.clientTimerList = 0;
}

// @ts-ignore: decorator
@inline
export function cancelServer(app: TcpGenerator, connection: Connection): void {
  const list = <u32>connection.serverTimerList;
  if (list == 0) return;
  if (list & TIMER_LATE) lateCancel(app.late, serverTimer(connection));
  else timerCancel(timerList(app, list - 1), serverTimer(connection));
  connection.serverTimerList = 0;
}

/** Notes how long a client waited for the answer that it has now; nothing when it did not have to ask again. Call before its timer is cancelled. */
// @ts-ignore: decorator
@inline
export function recordClientStall(app: TcpGenerator, connection: Connection, nowPs: i64): void {
  if (connection.clientRetries == 0 || connection.clientTimerList == 0) return;
  recordStall(app, <u32>connection.clientRetries, <u32>connection.clientTimerList, clientTimer(connection), connection.clientAddress, 0, nowPs);
}

/** As `recordClientStall`. */
// @ts-ignore: decorator
@inline
export function recordServerStall(app: TcpGenerator, connection: Connection, nowPs: i64): void {
  if (connection.serverRetries == 0 || connection.serverTimerList == 0) return;
  recordStall(app, <u32>connection.serverRetries, <u32>connection.serverTimerList, serverTimer(connection), connection.serverAddress, app.turnaroundPs, nowPs);
}

function recordStall(app: TcpGenerator, retries: u32, timerState: u32, timer: TimerNode, host: u32, turnaroundPs: i64, nowPs: i64): void {
  const step = (timerState & ~TIMER_LATE) - 1;
  let firstPs = timer.deadlinePs - timerList(app, step).delayPs;
  if (timerState & TIMER_LATE) firstPs -= latenessPs(timerList(app, step), host);
  // The steps before this one went by in full.
  for (let before = step - retries; before < step; before++) {
    firstPs -= turnaroundPs + timerList(app, before).delayPs + latenessPs(timerList(app, before), host);
  }
  histogramRecord(app.stall, nowPs - firstPs);
}

// @ts-ignore: decorator
@inline
function noteStall(app: TcpGenerator, connection: Connection): void {
  if (connection.seen & <u8>STALLED) return;
  connection.seen |= <u8>STALLED;
  count(app, GeneratorCounter.stalled);
}

export function closeConnection(app: TcpGenerator, connection: Connection, counter: GeneratorCounter): void {
  count(app, counter);
  if (connection.seen & <u8>STALLED && counter == GeneratorCounter.completed) count(app, GeneratorCounter.recovered);
  cancelClient(app, connection);
  cancelServer(app, connection);
  connectionGive(app.connections, connection);
}

/** As `closeConnection`, with a note of the connection. */
export function breakConnection(app: TcpGenerator, connection: Connection, counter: GeneratorCounter, nowPs: i64): void {
  brokenLogNote(app.broken, connection, counter == GeneratorCounter.brokenReset, nowPs);
  closeConnection(app, connection, counter);
}

/** Handles every timer that is due, list by list, and finds when the next one is. */
export function expireTimers(app: TcpGenerator, nowPs: i64): void {
  let duePs = i64.MAX_VALUE;
  for (let index: u32 = 0; index < LIST_COUNT; index++) {
    const list = timerList(app, index);
    while (list.head != 0 && changetype<TimerNode>(list.head).deadlinePs <= nowPs) {
      const node = changetype<TimerNode>(list.head);
      if (list.granularityPs > 0) goLate(app, list, node);
      else if (isServers(node)) expireServer(app, serverOf(node), nowPs);
      else expireClient(app, clientOf(node), nowPs);
    }
    if (list.head != 0 && changetype<TimerNode>(list.head).deadlinePs < duePs) duePs = changetype<TimerNode>(list.head).deadlinePs;
  }
  for (let node = lateFirst(app.late, nowPs); node != null; node = lateFirst(app.late, nowPs)) {
    if (isServers(node)) expireServer(app, serverOf(node), nowPs);
    else expireClient(app, clientOf(node), nowPs);
  }
  // An expiry may have armed a list that was looked at before: lists below hold later deadlines only, but look again.
  for (let index: u32 = 0; index < LIST_COUNT; index++) {
    const head = timerList(app, index).head;
    if (head != 0 && changetype<TimerNode>(head).deadlinePs < duePs) duePs = changetype<TimerNode>(head).deadlinePs;
  }
  app.timerDuePs = app.late.duePs < duePs ? app.late.duePs : duePs;
}

// Records lie at multiples of their 64 bytes, so a node's place within its record says whose it is.

// @ts-ignore: decorator
@inline
function isServers(node: TimerNode): bool {
  return (changetype<usize>(node) & (CONNECTION_BYTES - 1)) == offsetof<Connection>('serverTimerDeadlinePs');
}

// @ts-ignore: decorator
@inline
function serverOf(node: TimerNode): Connection {
  return changetype<Connection>(changetype<usize>(node) - offsetof<Connection>('serverTimerDeadlinePs'));
}

// @ts-ignore: decorator
@inline
function clientOf(node: TimerNode): Connection {
  return changetype<Connection>(changetype<usize>(node) - offsetof<Connection>('clientTimerDeadlinePs'));
}

/** A deadline has passed; the timer goes off at the next time that its host looks. */
function goLate(app: TcpGenerator, list: TimerList, node: TimerNode): void {
  timerCancel(list, node);
  if (isServers(node)) {
    const connection = serverOf(node);
    connection.serverTimerList |= <u8>TIMER_LATE;
    node.deadlinePs += latenessPs(list, connection.serverAddress);
  } else {
    const connection = clientOf(node);
    connection.clientTimerList |= <u8>TIMER_LATE;
    node.deadlinePs += latenessPs(list, connection.clientAddress);
  }
  lateInsert(app.late, node);
}

/**
 * How late a host's timers of a list go off: the same share of the granularity for all of them, from 0 to 1 and spread evenly over hosts, as hosts'
 * clocks have nothing to do with each other.
 */
function latenessPs(list: TimerList, host: u32): i64 {
  if (list.granularityPs == 0) return 0;
  return <i64>(((mix64(host) >> 48) * <u64>list.granularityPs) >> 16);
}

function expireClient(app: TcpGenerator, connection: Connection, nowPs: i64): void {
  cancelClient(app, connection);
  const purpose: u32 = connection.clientState == <u8>ClientState.synSent ? LIST_SYN : LIST_FIN;
  if (<u32>connection.clientRetries >= (purpose == LIST_SYN ? app.synRetryCountMax : app.finRetryCountMax)) {
    breakConnection(app, connection, GeneratorCounter.brokenTimeout, nowPs);
    return;
  }
  connection.clientRetries++;
  noteStall(app, connection);
  armClient(app, connection, purpose + <u32>connection.clientRetries, nowPs);
  if (purpose == LIST_SYN) {
    count(app, GeneratorCounter.retransmittedSyn);
    sendClient(app, connection, TCP_SYN | SENT_AGAIN, 0, nowPs);
  } else {
    count(app, GeneratorCounter.retransmittedFin);
    sendClient(app, connection, TCP_FIN | TCP_ACK | SENT_AGAIN, 1, nowPs);
  }
}

function expireServer(app: TcpGenerator, connection: Connection, nowPs: i64): void {
  cancelServer(app, connection);
  if (<u32>connection.serverRetries >= app.serverFinRetryCountMax) {
    breakConnection(app, connection, GeneratorCounter.brokenTimeout, nowPs);
    return;
  }
  connection.serverRetries++;
  noteStall(app, connection);
  armServer(app, connection, LIST_SERVER_FIN + <u32>connection.serverRetries, nowPs + app.turnaroundPs);
  count(app, GeneratorCounter.retransmittedFin);
  sendServer(app, connection, TCP_FIN | TCP_ACK | SENT_AGAIN, 1, nowPs);
}
