import { arenaAllocate } from '../../core/dataplane/arena';
import { ENDPOINT_BITS } from './endpoints';
import { CONNECTION_BYTES, CONNECTION_COUNT_MAX, ClientState, TCP_PORT_COUNT_MAX } from './generator-layout';
import { lossMarkClear, lossMarkClose } from './loss-marks';
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
  /** The client's endpoint (`endpointOf`) with the connection's way above it, see `wayOf`. */
  client: u64;
  /** The server's, beside it and so read with it, with the IPv4 checksum of all the connection's packets above it. */
  server: u64;
  generation: u8;
  clientState: u8;
  serverState: u8;
  clientRetries: u8;
  serverRetries: u8;
  /** Which timer list holds each end's timer, from 1; 0 for none. */
  clientTimerList: u8;
  serverTimerList: u8;
  /** Packets that came as they were first sent, bits of `Segment`; and whether one had to be sent again, `STALLED`. */
  seen: u8;

  // @ts-ignore: decorator
  @inline
  get clientAddress(): u32 {
    return <u32>(this.client >> 16);
  }

  // @ts-ignore: decorator
  @inline
  get clientPort(): u32 {
    return <u32>this.client & 0xffff;
  }

  // @ts-ignore: decorator
  @inline
  get serverAddress(): u32 {
    return <u32>(this.server >> 16);
  }

  // @ts-ignore: decorator
  @inline
  get serverPort(): u32 {
    return <u32>this.server & 0xffff;
  }

  /** See `wayOf`. */
  // @ts-ignore: decorator
  @inline
  get way(): u32 {
    return <u32>(this.client >> ENDPOINT_BITS);
  }

  // @ts-ignore: decorator
  @inline
  get fnic(): u32 {
    return this.way / TCP_PORT_COUNT_MAX;
  }

  // @ts-ignore: decorator
  @inline
  get ipv4Checksum(): u32 {
    return <u32>(this.server >> ENDPOINT_BITS);
  }
}

/** Both ends with what stands above them, the server's in the higher half. */
// @ts-ignore: decorator
@inline
export function endsOf(connection: Connection): v128 {
  return v128.load(changetype<usize>(connection) + offsetof<Connection>('client'));
}

/** Bit of `Connection.seen`: a packet of the connection had to be sent again. */
export const STALLED: u32 = 128;

/** fNIC and port of the generator that a connection's packets use in both directions, as one number of 16 bits. */
// @ts-ignore: decorator
@inline
export function wayOf(fnic: u32, port: u32): u32 {
  return fnic * TCP_PORT_COUNT_MAX + port;
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
  if (connection.seen & <u8>STALLED) lossMarkClose(connection);
  lossMarkClear(connection);
  connection.clientState = <u8>ClientState.free;
  connection.generation++;
  connection.clientTimerNext = pool.free;
  pool.free = changetype<usize>(connection);
  pool.outstanding--;
}
