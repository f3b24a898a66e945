import { readU16, readU48, writeU16, writeU48 } from './bytes.js';

/** Ethernet II header (IEEE 802.3): destination 6, source 6, type 2. */
export const ETHERNET_BYTES = 14;

export const EtherType = {
  ipv4: 0x0800,
  vlan: 0x8100,
  vlanService: 0x88a8,
  ipv6: 0x86dd,
  bridging: 0x6558,
} as const;

const Field = { destination: 0, source: 6, type: 12 } as const;

/** Reads fields where they lie; made by `parseEthernet`, which guards the bounds. */
export class EthernetView {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly offset: number,
  ) {}

  /** 48 bits. */
  get destination(): number {
    return readU48(this.bytes, this.offset + Field.destination);
  }

  get source(): number {
    return readU48(this.bytes, this.offset + Field.source);
  }

  get etherType(): number {
    return readU16(this.bytes, this.offset + Field.type);
  }

  get payloadOffset(): number {
    return this.offset + ETHERNET_BYTES;
  }
}

export interface EthernetHeader {
  /** 48 bits. */
  destination: number;
  source: number;
  etherType: number;
}

/** `undefined` when fewer than 14 bytes are left. */
export function parseEthernet(bytes: Uint8Array, offset = 0): EthernetView | undefined {
  return offset + ETHERNET_BYTES <= bytes.length ? new EthernetView(bytes, offset) : undefined;
}

/** Writes the header at `offset` and returns the offset after it. */
export function emitEthernet(bytes: Uint8Array, offset: number, header: EthernetHeader): number {
  writeU48(bytes, offset + Field.destination, header.destination);
  writeU48(bytes, offset + Field.source, header.source);
  writeU16(bytes, offset + Field.type, header.etherType);
  return offset + ETHERNET_BYTES;
}
