import { arenaAllocate } from '../../core/dataplane/arena';
import { Connection } from './connection';
import { lossMarkBreak } from './loss-marks';
import { BROKEN_LISTED_MAX, BROKEN_RECORD_BYTES, ClientState } from './generator-layout';

/** Which connections broke: how many of each fNIC, and the first ones in full. */
@unmanaged
export class BrokenLog {
  count: u32;
  records: usize;
  /** u64 by fNIC. */
  byFnic: usize;
  /** Those whose clients never had an answer to their SYN. */
  unansweredCount: u64;
}

export function brokenLogCreate(fnicCount: u32): BrokenLog {
  const log = changetype<BrokenLog>(arenaAllocate(offsetof<BrokenLog>()));
  log.records = arenaAllocate(BROKEN_LISTED_MAX * BROKEN_RECORD_BYTES);
  log.byFnic = arenaAllocate(8 * fnicCount);
  return log;
}

export function brokenLogNote(log: BrokenLog, connection: Connection, wasReset: bool, nowPs: i64): void {
  if (connection.clientState == <u8>ClientState.synSent) log.unansweredCount++;
  lossMarkBreak(connection);
  const counter = log.byFnic + (<usize>connection.fnic << 3);
  store<u64>(counter, load<u64>(counter) + 1);
  if (log.count == <u32>BROKEN_LISTED_MAX) return;
  const record = log.records + <usize>log.count * BROKEN_RECORD_BYTES;
  log.count++;
  store<i64>(record, nowPs);
  store<i64>(record, connection.intendedPs, 8);
  store<u32>(record, connection.clientAddress, 16);
  store<u32>(record, connection.serverAddress, 20);
  store<u16>(record, <u16>connection.clientPort, 24);
  store<u16>(record, <u16>connection.serverPort, 26);
  store<u16>(record, <u16>connection.fnic, 28);
  store<u8>(record, <u8>(connection.clientState | (connection.serverState << 4)), 30);
  store<u8>(record, wasReset ? 1 : 0, 31);
}
