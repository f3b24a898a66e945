import { arenaAllocate, arenaAllocateItems } from '../../core/dataplane/arena';
import { outageNumber } from '../../core/dataplane/outage';
import { Connection, ConnectionPool, STALLED } from './connection';
import { CONNECTION_BYTES, ClientState, LOSS_COUNTER_COUNT, LossCounter, ServerState, WATCHED_OUTAGE_COUNT } from './generator-layout';

// In whose outage a connection lost the packet that it had to wait for. A retransmission comes a second later, when other events may have been.

/** By connection record, u16: outage, from 1; 0 for none. Of the connection under way: it goes when that ends. 0 while nobody asks. */
let marks: usize = 0;
let counters: usize = 0;
/** Of the connection records. */
let base: usize = 0;

/** Mark of a connection that a policy denied: what becomes of it is no event's doing. */
const DENIED: u32 = 0xffff;

/** Returns the counters' address: see `LossCounter`. */
export function lossMarksStart(connections: ConnectionPool): usize {
  base = connections.base;
  marks = arenaAllocateItems(connections.capacity, sizeof<u16>());
  counters = arenaAllocate(8 * WATCHED_OUTAGE_COUNT * LOSS_COUNTER_COUNT);
  return counters;
}

/** A connection lost a packet. False if it waits already, for what it lost before: its mark stays for as long as that wait goes on. */
export function lossMark(connection: Connection): bool {
  const at = markOf(connection);
  if (load<u16>(at) != 0 && waits(connection)) return false;
  store<u16>(at, <u16>currentOutage());
  return true;
}

/** A policy denied a packet of the connection, which breaks by that, whatever it lost before. */
export function lossMarkDenied(connection: Connection): void {
  store<u16>(markOf(connection), <u16>DENIED);
}

/** Whether an end sent a packet again to which it has no answer yet: counts of earlier waits stay until the next packet is sent. */
function waits(connection: Connection): bool {
  const state = <u32>connection.clientState;
  if (connection.clientRetries > 0 && (state == ClientState.synSent || state == ClientState.finSent)) return true;
  return connection.serverRetries > 0 && <u32>connection.serverState == ServerState.lastAck;
}

/** A connection ends: its record's next one has lost nothing. */
// @ts-ignore: decorator
@inline
export function lossMarkClear(connection: Connection): void {
  if (marks != 0) store<u16>(markOf(connection), 0);
}

/** A connection ends that had to send a packet again. */
export function lossMarkClose(connection: Connection): void {
  if (marks == 0) return;
  countLoss(connection, LossCounter.stalled, 1);
  countLoss(connection, LossCounter.recovered, 1);
}

/** A connection breaks; `lossMarkClose` follows if it had to send a packet again. */
export function lossMarkBreak(connection: Connection): void {
  if (marks == 0) return;
  countLoss(connection, LossCounter.broken, 1);
  if (!(connection.seen & <u8>STALLED)) return;
  countLoss(connection, LossCounter.brokenOfStalled, 1);
  countLoss(connection, LossCounter.recovered, -1);
}

/** Counts those that wait still, at the end of a run. */
export function lossMarksEnd(connections: ConnectionPool): void {
  for (let slot: u32 = 0; slot < connections.fresh; slot++) {
    const connection = changetype<Connection>(base + <usize>slot * CONNECTION_BYTES);
    const isWaiting = connection.clientState != <u8>ClientState.free && (connection.seen & <u8>STALLED) != 0;
    if (isWaiting) countLoss(connection, LossCounter.stalled, 1);
  }
}

/** Without a loss of its own, a connection counts for the outage in which it ends. */
function countLoss(connection: Connection, counter: LossCounter, change: i64): void {
  const mark = <u32>load<u16>(markOf(connection));
  if (mark == DENIED) return;
  const outage = mark != 0 ? mark : currentOutage();
  const at = counters + (<usize>((outage - 1) * LOSS_COUNTER_COUNT + <u32>counter) << 3);
  store<i64>(at, load<i64>(at) + change);
}

/** From 1: before the first event, too. */
function currentOutage(): u32 {
  const number = outageNumber() + 1;
  return number < <u32>WATCHED_OUTAGE_COUNT ? number : WATCHED_OUTAGE_COUNT;
}

function markOf(connection: Connection): usize {
  return marks + ((changetype<usize>(connection) - base) / CONNECTION_BYTES) * sizeof<u16>();
}
