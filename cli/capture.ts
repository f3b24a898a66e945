import { CAPTURE_HEADER_BYTES, PICOSECONDS_PER_NANOSECOND } from '../core/dataplane/contract.js';
import { PcapngWriter } from '../core/pcapng.js';
import type { TrialBed } from './trial-bed.js';

export interface Capture {
  base: number;
  writer: PcapngWriter;
  /** Removes what was written unless it was completed. */
  release(): void;
}

/** Taps the generator's ports, two taps each (out and in), and opens the file at once, so that a wrong path is known before the run. */
export function startCapture(
  { testbed, target }: TrialBed,
  { path, packets }: { path: string; packets: number },
  frameBytesMax: number,
): Capture {
  const { exports } = testbed;
  // First what may find no room: a file that is open would be left behind.
  const base = exports.captureCreate(packets, frameBytesMax);
  const writer = new PcapngWriter(path);
  for (const [index, port] of target.ports.entries()) {
    const taps = port.toTarget === port.fromTarget ? ['wire'] : ['out', 'in'];
    for (const tap of taps) {
      const interfaceId = writer.addInterface(`generator${index + 1}-${tap}`);
      const isIn = tap === 'in';
      exports.linkSetTap(isIn ? port.fromTarget : port.toTarget, interfaceId + 1, isIn ? 1 : 0);
    }
  }
  return { base, writer, release: () => writer.abort() };
}

/** Writes what the taps took, in order of time, and completes the file. */
export function writeCapture({ testbed }: TrialBed, { base, writer }: Capture): void {
  const { exports, dataPlane } = testbed;
  const view = new DataView(dataPlane.memory.buffer);
  const slotBytes = exports.captureSlotSize();
  const slots = Array.from({ length: exports.captureTaken() }, (_, index) => base + index * slotBytes);
  const timePs = new Map(slots.map((slot) => [slot, view.getBigInt64(slot, true)]));
  slots.sort((a, b) => Number((timePs.get(a) as bigint) - (timePs.get(b) as bigint)));
  for (const slot of slots) {
    const frameBytes = view.getUint32(slot + 12, true);
    writer.writePacket({
      interfaceId: view.getUint32(slot + 8, true) - 1,
      timestampNs: (timePs.get(slot) as bigint) / BigInt(PICOSECONDS_PER_NANOSECOND),
      bytes: new Uint8Array(
        dataPlane.memory.buffer.slice(slot + CAPTURE_HEADER_BYTES, slot + CAPTURE_HEADER_BYTES + frameBytes),
      ),
    });
  }
  writer.close();
}
