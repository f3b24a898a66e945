// Numbers in network order (RFC 1700) in a Uint8Array. The caller has checked the bounds; a byte that is not there reads as 0.

export function readU16(bytes: Uint8Array, offset: number): number {
  return (byteAt(bytes, offset) << 8) | byteAt(bytes, offset + 1);
}

export function readU24(bytes: Uint8Array, offset: number): number {
  return (readU16(bytes, offset) << 8) | byteAt(bytes, offset + 2);
}

export function readU32(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset) * 0x10000 + readU16(bytes, offset + 2);
}

export function readU48(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset) * 2 ** 32 + readU32(bytes, offset + 2);
}

export function readU128(bytes: Uint8Array, offset: number): bigint {
  let value = 0n;
  for (let i = 0; i < 16; i += 4) value = (value << 32n) | BigInt(readU32(bytes, offset + i));
  return value;
}

export function writeU16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

export function writeU24(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 16;
  writeU16(bytes, offset + 1, value);
}

export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  writeU16(bytes, offset, value >>> 16);
  writeU16(bytes, offset + 2, value);
}

export function writeU48(bytes: Uint8Array, offset: number, value: number): void {
  writeU16(bytes, offset, Math.floor(value / 2 ** 32));
  writeU32(bytes, offset + 2, value % 2 ** 32);
}

export function writeU128(bytes: Uint8Array, offset: number, value: bigint): void {
  for (let i = 0; i < 4; i++) {
    writeU32(bytes, offset + 4 * i, Number((value >> BigInt(96 - 32 * i)) & 0xffffffffn));
  }
}

function byteAt(bytes: Uint8Array, offset: number): number {
  return bytes[offset] ?? 0;
}
