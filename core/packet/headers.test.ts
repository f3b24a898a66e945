import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emitEthernet, parseEthernet } from './ethernet.js';
import { emitIcmpEcho, parseIcmp } from './icmp.js';
import { emitIpv4, parseIpv4 } from './ipv4.js';
import { emitIpv6, parseIpv6 } from './ipv6.js';
import { emitNvgre, parseNvgre } from './nvgre.js';
import { emitTcp, parseTcp } from './tcp.js';
import { emitUdp, parseUdp } from './udp.js';
import { emitVlan, parseVlan } from './vlan.js';
import { emitVxlan, parseVxlan } from './vxlan.js';

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u24 = fc.integer({ min: 0, max: 0xffffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const u48 = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const u128 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });

/** One wire format: what may be emitted, and how it is written and read. */
interface Format {
  name: string;
  bytes: number;
  fields: fc.Arbitrary<object>;
  emit: (bytes: Uint8Array, offset: number, fields: never) => number;
  parse: (bytes: Uint8Array, offset: number) => object | undefined;
}

const FORMATS: Format[] = [
  {
    name: 'Ethernet',
    bytes: 14,
    fields: fc.record({ destination: u48, source: u48, etherType: u16 }),
    emit: emitEthernet,
    parse: parseEthernet,
  },
  {
    name: '802.1Q',
    bytes: 4,
    fields: fc.record({
      id: fc.integer({ min: 0, max: 4095 }),
      priority: fc.integer({ min: 0, max: 7 }),
      dropEligible: fc.boolean(),
      etherType: u16,
    }),
    emit: emitVlan,
    parse: parseVlan,
  },
  {
    name: 'IPv4',
    bytes: 20,
    fields: fc.record({
      source: u32,
      destination: u32,
      protocol: u8,
      totalBytes: fc.integer({ min: 20, max: 60 }),
      timeToLive: u8,
      trafficClass: u8,
      identification: u16,
      dontFragment: fc.boolean(),
    }),
    emit: emitIpv4,
    parse: parseIpv4,
  },
  {
    name: 'IPv6',
    bytes: 40,
    fields: fc.record({
      source: u128,
      destination: u128,
      nextHeader: u8,
      payloadBytes: fc.integer({ min: 0, max: 20 }),
      hopLimit: u8,
      trafficClass: u8,
      flowLabel: fc.integer({ min: 0, max: 0xfffff }),
    }),
    emit: emitIpv6,
    parse: parseIpv6,
  },
  {
    name: 'UDP',
    bytes: 8,
    fields: fc.record({
      sourcePort: u16,
      destinationPort: u16,
      segmentBytes: fc.integer({ min: 8, max: 60 }),
    }),
    emit: emitUdp,
    parse: parseUdp,
  },
  {
    name: 'TCP',
    bytes: 20,
    fields: fc.record({
      sourcePort: u16,
      destinationPort: u16,
      sequence: u32,
      acknowledgement: u32,
      flags: u8,
      window: u16,
    }),
    emit: emitTcp,
    parse: parseTcp,
  },
  {
    name: 'ICMP echo',
    bytes: 8,
    fields: fc.record({ type: u8, identifier: u16, sequence: u16 }),
    emit: emitIcmpEcho,
    parse: parseIcmp,
  },
  {
    name: 'VXLAN',
    bytes: 8,
    fields: fc.record({ vni: u24, reserved: u8 }),
    emit: emitVxlan,
    parse: parseVxlan,
  },
  {
    name: 'NVGRE',
    bytes: 8,
    fields: fc.record({ vsid: u24, flowId: u8 }),
    emit: emitNvgre,
    parse: parseNvgre,
  },
];

describe.each(FORMATS)('$name', ({ bytes: headerBytes, fields, emit, parse }) => {
  test('what is emitted is read back, whatever lay there', () => {
    fc.assert(
      fc.property(fields, fc.nat({ max: 9 }), u8, (written, offset, junk) => {
        const bytes = new Uint8Array(offset + 60).fill(junk);
        expect(emit(bytes, offset, written as never)).toBe(offset + headerBytes);
        const view = parse(bytes, offset);
        expect(view).toBeDefined();
        for (const [key, value] of Object.entries(written))
          expect([key, view?.[key as keyof typeof view]]).toEqual([key, value]);
        expect(bytes.subarray(0, offset).every((byte) => byte === junk)).toBe(true);
        expect(bytes.subarray(offset + headerBytes).every((byte) => byte === junk)).toBe(true);
      }),
    );
  });

  test('one byte too few is refused', () => {
    fc.assert(
      fc.property(fields, (written) => {
        const bytes = new Uint8Array(60);
        emit(bytes, 0, written as never);
        expect(parse(bytes.subarray(0, headerBytes - 1), 0)).toBeUndefined();
        expect(parse(bytes, 60 - headerBytes + 1)).toBeUndefined();
        expect(parse(new Uint8Array(0), 0)).toBeUndefined();
      }),
    );
  });
});

describe('lengths that contradict each other', () => {
  const written = (emit: (bytes: Uint8Array) => unknown, edits: Record<number, number> = {}) => {
    const bytes = new Uint8Array(60);
    emit(bytes);
    for (const [offset, value] of Object.entries(edits)) bytes[Number(offset)] = value;
    return bytes;
  };
  const ipv4 = (edits: Record<number, number>) =>
    written((bytes) => emitIpv4(bytes, 0, { source: 1, destination: 2, protocol: 6, totalBytes: 40 }), edits);
  const tcp = (edits: Record<number, number>) =>
    written(
      (bytes) =>
        emitTcp(bytes, 0, { sourcePort: 1, destinationPort: 2, sequence: 3, acknowledgement: 4, flags: 2 }),
      edits,
    );
  const udp = (edits: Record<number, number>) =>
    written((bytes) => emitUdp(bytes, 0, { sourcePort: 1, destinationPort: 2, segmentBytes: 8 }), edits);

  test.each([
    ['IPv4 of version 6', () => parseIpv4(ipv4({ 0: 0x65 }), 0)],
    ['IPv4 header of 16 bytes', () => parseIpv4(ipv4({ 0: 0x44 }), 0)],
    ['IPv4 header longer than the packet', () => parseIpv4(ipv4({ 0: 0x4b }), 0)],
    ['IPv4 packet longer than the frame', () => parseIpv4(ipv4({ 3: 61 }), 0)],
    ['IPv6 of version 4', () => parseIpv6(ipv4({}), 0)],
    [
      'IPv6 payload longer than the frame',
      () =>
        parseIpv6(
          written(() => 0, { 0: 0x60, 5: 21 }),
          0,
        ),
    ],
    ['TCP header of 16 bytes', () => parseTcp(tcp({ 12: 0x40 }), 0)],
    ['TCP header longer than the segment', () => parseTcp(tcp({ 12: 0x60 }), 0, 23)],
    ['TCP segment longer than the frame', () => parseTcp(tcp({}), 0, 61)],
    ['UDP length below its header', () => parseUdp(udp({ 5: 7 }), 0)],
    ['UDP length beyond the packet', () => parseUdp(udp({ 5: 21 }), 0, 20)],
    [
      'GRE without a key',
      () =>
        parseNvgre(
          written(() => 0, { 2: 0x65, 3: 0x58 }),
          0,
        ),
    ],
    [
      'GRE of another payload',
      () =>
        parseNvgre(
          written(() => 0, { 0: 0x20, 2: 0x08 }),
          0,
        ),
    ],
  ])('%s', (_name, parse) => {
    expect(parse()).toBeUndefined();
  });
});
