import { describe, expect, test } from 'vitest';
import { SiriusError } from '../core/errors.js';
import { IMIX_GENOME, meanInnerFrameBytes, PACKET_SIZES, parsePacketSize } from './packet-genome.js';
import { udpTraffic } from './udp-fixture.js';
import { checkUdpTraffic, lineRatePps, meanWireBytes, type UdpTraffic } from './udp-traffic.js';

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof SiriusError) return `${error.exitCode} ${error.message} ${error.hint}`;
    throw error;
  }
  return 'accepted';
}

describe('parsePacketSize', () => {
  test.each([
    ['64', 64],
    ['65B', 65],
    [' 1500 ', 1500],
    ['1518', 1518],
  ])('%s', (text, bytes) => {
    expect(parsePacketSize(text)).toEqual({ name: String(bytes), innerFrameBytes: [bytes] });
  });

  test('imix is 7 : 4 : 1 of 64, 570 and 1518 bytes', () => {
    const genome = parsePacketSize('IMIX');
    const count = (bytes: number) => genome.innerFrameBytes.filter((each) => each === bytes).length;
    expect([count(64), count(570), count(1518), genome.innerFrameBytes.length]).toEqual([7, 4, 1, 12]);
    expect(IMIX_GENOME).toHaveLength(12);
    expect(meanInnerFrameBytes(genome)).toBeCloseTo(353.83, 2);
  });

  test('every size of the ladder', () => {
    expect(PACKET_SIZES.map((size) => parsePacketSize(size).name)).toEqual(PACKET_SIZES);
  });

  test.each(['', '63', '1519', '0', '-64', '64.5', '1k', 'imax', '64,128'])('refuses "%s"', (text) => {
    const message = messageOf(() => parsePacketSize(text));
    expect(message).toContain('2 --packet-size');
    expect(message).toContain('64, 128, 256, 512, 1024, 1500, imix');
  });
});

describe('line rate', () => {
  // The paper: 118 B with FCS, and 20 B of preamble and gap, make roughly 90M packets/s on 100 Gbps (section 6.2, footnote 6).
  test.each([
    { size: '64', encapsulation: 'vxlan', wireBytes: 138, mpps: 181.159 },
    { size: '64', encapsulation: 'nvgre', wireBytes: 130, mpps: 192.308 },
    { size: '1500', encapsulation: 'vxlan', wireBytes: 1574, mpps: 15.883 },
    { size: 'imix', encapsulation: 'vxlan', wireBytes: 427.83, mpps: 58.434 },
  ] as const)(
    '$size B in $encapsulation: $mpps Mpps on two ports',
    ({ size, encapsulation, wireBytes, mpps }) => {
      const traffic = { genome: parsePacketSize(size), encapsulation, flowCount: 1000 };
      expect(meanWireBytes(traffic)).toBeCloseTo(wireBytes, 2);
      expect(lineRatePps({ ...traffic, portCount: 2, linkRateGbps: 100 }) / 1e6).toBeCloseTo(mpps, 3);
    },
  );

  test.each([
    [1, 90.58],
    [2, 181.16],
    [3, 135.87],
    [4, 181.16],
  ])('%i flows on two ports: %f Mpps', (flowCount, mpps) => {
    const traffic = { genome: parsePacketSize('64'), encapsulation: 'vxlan', flowCount } as const;
    expect(lineRatePps({ ...traffic, portCount: 2, linkRateGbps: 100 }) / 1e6).toBeCloseTo(mpps, 2);
  });
});

describe('checkUdpTraffic', () => {
  const check = (traffic: Partial<UdpTraffic>, portCount = 2) =>
    messageOf(() => checkUdpTraffic(udpTraffic(traffic), { portCount }));
  const few = (addressCount: number, portCount: number) => ({
    ...{ addressCount, firstPort: 1, portCount, order: 'sequential' as const },
  });

  test.each([1, 1000, 64_000_000, 67_108_864])(
    'the addresses of the profile are enough for %i flows',
    (flowCount) => {
      expect(check({ flowCount })).toBe('accepted');
    },
  );

  test.each([0, -1, 1.5, Number.NaN, 67_108_865])('refuses %d flows', (flowCount) => {
    expect(check({ flowCount })).toContain('2 --flows: expected 1 to 67,108,864 flows');
  });

  // 2 fNICs of 2 clients x 3 ports x 5 servers x 1 port: 30 pairs each.
  const tight = {
    fnicCount: 2,
    clients: { firstAddress: 0x0a00_0000, ...few(4, 3) },
    servers: { firstAddress: 0xac10_0000, ...few(5, 1) },
  };
  test('takes as many flows as there are pairs of endpoints, and not one more', () => {
    expect(check({ ...tight, flowCount: 60 })).toBe('accepted');
    expect(check({ ...tight, flowCount: 61 })).toContain('expected at most 60 flows');
  });

  test('refuses servers that are clients as well', () => {
    const servers = { firstAddress: 0x0a00_0003, ...few(5, 1) };
    expect(check({ ...tight, servers, flowCount: 1 })).toContain('servers.addresses');
  });
});
