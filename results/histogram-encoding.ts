import { inflateSync } from 'node:zlib';
import { encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';

/**
 * HdrHistogram V2 "compressed" form in base64, the same bytes on every machine.
 *
 * The library compresses with zlib, and zlib's output differs between versions and processors. The result's hash
 * covers this text, so the payload is put into stored (uncompressed) deflate blocks instead: a valid zlib stream
 * (RFC 1950, RFC 1951 section 3.2.4) that every HdrHistogram reader takes.
 */
export function encodeHistogram(histogram: Histogram): string {
  const compressed = Buffer.from(encodeIntoCompressedBase64(histogram), 'base64');
  const cookie = compressed.subarray(0, COOKIE_BYTES);
  const length = compressed.readUInt32BE(COOKIE_BYTES);
  const stream = compressed.subarray(HEADER_BYTES, HEADER_BYTES + length);
  const stored = zlibStored(inflateSync(stream));

  const header = Buffer.alloc(HEADER_BYTES);
  cookie.copy(header);
  header.writeUInt32BE(stored.length, COOKIE_BYTES);
  return Buffer.concat([header, stored]).toString('base64');
}

const COOKIE_BYTES = 4;
const HEADER_BYTES = 8;
const STORED_BLOCK_BYTES_MAX = 0xffff;
/** Deflate with a 32 KiB window, fastest level: what zlib itself writes before stored blocks. */
const ZLIB_HEADER = Buffer.from([0x78, 0x01]);

/** The payload as a zlib stream of stored blocks. */
export function zlibStored(payload: Uint8Array): Buffer {
  const parts: Uint8Array[] = [ZLIB_HEADER];
  let offset = 0;
  do {
    const block = payload.subarray(offset, offset + STORED_BLOCK_BYTES_MAX);
    offset += block.length;
    const head = Buffer.alloc(5);
    head.writeUInt8(offset === payload.length ? 1 : 0, 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(~block.length & 0xffff, 3);
    parts.push(head, block);
  } while (offset < payload.length);

  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(adler32(payload), 0);
  return Buffer.concat([...parts, checksum]);
}

const ADLER_MODULUS = 65521;

/** RFC 1950 section 9. */
function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % ADLER_MODULUS;
    high = (high + low) % ADLER_MODULUS;
  }
  return high * 0x10000 + low;
}
