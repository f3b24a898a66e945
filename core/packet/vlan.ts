import { readU16, writeU16 } from './bytes.js';

/** 802.1Q tag after the addresses' type field 0x8100: priority 3 bits, drop eligible 1, identifier 12, inner type 2 bytes. */
export const VLAN_BYTES = 4;

const Field = { control: 0, type: 2 } as const;

export class VlanView {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly offset: number,
  ) {}

  get id(): number {
    return readU16(this.bytes, this.offset + Field.control) & 0xfff;
  }

  get priority(): number {
    return readU16(this.bytes, this.offset + Field.control) >>> 13;
  }

  get dropEligible(): boolean {
    return (readU16(this.bytes, this.offset + Field.control) & 0x1000) !== 0;
  }

  /** Type of what follows the tag. */
  get etherType(): number {
    return readU16(this.bytes, this.offset + Field.type);
  }

  get payloadOffset(): number {
    return this.offset + VLAN_BYTES;
  }
}

export interface VlanTag {
  /** 0 .. 4094; 0 tags a priority only. */
  id: number;
  priority?: number;
  dropEligible?: boolean;
  etherType: number;
}

/** `offset` is that of the tag, right after the type field that announced it. */
export function parseVlan(bytes: Uint8Array, offset: number): VlanView | undefined {
  return offset + VLAN_BYTES <= bytes.length ? new VlanView(bytes, offset) : undefined;
}

/** Writes the tag at `offset` and returns the offset after it. */
export function emitVlan(bytes: Uint8Array, offset: number, tag: VlanTag): number {
  const { id, priority = 0, dropEligible = false, etherType } = tag;
  writeU16(bytes, offset + Field.control, (priority << 13) | (dropEligible ? 0x1000 : 0) | id);
  writeU16(bytes, offset + Field.type, etherType);
  return offset + VLAN_BYTES;
}
