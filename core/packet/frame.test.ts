import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIpv4, parseIpv6 } from '../address.js';
import { buildTunnelFrame, describeFrame, frameProblems, type TunnelFrame } from './frame.js';
import { IcmpType } from './icmp.js';
import { TcpFlag } from './tcp.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));

/** Frames of a Linux kernel's own stack, captured from a wire without checksum offload: their checksums are not ours. */
const ETHERNET = '1a910049a4e8 0294e4d2d0eb';
const IPV6_ENDS = 'fd000000000000000000000000000001 fd000000000000000000000000000002';
const CAPTURED = {
  tcpSyn: `${ETHERNET} 0800 4500003c817540004006a5320a0900010a090002 a30800501520d13500000000a002faf0b2dd0000
    020405b40402080a8e3e6e2d000000000103030a`,
  tcpData: `${ETHERNET} 0800 45000039817740004006a5330a0900010a090002 a30800501520d1364a35ab9d8018003fa7110000
    0101080a8e3e6e2d5011ab79 68656c6c6f`,
  tcpSynV6: `${ETHERNET} 86dd 600d7b0e00280640 ${IPV6_ENDS} b9aa00500e515a3800000000a002fd20bead0000
    020405a00402080a218f4e2b000000000103030a`,
  udp: `${ETHERNET} 0800 45000021d75a400040114f5d0a0900010a090002 a6030035000d01b5 68656c6c6f`,
  udpV6: `${ETHERNET} 86dd 600cf50b000e1140 ${IPV6_ENDS} b9790035000e082c 68656c6c6f21`,
  icmp: `${ETHERNET} 0800 45000025110c0000400155b80a0900020a090001 0000 24f1 1991 0001 7369726975732d3639`,
  icmpV6: `${ETHERNET} 86dd 6007814800113a40 ${IPV6_ENDS} 8000 aa9f 1992 0001 7369726975732d3639`,
};

describe('captured frames', () => {
  test.each(Object.entries(CAPTURED))('%s is good', (_name, text) => {
    expect(frameProblems(describeFrame(hex(text)))).toEqual([]);
  });

  test('every field of a SYN', () => {
    expect(describeFrame(hex(CAPTURED.tcpSyn))).toEqual({
      kind: 'ethernet',
      destination: 0x1a910049a4e8,
      source: 0x0294e4d2d0eb,
      vlans: [],
      etherType: 0x0800,
      frameBytes: 74,
      paddingBytes: 0,
      payload: {
        kind: 'ipv4',
        source: parseIpv4('10.9.0.1'),
        destination: parseIpv4('10.9.0.2'),
        protocol: 6,
        headerBytes: 20,
        totalBytes: 60,
        timeToLive: 64,
        trafficClass: 0,
        identification: 0x8175,
        dontFragment: true,
        isFragment: false,
        checksumIsGood: true,
        payload: {
          kind: 'tcp',
          sourcePort: 41736,
          destinationPort: 80,
          sequence: 0x1520d135,
          acknowledgement: 0,
          flags: TcpFlag.syn,
          window: 64240,
          headerBytes: 40,
          payloadBytes: 0,
          checksumIsGood: true,
        },
      },
    });
  });

  test('transports over IPv6, and an echo', () => {
    expect(describeFrame(hex(CAPTURED.udpV6))).toMatchObject({
      payload: {
        kind: 'ipv6',
        source: parseIpv6('fd00::1'),
        destination: parseIpv6('fd00::2'),
        flowLabel: 0xcf50b,
        hopLimit: 64,
        payload: { kind: 'udp', destinationPort: 53, payloadBytes: 6, payload: { kind: 'opaque', bytes: 6 } },
      },
    });
    expect(describeFrame(hex(CAPTURED.icmp))).toMatchObject({
      payload: {
        payload: { kind: 'icmp', type: IcmpType.echoReply, echo: { identifier: 0x1991, sequence: 1 } },
      },
    });
  });

  // The last byte of the IP packet is payload or options in each of these, so only a transport checksum can know.
  test.each(Object.entries(CAPTURED))('%s with its last byte changed is not', (name, text) => {
    const bytes = hex(text);
    bytes.set([(bytes.at(-1) ?? 0) ^ 0x10], bytes.length - 1);
    const transport = name.startsWith('tcp') ? 'tcp' : name.startsWith('udp') ? 'udp' : 'icmp';
    expect(frameProblems(describeFrame(bytes))).toEqual([`bad ${transport} checksum`]);
  });
});

const TUNNEL: TunnelFrame = {
  outer: { source: parseIpv4('192.0.2.1'), destination: parseIpv4('192.0.2.2') },
  encapsulation: 'vxlan',
  vni: 5001,
  inner: {
    source: parseIpv4('10.0.0.1'),
    destination: parseIpv4('10.1.0.1'),
    transport: {
      kind: 'tcp',
      sourcePort: 1024,
      destinationPort: 80,
      sequence: 7,
      acknowledgement: 0,
      flags: TcpFlag.syn,
    },
    frameBytes: 64,
  },
};

