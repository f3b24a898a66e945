import assert from 'node:assert';
import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { ExitCode, SiriusError } from './errors.js';

export interface CapturedPacket {
  /** What `addInterface` returned. */
  interfaceId: number;
  timestampNs: bigint;
  /** The frame without its check sequence. */
  bytes: Uint8Array;
  /** Bytes of the whole frame, when `bytes` holds only its start. */
  originalLength?: number;
  /** As the owner of the interface sees it. */
  direction?: 'inbound' | 'outbound';
  comment?: string;
}

/**
 * Writes a capture in pcapng (draft-ietf-opsawg-pcapng; the same packets give the same bytes). It grows as `PATH.part` and
 * takes its name only when it is whole, so a capture under its own name is never a half one.
 * @throws SiriusError (exit code 1) from every method when the file cannot be written; the part file is then removed.
 */
export class PcapngWriter {
  packetCount = 0;
  private readonly partPath: string;
  private readonly buffer: Buffer;
  private usedBytes = 0;
  private interfaceCount = 0;
  /** Undefined once closed or aborted. */
  private file: number | undefined;
  private partExists = false;

  constructor(
    private readonly path: string,
    { bufferBytes = BUFFER_BYTES }: { bufferBytes?: number } = {},
  ) {
    this.partPath = `${path}.part`;
    this.buffer = Buffer.alloc(bufferBytes);
    this.attempt(() => {
      refuseSpecialFile(path);
      this.file = openSync(this.partPath, 'w');
      this.partExists = true;
    });
    this.write(sectionHeader());
  }

  /** Adds a tap (Ethernet, nanoseconds) and returns its number. */
  addInterface(name: string): number {
    this.write(interfaceDescription(name));
    return this.interfaceCount++;
  }

  writePacket(packet: CapturedPacket): void {
    assert(
      packet.interfaceId < this.interfaceCount,
      `no interface ${packet.interfaceId}: call addInterface first`,
    );
    this.write(enhancedPacket(packet));
    this.packetCount++;
  }

  /** Completes the file under its name, replacing what was there. */
  close(): void {
    this.flush();
    this.attempt(() => {
      closeSync(this.openFile());
      this.file = undefined;
      renameSync(this.partPath, this.path);
      this.partExists = false;
    });
  }

  /** Removes the part file; after `close` it does nothing, so it may stand in a `finally`. */
  abort(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
    if (this.partExists) rmSync(this.partPath, { force: true });
    this.partExists = false;
  }

  private write(block: Buffer): void {
    if (this.usedBytes + block.length > this.buffer.length) this.flush();
    if (block.length > this.buffer.length) {
      this.writeOut(block);
      return;
    }
    block.copy(this.buffer, this.usedBytes);
    this.usedBytes += block.length;
  }

  private flush(): void {
    this.writeOut(this.buffer.subarray(0, this.usedBytes));
    this.usedBytes = 0;
  }

  private writeOut(bytes: Buffer): void {
    const file = this.openFile();
    this.attempt(() => {
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    });
  }

  private openFile(): number {
    assert(this.file !== undefined, 'the capture is closed');
    return this.file;
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch (cause) {
      this.abort();
      throw cause instanceof SiriusError ? cause : unwritable(this.path, cause as NodeJS.ErrnoException);
    }
  }
}

/** Written out when full: what a capture costs in memory. */
const BUFFER_BYTES = 1024 * 1024;

const BlockType = { sectionHeader: 0x0a0d0d0a, interfaceDescription: 1, enhancedPacket: 6 } as const;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LINK_TYPE_ETHERNET = 1;
const OptionCode = {
  end: 0,
  comment: 1,
  interfaceName: 2,
  packetFlags: 2,
  userApplication: 4,
  timestampResolution: 9,
} as const;
/** Timestamps count 10^-9 seconds. */
const NANOSECONDS = 9;
const DIRECTION_FLAGS = { inbound: 1, outbound: 2 } as const;

function sectionHeader(): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  body.writeUInt16LE(1, 4); // version 1.0
  body.writeBigInt64LE(-1n, 8); // section length: not told
  return block(BlockType.sectionHeader, [body, option(OptionCode.userApplication, 'sirius-bench')]);
}

function interfaceDescription(name: string): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt16LE(LINK_TYPE_ETHERNET, 0); // then the snap length 0: no limit
  const resolution = option(OptionCode.timestampResolution, Uint8Array.of(NANOSECONDS));
  return block(BlockType.interfaceDescription, [body, option(OptionCode.interfaceName, name), resolution]);
}

function enhancedPacket(packet: CapturedPacket): Buffer {
  const { interfaceId, timestampNs, bytes, originalLength = bytes.length, direction, comment } = packet;
  const body = Buffer.alloc(20);
  body.writeUInt32LE(interfaceId, 0);
  body.writeUInt32LE(Number((timestampNs >> 32n) & 0xffffffffn), 4);
  body.writeUInt32LE(Number(timestampNs & 0xffffffffn), 8);
  body.writeUInt32LE(bytes.length, 12);
  body.writeUInt32LE(originalLength, 16);
  const parts = [body, padded(bytes)];
  if (direction !== undefined) {
    parts.push(option(OptionCode.packetFlags, Uint8Array.of(DIRECTION_FLAGS[direction], 0, 0, 0)));
  }
  if (comment !== undefined) parts.push(option(OptionCode.comment, comment));
  return block(BlockType.enhancedPacket, parts);
}

/** A block: type, length, parts (each a multiple of four bytes), the end of the options, the length again. */
function block(type: number, parts: readonly Buffer[]): Buffer {
  const edge = Buffer.alloc(8);
  const end = Buffer.alloc(8); // four bytes of opt_endofopt, then the length
  const totalBytes = parts.reduce((sum, part) => sum + part.length, edge.length + end.length);
  edge.writeUInt32LE(type, 0);
  edge.writeUInt32LE(totalBytes, 4);
  end.writeUInt32LE(totalBytes, 4);
  return Buffer.concat([edge, ...parts, end], totalBytes);
}

function option(code: number, value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  assert(bytes.length <= 0xffff, 'an option holds at most 65535 bytes');
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(bytes.length, 2);
  return Buffer.concat([head, padded(bytes)]);
}

function padded(bytes: Uint8Array): Buffer {
  const whole = Buffer.alloc((bytes.length + 3) & ~3);
  whole.set(bytes);
  return whole;
}

/** A rename would replace a device or a pipe by the capture, and cannot replace a folder. */
function refuseSpecialFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return;
  throw captureError(path, found.isDirectory() ? 'a folder' : 'a device or a pipe');
}

function unwritable(path: string, cause: NodeJS.ErrnoException): SiriusError {
  const got = {
    ENOENT: 'no such folder',
    ENOTDIR: 'a file in the place of a folder',
    EACCES: 'no permission to write there',
    EROFS: 'a read-only file system',
    ENOSPC: 'no space left on the disk',
  }[cause.code ?? ''];
  return captureError(path, got ?? cause.message, cause);
}

function captureError(path: string, got: string, cause?: unknown): SiriusError {
  return new SiriusError({
    code: 'capture-unwritable',
    message: `${path}: expected a capture file that can be written, got ${got}`,
    hint: 'Give --pcap a file name in a folder that exists and has room.',
    exitCode: ExitCode.failed,
    cause,
  });
}
