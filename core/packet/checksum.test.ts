import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIpv6 } from '../address.js';
import { checksum, checksumIsGood, pseudoHeaderSum } from './checksum.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('published vectors', () => {
  test.each([
    ['RFC 1071, section 3: the sum ddf2', '00 01 f2 03 f4 f5 f6 f7', 0xffff - 0xddf2],
    ['nothing', '', 0xffff],
    ['an odd byte counts as followed by zero', '01', 0xfeff],
    ['the carry folds twice', 'ff ff ff ff 00 01', 0xfffe],
  ])('%s', (_name, text, expected) => {
    expect(checksum(hex(text))).toBe(expected);
  });

  // Captured IPv4 headers whose checksum field says what it should be.
  test.each([
    ['45 00 00 73 00 00 40 00 40 11 b8 61 c0 a8 00 01 c0 a8 00 c7', 0xb861],
    ['45 00 00 3c 1c 46 40 00 40 06 b1 e6 ac 10 0a 63 ac 10 0a 0c', 0xb1e6],
    ['45 00 00 3c 81 75 40 00 40 06 a5 32 0a 09 00 01 0a 09 00 02', 0xa532],
  ])('%s', (text, expected) => {
    const header = hex(text);
    expect(checksumIsGood(header)).toBe(true);
    header.fill(0, 10, 12);
    expect(checksum(header)).toBe(expected);
  });
});

describe('pseudo-headers', () => {
  test('the length of IPv6 is 32 bits wide', () => {
    const addresses = { source: parseIpv6('fd00::1'), destination: parseIpv6('fd00::2') };
    const sum = pseudoHeaderSum({ ...addresses, protocol: 58, segmentBytes: 0x12345 });
    expect(sum).toBe(0xfd00 + 1 + 0xfd00 + 2 + 58 + 1 + 0x2345);
  });

  test('IPv4', () => {
    const sum = pseudoHeaderSum({
      source: 0x0a090001,
      destination: 0xfffefffd,
      protocol: 6,
      segmentBytes: 40,
    });
    expect(sum).toBe(0x0a09 + 1 + 0xfffe + 0xfffd + 6 + 40);
  });
});

describe('properties', () => {
  /** Adds 16-bit words one by one with an end-around carry. */
  function oracle(bytes: Uint8Array): number {
    let sum = 0;
    for (let i = 0; i < bytes.length; i += 2) {
      sum += (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0);
      if (sum > 0xffff) sum -= 0xffff;
    }
    return 0xffff - sum;
  }

  test('the same as end-around carry', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(checksum(bytes)).toBe(oracle(bytes));
      }),
    );
  });

  test('what was summed is good, and any one flipped bit is found', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 60 }), fc.nat(), (bytes, bit) => {
        bytes.fill(0, 0, 2);
        const sum = checksum(bytes);
        bytes.set([sum >>> 8, sum & 255]);
        expect(checksumIsGood(bytes)).toBe(true);
        const flipped = bit % (bytes.length * 8);
        bytes[flipped >>> 3] = (bytes[flipped >>> 3] ?? 0) ^ (1 << (flipped & 7));
        expect(checksumIsGood(bytes)).toBe(false);
      }),
    );
  });
});
