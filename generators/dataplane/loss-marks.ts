import { arenaAllocate, arenaAllocateItems } from '../../core/dataplane/arena';
import { outageNumber } from '../../core/dataplane/outage';
import { Connection, ConnectionPool, STALLED } from './connection';
import { CONNECTION_BYTES, ClientState, LOSS_COUNTER_COUNT, LossCounter, WATCHED_OUTAGE_COUNT } from './generator-layout';

// In whose outage a connection lost the packet that it had to wait for. A retransmission comes a second later, when other events may have been.

/** By connection record, u32: outage, from 1, and above it the generation of the connection that lost the packet. 0 while nobody asks. */
let marks: usize = 0;
let counters: usize = 0;
/** Of the connection records. */
let base: usize = 0;

const GENERATION_SHIFT: u32 = 16;
const OUTAGE_MASK: u32 = (1 << GENERATION_SHIFT) - 1;

/** Returns the counters' address: see `LossCounter`. */
export function lossMarksStart(connections: ConnectionPool): usize {
  base = connections.base;
  marks = arenaAllocateItems(connections.capacity, sizeof<u32>());
  counters = arenaAllocate(8 * WATCHED_OUTAGE_COUNT * LOSS_COUNTER_COUNT);
  return counters;
}

/** A connection lost a packet. Whoever waits already does so for what he lost before; false if that was in an earlier outage. */
export function lossMark(connection: Connection): bool {
  const mark = currentOutage() | (<u32>connection.generation << GENERATION_SHIFT);
  if (connection.seen & <u8>STALLED) return load<u32>(markOf(connection)) == mark;
  store<u32>(markOf(connection), mark);
  return true;
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
  if (connection.seen & <u8>STALLED) countLoss(connection, LossCounter.recovered, -1);
}

/** Counts those that wait still, at the end of a run. */
export function lossMarksEnd(connections: ConnectionPool): void {
  for (let slot: u32 = 0; slot < connections.fresh; slot++) {
    const connection = changetype<Connection>(base + <usize>slot * CONNECTION_BYTES);
    const waits = connection.clientState != <u8>ClientState.free && (connection.seen & <u8>STALLED) != 0;
    if (waits) countLoss(connection, LossCounter.stalled, 1);
  }
}

/** Without a loss of its own, a connection counts for the outage in which it ends. */
function countLoss(connection: Connection, counter: LossCounter, change: i64): void {
  const mark = load<u32>(markOf(connection));
  const isOwn = mark != 0 && mark >> GENERATION_SHIFT == <u32>connection.generation;
  const outage = isOwn ? mark & OUTAGE_MASK : currentOutage();
  const at = counters + (<usize>((outage - 1) * LOSS_COUNTER_COUNT + <u32>counter) << 3);
  store<i64>(at, load<i64>(at) + change);
}

/** From 1: before the first event, too. */
function currentOutage(): u32 {
  const number = outageNumber() + 1;
  return number < <u32>WATCHED_OUTAGE_COUNT ? number : WATCHED_OUTAGE_COUNT;
}

function markOf(connection: Connection): usize {
  return marks + ((changetype<usize>(connection) - base) / CONNECTION_BYTES) * sizeof<u32>();
}