describe('buildTunnelFrame', () => {
  test('the smallest frame of the paper: 118 bytes on the wire with the check sequence', () => {
    const bytes = buildTunnelFrame(TUNNEL);
    expect(bytes.length + 4).toBe(118);
    const frame = describeFrame(bytes);
    expect(frameProblems(frame)).toEqual([]);
    expect(frame).toMatchObject({
      paddingBytes: 0,
      payload: {
        kind: 'ipv4',
        totalBytes: 100,
        payload: {
          kind: 'udp',
          destinationPort: 4789,
          segmentBytes: 80,
          checksum: 0,
          payload: {
            kind: 'vxlan',
            vni: 5001,
            reserved: 0,
            inner: {
              frameBytes: 64,
              paddingBytes: 10,
              payload: {
                source: 0x0a000001,
                totalBytes: 40,
                payload: { kind: 'tcp', sourcePort: 1024, flags: TcpFlag.syn },
              },
            },
          },
        },
      },
    });
  });

  test('NVGRE (RFC 7637) carries VSID and flow identifier in the key', () => {
    const bytes = buildTunnelFrame({ ...TUNNEL, encapsulation: 'nvgre', mark: 9 });
    expect(bytes.length).toBe(106);
    expect(describeFrame(bytes)).toMatchObject({
      payload: { protocol: 47, payload: { kind: 'nvgre', vsid: 5001, flowId: 9, inner: { frameBytes: 64 } } },
    });
  });

  test('tags stand before the outer type, outermost first', () => {
    const bytes = buildTunnelFrame({ ...TUNNEL, outer: { ...TUNNEL.outer, vlanIds: [100, 200] } });
    expect(bytes.length).toBe(122);
    expect(describeFrame(bytes)).toMatchObject({ vlans: [{ id: 100 }, { id: 200 }], etherType: 0x0800 });
    expect(frameProblems(describeFrame(bytes))).toEqual([]);
  });

  test('the mark of VXLAN is its last byte', () => {
    const plain = buildTunnelFrame(TUNNEL);
    const marked = buildTunnelFrame({ ...TUNNEL, mark: 3 });
    const differing = [...plain.keys()].filter((i) => plain[i] !== marked[i]);
    expect(differing).toEqual([49]);
  });

  test('a payload that is larger than the frame size decides', () => {
    const inner = { ...TUNNEL.inner, payload: new Uint8Array(100) };
    expect(buildTunnelFrame({ ...TUNNEL, inner }).length).toBe(50 + 54 + 100);
  });

  test('what IPv4 cannot hold is a mistake of the caller', () => {
    const inner = { ...TUNNEL.inner, frameBytes: 65_500 };
    expect(() => buildTunnelFrame({ ...TUNNEL, inner })).toThrow('does not fit IPv4');
  });

  const port = fc.integer({ min: 0, max: 65535 });
  const u32 = fc.integer({ min: 0, max: 0xffffffff });
  const transport: fc.Arbitrary<TunnelFrame['inner']['transport']> = fc.oneof(
    fc.record({
      kind: fc.constant('tcp' as const),
      sourcePort: port,
      destinationPort: port,
      sequence: u32,
      acknowledgement: u32,
      flags: fc.integer({ min: 0, max: 255 }),
      options: fc.constantFrom(new Uint8Array(0), hex('020405b4'), hex('0101080a8e3e6e2d5011ab79')),
    }),
    fc.record({ kind: fc.constant('udp' as const), sourcePort: port, destinationPort: port }),
    fc.record({ kind: fc.constant('icmp' as const), type: fc.constant(8), identifier: port, sequence: port }),
  );
  const addresses = fc.oneof(
    fc.record({ source: u32, destination: u32 }),
    fc.record({ source: fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), destination: fc.constant(1n) }),
  );
  const tunnel: fc.Arbitrary<TunnelFrame> = fc.record({
    outer: fc.record({
      source: u32,
      destination: u32,
      vlanIds: fc.constantFrom([], [1], [1, 2]),
      sourcePort: port,
    }),
    encapsulation: fc.constantFrom('vxlan' as const, 'nvgre' as const),
    vni: fc.integer({ min: 0, max: 0xffffff }),
    mark: fc.integer({ min: 0, max: 255 }),
    inner: fc
      .tuple(addresses, transport, fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 0, max: 200 }))
      .map(([ends, transport, payload, frameBytes]) => {
        const isEchoV6 = transport.kind === 'icmp' && typeof ends.source === 'bigint';
        return {
          ...ends,
          transport: isEchoV6 ? { ...transport, type: 128 } : transport,
          payload,
          frameBytes,
        };
      }),
  });

  test('whatever is built has no problem and says what went in', () => {
    fc.assert(
      fc.property(tunnel, (wanted) => {
        const frame = describeFrame(buildTunnelFrame(wanted));
        expect(frameProblems(frame)).toEqual([]);
        const { source, destination, transport } = wanted.inner;
        const { options: _options, ...fields } = { options: undefined, ...transport };
        const inner = { payload: { source, destination, payload: expectedTransport(fields) } };
        const outer =
          wanted.encapsulation === 'vxlan'
            ? { kind: 'udp', payload: { vni: wanted.vni, reserved: wanted.mark, inner } }
            : { kind: 'nvgre', vsid: wanted.vni, flowId: wanted.mark, inner };
        expect(frame).toMatchObject({
          vlans: wanted.outer.vlanIds?.map((id) => ({ id })),
          payload: { payload: outer },
        });
      }),
    );
  });

  function expectedTransport(fields: { kind: string; identifier?: number; sequence?: number }): object {
    const { kind, identifier, sequence } = fields;
    return kind === 'icmp' ? { kind, echo: { identifier, sequence } } : fields;
  }

  test('any bytes are described, and a cut frame is never good', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        expect(describeFrame(bytes).kind).toMatch(/^(ethernet|malformed)$/);
      }),
    );
    fc.assert(
      fc.property(tunnel, fc.nat(), (wanted, cut) => {
        const bytes = buildTunnelFrame(wanted);
        const problems = frameProblems(describeFrame(bytes.subarray(0, cut % bytes.length)));
        expect(problems.some((problem) => problem.startsWith('malformed'))).toBe(true);
      }),
    );
  });

  test('a flipped bit of an IPv4 tunnel never hides in a header that has a checksum', () => {
    const good = buildTunnelFrame(TUNNEL);
    // Outer IPv4, then the inner IPv4 and TCP headers.
    for (const [start, bytes] of [
      [14, 20],
      [64, 40],
    ] as const) {
      for (let bit = start * 8; bit < (start + bytes) * 8; bit++) {
        const flipped = good.slice();
        flipped[bit >>> 3] = (flipped[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
        expect([bit, frameProblems(describeFrame(flipped)).length > 0]).toEqual([bit, true]);
      }
    }
  });
});

