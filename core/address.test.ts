import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv4Range, parseIpv6, parsePrefix } from './address.js';
import { SiriusError } from './errors.js';

describe('IPv4', () => {
  test.each([
    ['0.0.0.0', 0],
    ['10.0.0.1', 0x0a000001],
    ['192.168.255.254', 0xc0a8fffe],
    ['255.255.255.255', 0xffffffff],
  ])('%s', (text, address) => {
    expect(parseIpv4(text)).toBe(address);
    expect(formatIpv4(address)).toBe(text);
  });

  test.each([
    '',
    '10',
    '10.0.0',
    '10.0.0.0.0',
    '10.0.0.256',
    '10.0.0.01',
    '10.0.0.-1',
    '10.0.0.1/8',
    'a.b.c.d',
    '10. 0.0.1',
    '10.0.0.1e1',
  ])('"%s" is refused', (text) => {
    const error = errorOf(() => parseIpv4(text, { where: 'lab.yaml:3' }));
    expect(error.message).toBe(
      `lab.yaml:3: expected an IPv4 address such as 10.0.0.1, got ${JSON.stringify(text)}`,
    );
    expect(error.exitCode).toBe(2);
  });

  test('every number comes back', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffffff }), (n) => parseIpv4(formatIpv4(n)) === n));
    expect(() => formatIpv4(-1)).toThrow('not an IPv4 address');
  });
});

describe('ranges and prefixes', () => {
  test.each([
    ['10.0.0.0/20', 0x0a000000, 4096],
    ['0.0.0.0/0', 0, 2 ** 32],
    ['10.0.0.1/32', 0x0a000001, 1],
    ['10.0.0.1-10.0.0.9', 0x0a000001, 9],
    ['10.0.0.1 - 10.0.0.1', 0x0a000001, 1],
    ['0.0.0.0-255.255.255.255', 0, 2 ** 32],
    [' 10.0.0.1 ', 0x0a000001, 1],
  ])('%s', (text, first, count) => {
    expect(parseIpv4Range(text)).toEqual({ first, count });
  });

  test.each([
    ['10.0.0.9-10.0.0.1', 'Write the lower address first.'],
    ['10.0.0.1-', 'four numbers'],
    ['10.0.0.1-10.0.0.2-10.0.0.3', 'four numbers'],
    ['10.0.0.0/33', 'length from 0 to 32'],
    ['10.0.0.0/', 'length from 0 to 32'],
    ['10.0.0.0/08', 'length from 0 to 32'],
    ['10.0.0.0/8/8', 'length from 0 to 32'],
    ['10.0.0.5/20', 'Did you mean 10.0.0.0/20, or 10.0.0.5/32 for one address?'],
    ['10.0.0.5/0', 'Did you mean 0.0.0.0/0'],
    ['', 'four numbers'],
    ['everyone', 'four numbers'],
  ])('"%s" is refused', (text, hint) => {
    const error = errorOf(() => parseIpv4Range(text));
    expect(error.message).toContain(`got ${JSON.stringify(text)}`);
    expect(error.hint).toContain(hint);
  });

  test('every prefix comes back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffffffff }),
        fc.integer({ min: 0, max: 32 }),
        (bits, length) => {
          const prefix = {
            address: length === 0 ? 0 : Math.floor(bits / 2 ** (32 - length)) * 2 ** (32 - length),
            length,
          };
          expect(parsePrefix(`${formatIpv4(prefix.address)}/${length}`)).toEqual(prefix);
        },
      ),
    );
  });
});

describe('IPv6', () => {
  // The examples of RFC 5952, sections 1, 2 and 4, and of RFC 4291, section 2.2.
  test.each([
    ['2001:0db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::AAAA', '2001:db8::aaaa'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['ff01::101', 'ff01::101'],
    ['::13.1.68.3', '::d01:4403'],
    ['::FFFF:129.144.52.38', '::ffff:129.144.52.38'],
    ['fe80:0:0:0:1:2:3:4', 'fe80::1:2:3:4'],
  ])('%s is written %s', (text, canonical) => {
    expect(formatIpv6(parseIpv6(text))).toBe(canonical);
  });

  test('the bits are in their places', () => {
    expect(parseIpv6('2001:db8::2:1')).toBe(0x20010db8000000000000000000020001n);
    expect(parseIpv6('::1.2.3.4')).toBe(0x01020304n);
  });

  test.each([
    '',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    '1.2.3.4::',
    '::1.2.3',
    '::1.2.3.4:5',
    'fe80::1%eth0',
  ])('"%s" is refused', (text) => {
    expect(errorOf(() => parseIpv6(text)).message).toContain('expected an IPv6 address such as 2001:db8::1');
  });

  test('every number comes back, and node agrees', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 0, 1, 0xffff, 0xdb8), { minLength: 8, maxLength: 8 }),
        (groups) => {
          const address = groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
          const text = formatIpv6(address);
          expect(isIPv6(text)).toBe(true);
          expect(parseIpv6(text)).toBe(address);
          const canonicalHost = new URL(`http://[${groups.map((group) => group.toString(16)).join(':')}]/`)
            .hostname;
          // The URL standard writes mapped addresses in hexadecimal; all else is RFC 5952.
          if (!text.includes('.')) expect(canonicalHost).toBe(`[${text}]`);
        },
      ),
    );
  });
});

function errorOf(action: () => unknown): SiriusError {
  try {
    action();
  } catch (error) {
    if (error instanceof SiriusError) return error;
    throw error;
  }
  return expect.fail('expected an error');
}
