import { histogramRecord } from '../../core/dataplane/histogram';
import { Connection, ClientState, clientTimer, connectionGive, serverTimer } from './connection';
import { GeneratorCounter, RETRANSMISSION_COUNT_MAX } from './generator-layout';
import { sendClient, sendFin, sendServer } from './tcp-send';
import { TCP_ACK, TCP_FIN, TCP_SYN } from '../../core/dataplane/tcp';
import { TcpGenerator, count } from './tcp-generator';
import { TimerList, TimerNode, timerArm, timerCancel } from './timers';

/** Timer lists by purpose: one list per back-off step, plus the hold. */
export const LISTS_PER_PURPOSE: u32 = RETRANSMISSION_COUNT_MAX + 1;
export const LIST_SYN: u32 = 0;
export const LIST_FIN: u32 = LISTS_PER_PURPOSE;
export const LIST_SERVER_FIN: u32 = 2 * LISTS_PER_PURPOSE;
export const LIST_HOLD: u32 = 3 * LISTS_PER_PURPOSE;
export const LIST_COUNT: u32 = LIST_HOLD + 1;

// @ts-ignore: decorator
@inline
export function timerList(app: TcpGenerator, index: u32): TimerList {
  return changetype<TimerList>(app.lists + index * <u32>offsetof<TimerList>());
}

export function armClient(app: TcpGenerator, connection: Connection, list: u32, nowPs: i64): void {
  const duePs = timerArm(timerList(app, list), clientTimer(connection), nowPs);
  connection.clientTimerList = <u8>(list + 1);
  if (duePs < app.timerDuePs) app.timerDuePs = duePs;
}

export function armServer(app: TcpGenerator, connection: Connection, list: u32, nowPs: i64): void {
  const duePs = timerArm(timerList(app, list), serverTimer(connection), nowPs);
  connection.serverTimerList = <u8>(list + 1);
  if (duePs < app.timerDuePs) app.timerDuePs = duePs;
}

// @ts-ignore: decorator
@inline
export function cancelClient(app: TcpGenerator, connection: Connection): void {
  const list = <u32>connection.clientTimerList;
  if (list == 0) return;
  timerCancel(timerList(app, list - 1), clientTimer(connection));
  connection.clientTimerList = 0;
}

// @ts-ignore: decorator
@inline
export function cancelServer(app: TcpGenerator, connection: Connection): void {
  const list = <u32>connection.serverTimerList;
  if (list == 0) return;
  timerCancel(timerList(app, list - 1), serverTimer(connection));
  connection.serverTimerList = 0;
}

/** Notes how long an end waited for the answer that it has now; nothing when it did not have to ask again. Call before its timer is cancelled. */
// @ts-ignore: decorator
@inline
export function recordStall(app: TcpGenerator, retries: u32, list: u32, timer: TimerNode, nowPs: i64): void {
  if (retries == 0 || list == 0) return;
  const delayPs = timerList(app, list - 1).delayPs;
  // Every wait was twice the one before: the ones before this one add up to it less the first.
  const waitedPs = delayPs - (delayPs >> retries);
  histogramRecord(app.stall, nowPs - (timer.deadlinePs - delayPs - waitedPs));
}

// @ts-ignore: decorator
@inline
function noteStall(app: TcpGenerator, connection: Connection): void {
  if (connection.stalled) return;
  connection.stalled = 1;
  count(app, GeneratorCounter.stalled);
}

export function closeConnection(app: TcpGenerator, connection: Connection, counter: GeneratorCounter): void {
  count(app, counter);
  if (connection.stalled && counter == GeneratorCounter.completed) count(app, GeneratorCounter.recovered);
  cancelClient(app, connection);
  cancelServer(app, connection);
  connectionGive(app.connections, connection);
}

/** Handles every timer that is due, list by list, and finds when the next one is. */
export function expireTimers(app: TcpGenerator, nowPs: i64): void {
  let duePs = i64.MAX_VALUE;
  for (let index: u32 = 0; index < LIST_COUNT; index++) {
    const list = timerList(app, index);
    while (list.head != 0 && changetype<TimerNode>(list.head).deadlinePs <= nowPs) {
      if (index >= LIST_SERVER_FIN && index < LIST_HOLD) {
        expireServer(app, changetype<Connection>(list.head - offsetof<Connection>('serverTimerDeadlinePs')), nowPs);
      } else {
        expireClient(app, changetype<Connection>(list.head - offsetof<Connection>('clientTimerDeadlinePs')), nowPs);
      }
    }
    if (list.head != 0 && changetype<TimerNode>(list.head).deadlinePs < duePs) duePs = changetype<TimerNode>(list.head).deadlinePs;
  }
  // An expiry may have armed a list that was looked at before: lists below hold later deadlines only, but look again.
  for (let index: u32 = 0; index < LIST_COUNT; index++) {
    const head = timerList(app, index).head;
    if (head != 0 && changetype<TimerNode>(head).deadlinePs < duePs) duePs = changetype<TimerNode>(head).deadlinePs;
  }
  app.timerDuePs = duePs;
}

function expireClient(app: TcpGenerator, connection: Connection, nowPs: i64): void {
  cancelClient(app, connection);
  const state = <u32>connection.clientState;
  if (state == ClientState.holding) {
    sendFin(app, connection, nowPs);
    return;
  }
  const purpose: u32 = state == ClientState.synSent ? LIST_SYN : LIST_FIN;
  if (!mayRetry(app, connection, purpose, <u32>connection.clientRetries, nowPs)) {
    closeConnection(app, connection, GeneratorCounter.brokenTimeout);
    return;
  }
  connection.clientRetries++;
  noteStall(app, connection);
  armClient(app, connection, purpose + <u32>connection.clientRetries, nowPs);
  if (purpose == LIST_SYN) {
    count(app, GeneratorCounter.retransmittedSyn);
    sendClient(app, connection, TCP_SYN, 0, nowPs);
  } else {
    count(app, GeneratorCounter.retransmittedFin);
    sendClient(app, connection, TCP_FIN | TCP_ACK, 1, nowPs);
  }
}

function expireServer(app: TcpGenerator, connection: Connection, nowPs: i64): void {
  cancelServer(app, connection);
  if (!mayRetry(app, connection, LIST_SERVER_FIN, <u32>connection.serverRetries, nowPs)) {
    closeConnection(app, connection, GeneratorCounter.brokenTimeout);
    return;
  }
  connection.serverRetries++;
  noteStall(app, connection);
  armServer(app, connection, LIST_SERVER_FIN + <u32>connection.serverRetries, nowPs);
  count(app, GeneratorCounter.retransmittedFin);
  sendServer(app, connection, TCP_FIN | TCP_ACK, 1, nowPs);
}

/** A connection gives up when it has no retransmission left, or when the next wait would end after its time-out. Waits of a hold do not count. */
function mayRetry(app: TcpGenerator, connection: Connection, purpose: u32, retries: u32, nowPs: i64): bool {
  if (retries >= app.retransmissionCountMax) return false;
  return nowPs + timerList(app, purpose + retries + 1).delayPs - connection.intendedPs - app.holdPs <= app.connectionTimeoutPs;
}
