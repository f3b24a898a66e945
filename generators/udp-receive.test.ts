import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLatencyCounts } from '../core/latency-counts.js';
import { buildTunnelFrame } from '../core/packet/frame.js';
import { TcpFlag } from '../core/packet/tcp.js';
import { UDP_STAMP_MARK, UdpPhase } from './dataplane/generator-layout.js';
import {
  buildUdpBench,
  endsOf,
  LATENCY_NS,
  runUdpBench as run,
  type UdpRunOptions,
  udpTraffic,
} from './udp-fixture.js';

describe('what arrives', () => {
  test.each([
    { name: 'a constant way', options: {}, min: 1000, max: 1000 },
    { name: 'a rate of 10 Gbps', options: { rateGbps: 10 }, min: 1110, max: 1110 },
  ])('has the latency of $name', ({ options, min, max }) => {
    const bench = run(options);
    const latency = readLatencyCounts(bench.testbed.dataPlane, bench.generator.latency.counted);
    expect(latency).toMatchObject({ count: 1000, min, max });
  });

  const inner = { source: 0x0a00_0001, destination: 0xac10_0001 };
  const ports = { sourcePort: 1024, destinationPort: 80 };
  const frame = (payload: Uint8Array) =>
    buildTunnelFrame({
      ...{ outer: { source: 2000, destination: 100 }, encapsulation: 'vxlan' as const, vni: 10_000 },
      inner: { ...inner, payload, transport: { kind: 'udp', ...ports } },
    });

  test('of others is delivered, and unexpected, if its checksum is right, whatever its length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (payload, at) => {
        const bench = buildUdpBench({ size: '1500' });
        const whole = frame(payload);
        bench.inject(whole, 0);
        const damaged = whole.slice();
        const place = 50 + 34 + (at % (8 + payload.length));
        damaged[place] = (damaged[place] as number) ^ 1;
        bench.inject(damaged, 1);
        bench.runTo(5000);
        expect(bench.generator.read('warmup')).toMatchObject({ delivered: 1, unexpected: 1, sent: 0 });
        const reason =
          place - 84 === 4 || place - 84 === 5 ? expect.stringMatching(/checksum|malformed/) : 'checksum';
        expect(bench.testbed.drops()).toEqual([{ place: 'generator', owner: 'generator', reason, count: 1 }]);
      }),
      { numRuns: 80 },
    );
  });

  test('in TCP is dropped as unsupported', () => {
    const bench = buildUdpBench();
    const transport = { kind: 'tcp' as const, ...ports, sequence: 0, acknowledgement: 0, flags: TcpFlag.syn };
    bench.inject(
      buildTunnelFrame({
        ...{ outer: { source: 2000, destination: 100 }, encapsulation: 'vxlan', vni: 10_000 },
        inner: { ...inner, transport },
      }),
      0,
    );
    bench.runTo(5000);
    expect(bench.testbed.drops()).toMatchObject([{ reason: 'unsupported', count: 1 }]);
  });

  /** What a packet of the generator's says of itself, and what is changed of it. */
  const forge = (change: (stamp: DataView) => void, fields: { vni?: number; sourcePort?: number } = {}) => {
    const traffic = udpTraffic();
    const ends = endsOf(5, traffic, 2);
    const payload = new Uint8Array(22);
    const stamp = new DataView(payload.buffer);
    stamp.setBigInt64(0, 1000n, true);
    stamp.setUint32(8, 5, true);
    stamp.setUint16(16, UDP_STAMP_MARK + UdpPhase.counted, true);
    change(stamp);
    return buildTunnelFrame({
      ...{ outer: { source: 2000, destination: 100 }, encapsulation: 'vxlan' as const },
      vni: fields.vni ?? traffic.firstVni + ends.fnic,
      inner: {
        ...{ source: ends.client, destination: ends.server, payload },
        transport: {
          ...{ kind: 'udp', destinationPort: ends.serverPort },
          sourcePort: fields.sourcePort ?? ends.clientPort,
        },
      },
    });
  };
  test.each([
    { name: 'is its own when all agrees', bytes: forge(() => undefined), unexpected: 0 },
    { name: 'says another flow', bytes: forge((stamp) => stamp.setUint32(8, 6, true)), unexpected: 1 },
    {
      name: 'says a flow that is none',
      bytes: forge((stamp) => stamp.setUint32(8, 100, true)),
      unexpected: 1,
    },
    {
      name: 'says a phase that is none',
      bytes: forge((stamp) => stamp.setUint16(16, 1, true)),
      unexpected: 1,
    },
    {
      name: 'comes before it was due',
      bytes: forge((stamp) => stamp.setBigInt64(0, 10n ** 9n, true)),
      unexpected: 1,
    },
    {
      name: 'has a time below zero',
      bytes: forge((stamp) => stamp.setBigInt64(0, -1n, true)),
      unexpected: 1,
    },
    { name: 'comes from another fNIC', bytes: forge(() => undefined, { vni: 10_000 }), unexpected: 1 },
    { name: 'comes from another port', bytes: forge(() => undefined, { sourcePort: 9 }), unexpected: 1 },
  ])('$name: $unexpected unexpected', ({ bytes, unexpected }) => {
    const bench = buildUdpBench();
    bench.generator.startCounted({ startNs: 1e6, durationNs: 1, ratePps: 1 });
    bench.inject(bytes, 1);
    bench.runTo(5000);
    expect(bench.generator.read('counted')).toMatchObject({ delivered: 1, unexpected });
    const { count } = readLatencyCounts(bench.testbed.dataPlane, bench.generator.latency.counted);
    expect(count).toBe(1 - unexpected);
  });
});

describe('determinism', () => {
  const options = { traffic: { arrivals: 'poisson', bidirectional: true }, size: 'imix' } as const;
  const bytesOf = (more: UdpRunOptions) =>
    run({ ...options, ...more })
      .sent()
      .map(({ bytes }) => Buffer.from(bytes).toString('hex'));

  test('same seed, same bytes, in both builds; another seed, others', () => {
    const bytes = bytesOf({ seed: 1 });
    expect(bytesOf({ seed: 1, build: 'release' })).toEqual(bytes);
    expect(bytesOf({ seed: 2 })).not.toEqual(bytes);
  });

  test('does not depend on where the run is cut into slices', () => {
    const whole = run(options);
    const cut = buildUdpBench(options);
    cut.generator.startCounted({ startNs: 0, durationNs: 1e6, ratePps: 1e6 });
    for (let ns = 777; ns < 1e6 + 2 * LATENCY_NS; ns += 777) cut.runTo(ns);
    cut.runTo(1e6 + 2 * LATENCY_NS);
    expect(cut.generator.read('counted')).toEqual(whole.generator.read('counted'));
    expect(cut.sent()).toEqual(whole.sent());
  });
});
