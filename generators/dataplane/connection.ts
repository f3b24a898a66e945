import { arenaAllocate } from '../../core/dataplane/arena';
import { CONNECTION_BYTES, CONNECTION_COUNT_MAX, ClientState } from './generator-layout';
import { TimerNode } from './timers';

/** The six packets of a connection, in the order of each sender. */
export namespace Segment {
  export const syn: u32 = 1;
  export const ack: u32 = 2;
  export const fin: u32 = 4;
  export const lastAck: u32 = 8;
  export const synAck: u32 = 16;
  export const finAck: u32 = 32;
  export const ofClient: u32 = 15;
  export const ofServer: u32 = 48;
}

/** Both ends of one connection, 64 bytes. Each end reads and writes its own fields and the addresses only. */
@unmanaged
export class Connection {
  /** When the SYN was to be sent; latency counts from here. */
  intendedPs: i64;
  clientTimerDeadlinePs: i64;
  clientTimerNext: usize;
  clientTimerPrevious: usize;
  serverTimerDeadlinePs: i64;
  serverTimerNext: usize;
  serverTimerPrevious: usize;
  clientAddress: u32;
  serverAddress: u32;
  clientPort: u16;
  serverPort: u16;
  fnic: u16;
  generation: u8;
  clientState: u8;
  serverState: u8;
  clientRetries: u8;
  serverRetries: u8;
  /** Which timer list holds each end's timer, from 1; 0 for none. */
  clientTimerList: u8;
  serverTimerList: u8;
  /** Port of the generator that both ends use. */
  port: u8;
  /** 1 once a packet of the connection had to be sent again. */
  stalled: u8;
  /** Packets that came as they were first sent: bits of `Segment`. */
  seen: u8;
}

// @ts-ignore: decorator
@inline
export function clientTimer(connection: Connection): TimerNode {
  return changetype<TimerNode>(changetype<usize>(connection) + offsetof<Connection>('clientTimerDeadlinePs'));
}

// @ts-ignore: decorator
@inline
export function serverTimer(connection: Connection): TimerNode {
  return changetype<TimerNode>(changetype<usize>(connection) + offsetof<Connection>('serverTimerDeadlinePs'));
}

/** Connection records; the free ones form a stack, and records above `fresh` were never used, so that memory is touched only as the load needs it. */
@unmanaged
export class ConnectionPool {
  base: usize;
  free: usize;
  fresh: u32;
  capacity: u32;
  outstanding: u32;
}

export function connectionPoolInit(pool: ConnectionPool, capacity: u32): void {
  assert(offsetof<Connection>() <= <usize>CONNECTION_BYTES && capacity <= <u32>CONNECTION_COUNT_MAX);
  pool.capacity = capacity;
  pool.base = arenaAllocate(<usize>capacity * CONNECTION_BYTES);
}

export function connectionTake(pool: ConnectionPool): Connection | null {
  let record = pool.free;
  if (record != 0) {
    pool.free = changetype<Connection>(record).clientTimerNext;
  } else {
    if (pool.fresh == pool.capacity) return null;
    record = pool.base + <usize>pool.fresh * CONNECTION_BYTES;
    pool.fresh++;
  }
  pool.outstanding++;
  return changetype<Connection>(record);
}

export function connectionGive(pool: ConnectionPool, connection: Connection): void {
  connection.clientState = <u8>ClientState.free;
  connection.generation++;
  connection.clientTimerNext = pool.free;
  pool.free = changetype<usize>(connection);
  pool.outstanding--;
}