describe('what is not decoded', () => {
  test.each([
    ['an unknown type', `${ETHERNET} 0806 0001`, { payload: { kind: 'opaque', bytes: 2 } }],
    [
      'a third tag',
      `${ETHERNET} 8100 0001 8100 0002 8100 0003 0800`,
      { vlans: [{ id: 1 }, { id: 2 }], payload: { kind: 'opaque' } },
    ],
    [
      'a cut tag',
      `${ETHERNET} 8100 00`,
      { vlans: [], payload: { kind: 'malformed', layer: 'vlan', bytes: 1 } },
    ],
    ['a cut frame', '1a910049', { kind: 'malformed', layer: 'ethernet', bytes: 4 }],
    [
      'another protocol',
      `${ETHERNET} 0800 45000016000040004032 0000 0a0900010a090002 abcd`,
      { payload: { payload: { kind: 'opaque', bytes: 2 } } },
    ],
    [
      'a fragment',
      `${ETHERNET} 0800 45000016000020004006 0000 0a0900010a090002 abcd`,
      { payload: { isFragment: true, payload: { kind: 'opaque' } } },
    ],
    ['padding', `${ETHERNET} 0800 45000014000040004032 0000 0a0900010a090002 0000`, { paddingBytes: 2 }],
  ])('%s', (_name, text, expected) => {
    expect(describeFrame(hex(text))).toMatchObject(expected);
  });

  test('VXLAN without the flag of the VNI is malformed (RFC 7348, 5)', () => {
    const bytes = buildTunnelFrame(TUNNEL);
    bytes[42] = 0;
    expect(frameProblems(describeFrame(bytes))).toEqual(['malformed vxlan']);
  });

  test('a tunnel within the tunnel is plain UDP', () => {
    const transport = { kind: 'udp', sourcePort: 1, destinationPort: 4789 } as const;
    const frame = describeFrame(buildTunnelFrame({ ...TUNNEL, inner: { ...TUNNEL.inner, transport } }));
    expect(frame).toMatchObject({
      payload: {
        payload: {
          payload: { inner: { payload: { payload: { kind: 'udp', payload: { kind: 'opaque' } } } } },
        },
      },
    });
  });

  test('a UDP checksum of zero is good over IPv4 only', () => {
    const zeroed = (text: string, offset: number) => hex(text).fill(0, offset, offset + 2);
    expect(frameProblems(describeFrame(zeroed(CAPTURED.udp, 40)))).toEqual([]);
    expect(frameProblems(describeFrame(zeroed(CAPTURED.udpV6, 60)))).toEqual(['bad udp checksum']);
  });
});
