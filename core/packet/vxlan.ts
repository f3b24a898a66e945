import { readU24, writeU24 } from './bytes.js';

/** VXLAN header (RFC 7348): flags 1, reserved 3, VNI 3, reserved 1. */
export const VXLAN_BYTES = 8;
export const VXLAN_PORT = 4789;
export const VNI_MAX = 0xffffff;

const Field = { flags: 0, vni: 4, reserved: 7 } as const;
const FLAG_VNI = 0x08;

export class VxlanView {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly offset: number,
  ) {}

  get hasVni(): boolean {
    return ((this.bytes[this.offset + Field.flags] ?? 0) & FLAG_VNI) !== 0;
  }

  get vni(): number {
    return readU24(this.bytes, this.offset + Field.vni);
  }

  /** The last byte, which receivers ignore; between two cards of a pair it carries the replication mark. */
  get reserved(): number {
    return this.bytes[this.offset + Field.reserved] ?? 0;
  }

  get payloadOffset(): number {
    return this.offset + VXLAN_BYTES;
  }
}

export interface VxlanHeader {
  /** 24 bits. */
  vni: number;
  reserved?: number;
}

export function parseVxlan(bytes: Uint8Array, offset: number, end = bytes.length): VxlanView | undefined {
  return end <= bytes.length && offset + VXLAN_BYTES <= end ? new VxlanView(bytes, offset) : undefined;
}

/** Writes the header at `offset` and returns the offset after it. */
export function emitVxlan(bytes: Uint8Array, offset: number, { vni, reserved = 0 }: VxlanHeader): number {
  bytes.fill(0, offset, offset + VXLAN_BYTES);
  bytes[offset + Field.flags] = FLAG_VNI;
  writeU24(bytes, offset + Field.vni, vni);
  bytes[offset + Field.reserved] = reserved;
  return offset + VXLAN_BYTES;
}
