import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { ExitCode, SiriusError } from './errors.js';

export interface CapturedPacket {
  interfaceId: number;
  /** Since 1970, or since the start of a run under the virtual clock. */
  timestampNs: bigint;
  bytes: Uint8Array;
  /** Length on the wire where only a part was captured. */
  originalLength?: number;
}

const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION_BLOCK = 1;
const ENHANCED_PACKET_BLOCK = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LINK_TYPE_ETHERNET = 1;
const OPTION_INTERFACE_NAME = 2;
const OPTION_TIMESTAMP_RESOLUTION = 9;
const NANOSECONDS = 9;
const FLUSH_BYTES = 1 << 20;

/**
 * Writes a pcapng file (draft-ietf-opsawg-pcapng): one interface per tap, nanosecond time stamps. Everything goes to
 * `<path>.part`, which takes its name when it is closed, so no half file ever has it.
 * @throws SiriusError (exit code 1) when the file cannot be written.
 */
export class PcapngWriter {
  private readonly partPath: string;
  private readonly file: number;
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private interfaceCount = 0;
  private isOpen = true;

  constructor(private readonly path: string) {
    this.partPath = `${path}.part`;
    this.file = this.attempt(() => openSync(this.partPath, 'w'));
    const header = Buffer.alloc(16);
    header.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
    header.writeUInt16LE(1, 4);
    header.writeUInt16LE(0, 6);
    header.writeBigInt64LE(-1n, 8);
    this.writeBlock(SECTION_HEADER_BLOCK, header);
  }

  /** Adds an interface and returns its number. */
  addInterface(name: string): number {
    const fixed = Buffer.alloc(8);
    fixed.writeUInt16LE(LINK_TYPE_ETHERNET, 0);
    const options = [
      optionOf(OPTION_INTERFACE_NAME, Buffer.from(name)),
      optionOf(OPTION_TIMESTAMP_RESOLUTION, Buffer.of(NANOSECONDS)),
      Buffer.alloc(4),
    ];
    this.writeBlock(INTERFACE_DESCRIPTION_BLOCK, Buffer.concat([fixed, ...options]));
    return this.interfaceCount++;
  }

  writePacket({ interfaceId, timestampNs, bytes, originalLength = bytes.length }: CapturedPacket): void {
    const body = Buffer.alloc(20 + padded(bytes.length));
    body.writeUInt32LE(interfaceId, 0);
    body.writeUInt32LE(Number(timestampNs >> 32n), 4);
    body.writeUInt32LE(Number(timestampNs & 0xffff_ffffn), 8);
    body.writeUInt32LE(bytes.length, 12);
    body.writeUInt32LE(originalLength, 16);
    body.set(bytes, 20);
    this.writeBlock(ENHANCED_PACKET_BLOCK, body);
  }

  /** Completes the file and gives it its name. */
  close(): void {
    this.flush();
    this.attempt(() => {
      fsyncSync(this.file);
      closeSync(this.file);
      renameSync(this.partPath, this.path);
    });
    this.isOpen = false;
  }

  /** Removes what was written, unless the file is complete. */
  abort(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    closeSync(this.file);
    rmSync(this.partPath, { force: true });
  }

  private writeBlock(type: number, body: Buffer): void {
    const totalLength = body.length + 12;
    const head = Buffer.alloc(8);
    head.writeUInt32LE(type, 0);
    head.writeUInt32LE(totalLength, 4);
    this.pending.push(head, body, head.subarray(4));
    this.pendingBytes += totalLength;
    if (this.pendingBytes >= FLUSH_BYTES) this.flush();
  }

  private flush(): void {
    const bytes = Buffer.concat(this.pending);
    this.pending = [];
    this.pendingBytes = 0;
    this.attempt(() => {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.file, bytes, written);
    });
  }

  private attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw new SiriusError({
        code: 'capture-unwritable',
        message: `--pcap: expected a file that can be written, got "${this.path}" (${(error as Error).message})`,
        hint: 'choose a path in a folder that exists and that you may write to',
        exitCode: ExitCode.failed,
        cause: error,
      });
    }
  }
}

function optionOf(code: number, value: Buffer): Buffer {
  const option = Buffer.alloc(4 + padded(value.length));
  option.writeUInt16LE(code, 0);
  option.writeUInt16LE(value.length, 2);
  option.set(value, 4);
  return option;
}

function padded(bytes: number): number {
  return (bytes + 3) & ~3;
}
