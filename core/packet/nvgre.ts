import { readU16, readU24, writeU16, writeU24 } from './bytes.js';
import { EtherType } from './ethernet.js';

/** NVGRE header (RFC 7637): GRE flags and version 2, protocol type 2, virtual subnet identifier 3, flow identifier 1. */
export const NVGRE_BYTES = 8;

const Field = { flags: 0, protocol: 2, vsid: 4, flowId: 7 } as const;
/** Key present, no checksum, no sequence number, version 0 (RFC 7637, 3.2). */
const FLAGS = 0x2000;

/** Made by `parseNvgre`: flags and protocol type are NVGRE's. */
export class NvgreView {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly offset: number,
  ) {}

  get vsid(): number {
    return readU24(this.bytes, this.offset + Field.vsid);
  }

  get flowId(): number {
    return this.bytes[this.offset + Field.flowId] ?? 0;
  }

  get payloadOffset(): number {
    return this.offset + NVGRE_BYTES;
  }
}

export interface NvgreHeader {
  /** 24 bits. */
  vsid: number;
  /** Entropy for equal-cost paths; 0 where there is none. */
  flowId?: number;
}

/** `undefined` for any other GRE, too. */
export function parseNvgre(bytes: Uint8Array, offset: number, end = bytes.length): NvgreView | undefined {
  if (end > bytes.length || offset + NVGRE_BYTES > end) return undefined;
  const isNvgre =
    readU16(bytes, offset + Field.flags) === FLAGS &&
    readU16(bytes, offset + Field.protocol) === EtherType.bridging;
  return isNvgre ? new NvgreView(bytes, offset) : undefined;
}

/** Writes the header at `offset` and returns the offset after it. */
export function emitNvgre(bytes: Uint8Array, offset: number, { vsid, flowId = 0 }: NvgreHeader): number {
  writeU16(bytes, offset + Field.flags, FLAGS);
  writeU16(bytes, offset + Field.protocol, EtherType.bridging);
  writeU24(bytes, offset + Field.vsid, vsid);
  bytes[offset + Field.flowId] = flowId;
  return offset + NVGRE_BYTES;
}
