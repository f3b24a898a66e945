import { PICOSECONDS_PER_NANOSECOND } from '../core/dataplane/contract.js';
import type { Testbed } from '../core/testbed.js';
import { BROKEN_RECORD_BYTES, ClientState, ServerState } from './dataplane/generator-layout.js';

/** A connection that ended by a reset or a time-out. */
export interface BrokenReading {
  atNs: number;
  /** When its SYN was to be sent. */
  startedNs: number;
  fnic: number;
  /** IPv4 in host order. */
  clientAddress: number;
  clientPort: number;
  serverAddress: number;
  serverPort: number;
  clientState: keyof typeof ClientState;
  serverState: keyof typeof ServerState;
  wasReset: boolean;
}

/** The first broken connections of a generator, in order of breaking. */
export function readBroken({ exports, dataPlane }: Testbed, app: number): BrokenReading[] {
  const view = new DataView(dataPlane.memory.buffer, exports.tcpGeneratorBrokenRecords(app));
  return Array.from({ length: exports.tcpGeneratorBrokenListed(app) }, (_, index) => {
    const at = index * BROKEN_RECORD_BYTES;
    const states = view.getUint8(at + 30);
    return {
      atNs: nanoseconds(view.getBigInt64(at, true)),
      startedNs: nanoseconds(view.getBigInt64(at + 8, true)),
      clientAddress: view.getUint32(at + 16, true),
      serverAddress: view.getUint32(at + 20, true),
      clientPort: view.getUint16(at + 24, true),
      serverPort: view.getUint16(at + 26, true),
      fnic: view.getUint16(at + 28, true),
      clientState: ClientState[states & 15] as keyof typeof ClientState,
      serverState: ServerState[states >> 4] as keyof typeof ServerState,
      wasReset: view.getUint8(at + 31) === 1,
    };
  });
}

function nanoseconds(ps: bigint): number {
  return Number(ps) / PICOSECONDS_PER_NANOSECOND;
}
