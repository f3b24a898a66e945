import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLatencyCounts } from '../core/latency-counts.js';
import { buildTunnelFrame } from '../core/packet/frame.js';
import { TcpFlag } from '../core/packet/tcp.js';
import { loadProfile, type TrafficProfile } from './profile.js';
import { buildBench, SILENT } from './tcp-bench-fixture.js';

const SYN_ACK = TcpFlag.syn | TcpFlag.ack;
const FIN_ACK = TcpFlag.fin | TcpFlag.ack;

describe('a connection', () => {
  test.each([
    { encapsulation: 'vxlan', build: 'release' },
    { encapsulation: 'vxlan', build: 'debug' },
    { encapsulation: 'nvgre', build: 'release' },
  ] as const)('is six packets, one hop apart ($encapsulation, $build)', ({ encapsulation, build }) => {
    const bench = buildBench({ durationNs: 1e6, rateCps: 1000, profile: { encapsulation }, build });
    bench.runTo(1e6);
    expect(bench.generator.read()).toEqual({
      ...SILENT,
      ...{ attempted: 1, sent: 6, delivered: 6, established: 1, completed: 1 },
    });
    expect(bench.sent().map(({ sentNs, flags, isGood }) => [sentNs, flags, isGood])).toEqual([
      [0, TcpFlag.syn, true],
      [1000, SYN_ACK, true],
      [2000, TcpFlag.ack, true],
      [2000, FIN_ACK, true],
      [3000, FIN_ACK, true],
      [4000, TcpFlag.ack, true],
    ]);
    expect(bench.testbed.inFlight()).toBe(0);
  });

  test.each([
    { arrivals: 'constant', order: 'sequential' },
    { arrivals: 'poisson', order: 'random' },
  ] as const)('is completed 3000 times out of 3000 ($arrivals, $order)', ({ arrivals, order }) => {
    const { clients, servers } = loadProfile('cps');
    const bench = buildBench({
      ...{ durationNs: 3e6, rateCps: 1e6 },
      profile: { arrivals, clients: { ...clients, order }, servers: { ...servers, order } },
    });
    bench.runTo(4e6);
    const { attempted, ...rest } = bench.generator.read();
    expect(Math.abs(attempted - 3000)).toBeLessThan(arrivals === 'constant' ? 1 : 250);
    const packets = 6 * attempted;
    expect({ attempted, ...rest }).toEqual({
      ...SILENT,
      ...{ attempted, sent: packets, delivered: packets, established: attempted, completed: attempted },
    });
  });

  test.each([
    { tunables: [], latencyNs: 2000 },
    { tunables: ['tcp.serverTurnaround=7us'], latencyNs: 9000 },
  ])(
    'has a SYN to SYN-ACK latency of two hops and the turnaround: $latencyNs ns',
    ({ tunables, latencyNs }) => {
      const bench = buildBench({ durationNs: 1e6, rateCps: 100_000, tunables });
      bench.runTo(2e6);
      const { count, min, max } = readLatencyCounts(bench.testbed.dataPlane, bench.generator.synToSynAck);
      expect({ count, min, max }).toEqual({ count: 100, min: latencyNs, max: latencyNs });
    },
  );

  test('sends its FIN when its hold ends', () => {
    const bench = buildBench({ durationNs: 1e6, rateCps: 1000, tunables: ['tcp.hold=5ms'] });
    bench.runTo(10e6);
    const fins = bench.sent().filter(({ flags }) => flags === FIN_ACK);
    expect(fins.map(({ sentNs }) => sentNs)).toEqual([5_002_000, 5_003_000]);
    expect(bench.generator.read().completed).toBe(1);
  });
});

describe('a lost packet is sent again', () => {
  const tunables = ['tcp.synTimeout=1ms', 'tcp.finTimeout=1ms', 'tcp.connectionTimeout=100ms'];

  // The nth hop is on the wire from n to n + 1 us, when the cable is cut for an instant; the first SYN may also meet a cable that is cut already.
  test.each([
    {
      lost: 'SYN, not sent at all',
      atUs: -1,
      counted: { retransmittedSyn: 1, sent: 7, delivered: 6, repeated: 1 },
    },
    { lost: 'SYN', atUs: 0, counted: { retransmittedSyn: 1, sent: 7, delivered: 6, repeated: 1 } },
    { lost: 'SYN-ACK', atUs: 1, counted: { retransmittedSyn: 1, sent: 8, delivered: 7, repeated: 2 } },
    { lost: 'ACK and FIN', atUs: 2, counted: { retransmittedFin: 1, sent: 7, delivered: 5, repeated: 1 } },
    { lost: 'FIN-ACK', atUs: 3, counted: { retransmittedFin: 1, sent: 8, delivered: 7, repeated: 2 } },
    { lost: 'the last ACK', atUs: 4, counted: { retransmittedFin: 1, sent: 8, delivered: 7, repeated: 2 } },
  ])('$lost', ({ atUs, counted }) => {
    const bench = buildBench({ durationNs: 1e6, rateCps: 1000, tunables });
    if (atUs < 0) bench.setDown(true);
    bench.runTo(Math.max(atUs, 0) * 1000 + 500);
    bench.setDown(true);
    bench.setDown(false);
    bench.runTo(50e6);
    expect(bench.generator.read()).toEqual({
      ...SILENT,
      ...{ attempted: 1, established: 1, completed: 1, stalled: 1, recovered: 1 },
      ...counted,
    });
    const lost = counted.sent - counted.delivered;
    expect(bench.testbed.drops()).toEqual([
      { place: 'cable', owner: 'generator', reason: 'linkDown', count: lost },
    ]);
    expect(bench.testbed.inFlight()).toBe(0);
  });

  test('a SYN after 1, 2, 4 and 8 ms more (RFC 6298, 5.5), and its connection is broken 16 ms later', () => {
    const bench = buildBench({ durationNs: 1e6, rateCps: 1000, tunables, isSilent: true });
    bench.runTo(31e6);
    expect(bench.generator.read()).toMatchObject({ open: 1, brokenTimeout: 0 });
    bench.runTo(31e6 + 1);
    expect(bench.sent().map(({ sentNs }) => sentNs / 1e6)).toEqual([0, 1, 3, 7, 15]);
    expect(bench.generator.read()).toEqual({
      ...SILENT,
      ...{ attempted: 1, sent: 5, retransmittedSyn: 4, brokenTimeout: 1, stalled: 1 },
    });
  });

  test('a FIN likewise, by the client, once the hold is over', () => {
    const bench = buildBench({ durationNs: 1e6, rateCps: 1000, tunables: [...tunables, 'tcp.hold=10ms'] });
    bench.runTo(5e6);
    bench.setDown(true);
    bench.runTo(15e6);
    bench.setDown(false);
    bench.runTo(50e6);
    const fins = bench.sent().filter(({ flags }) => flags === FIN_ACK);
    // Due at 10.002, then 1, 2 and 4 ms later; the cable is up again at 15 ms.
    expect(fins.map(({ sentNs }) => sentNs)).toEqual([17_002_000, 17_003_000]);
    expect(bench.generator.read()).toMatchObject({ completed: 1, retransmittedFin: 3, open: 0 });
  });

  test('latency counts from the SYN that was intended, not from the one that arrived', () => {
    const bench = buildBench({ durationNs: 1e6, rateCps: 1000, tunables });
    bench.setDown(true);
    bench.runTo(5e6);
    bench.setDown(false);
    bench.runTo(50e6);
    const { count, min } = readLatencyCounts(bench.testbed.dataPlane, bench.generator.synToSynAck);
    expect({ count, min }).toEqual({ count: 1, min: 7_002_000 });
  });
});

describe('a connection is broken', () => {
  test.each([
    { tunables: ['tcp.maxRetransmissions=0'], sentPerConnection: 1, stalled: 0 },
    { tunables: ['tcp.maxRetransmissions=2'], sentPerConnection: 3, stalled: 100 },
    // SYNs are due at 0, 1, 3, 7 and 15 ms, as long as the time-out has not come.
    { tunables: ['tcp.connectionTimeout=1ms'], sentPerConnection: 1, stalled: 0 },
    { tunables: ['tcp.connectionTimeout=3ms'], sentPerConnection: 2, stalled: 100 },
    { tunables: ['tcp.connectionTimeout=3001us'], sentPerConnection: 3, stalled: 100 },
    { tunables: ['tcp.connectionTimeout=7ms'], sentPerConnection: 3, stalled: 100 },
    { tunables: ['tcp.connectionTimeout=8ms'], sentPerConnection: 4, stalled: 100 },
  ])('by time-out, with nothing left open: %j', ({ tunables, sentPerConnection, stalled }) => {
    const bench = buildBench({
      ...{ durationNs: 10e6, rateCps: 10_000, isSilent: true },
      tunables: ['tcp.synTimeout=1ms', ...tunables],
    });
    bench.runTo(1e9);
    expect(bench.generator.read()).toEqual({
      ...SILENT,
      ...{ attempted: 100, brokenTimeout: 100, stalled },
      ...{ sent: 100 * sentPerConnection, retransmittedSyn: 100 * (sentPerConnection - 1) },
    });
  });

  /** From the server of the first connection, whose initial sequence number is 0. */
  function reset({ clients, servers, firstVni }: TrafficProfile, clientPort: number): Uint8Array {
    return buildTunnelFrame({
      outer: { source: 300, destination: 100 },
      encapsulation: 'vxlan',
      vni: firstVni,
      inner: {
        ...{ source: servers.firstAddress, destination: clients.firstAddress, frameBytes: 64 },
        transport: {
          ...{ kind: 'tcp', sourcePort: servers.firstPort, destinationPort: clientPort },
          ...{ sequence: 0, acknowledgement: 1, flags: TcpFlag.rst | TcpFlag.ack },
        },
      },
    });
  }

  test.each([
    { name: 'by a reset that belongs to it', portOffset: 0, counted: { brokenReset: 1, open: 0 } },
    { name: 'but not by one of another port', portOffset: 1, counted: { unexpected: 1, open: 1 } },
  ])('$name', ({ portOffset, counted }) => {
    const bench = buildBench({ durationNs: 1e6, rateCps: 1000, tunables: ['tcp.hold=10ms'] });
    bench.runTo(1e6);
    bench.inject(reset(bench.profile, bench.profile.clients.firstPort + portOffset), 1e6);
    bench.runTo(2e6);
    expect(bench.generator.read()).toEqual({
      ...SILENT,
      ...{ attempted: 1, established: 1, sent: 3, delivered: 4 },
      ...counted,
    });
  });

  test('and its hold with it: the next connection of its record holds for its own time', () => {
    const bench = buildBench({ durationNs: 2e6, rateCps: 1000, tunables: ['tcp.hold=10ms'] });
    bench.runTo(0.5e6);
    bench.inject(reset(bench.profile, bench.profile.clients.firstPort), 0.5e6);
    bench.runTo(10.5e6);
    expect(bench.generator.read()).toMatchObject({ attempted: 2, brokenReset: 1, sent: 6, open: 1 });
    bench.runTo(12e6);
    expect(bench.generator.read()).toMatchObject({ completed: 1, sent: 9, unexpected: 0 });
  });
});

describe('open loop', () => {
  test.each(['constant', 'poisson'] as const)(
    '%s arrivals are the same whether anything arrives or not',
    (arrivals) => {
      const options = { durationNs: 2e6, rateCps: 500_000, profile: { arrivals } };
      const [up, down] = [buildBench(options), buildBench(options)];
      down.setDown(true);
      for (const untilNs of [0.5e6, 1e6, 2e6, 3e6]) {
        up.runTo(untilNs);
        down.runTo(untilNs);
        expect(down.generator.read().attempted).toBe(up.generator.read().attempted);
      }
      expect(down.generator.read()).toMatchObject({ established: 0, unsent: 0 });
      expect(up.generator.read().completed).toBe(up.generator.read().attempted);
    },
  );

  test.each([3, 7, 999_999, 2_999_999])(
    'the nth of %i constant arrivals per second is due at n / rate',
    (rateCps) => {
      const bench = buildBench({ durationNs: 1e9, rateCps, isSilent: true, packetCount: 1000 });
      bench.runTo(1e9);
      for (const [n, { sentNs }] of bench.sent().slice(0, 1000).entries())
        expect(Math.abs(sentNs - (n / rateCps) * 1e9)).toBeLessThanOrEqual(0.002);
    },
    20_000,
  );

  test('what finds no free packet is counted as an unsent packet, and its connection as attempted', () => {
    const bench = buildBench({ durationNs: 8000, rateCps: 10e6, isSilent: true, packetCount: 4 });
    bench.runTo(8000);
    const { attempted, sent, unsent, unsentPackets } = bench.generator.read();
    expect({ attempted, unsent, packets: sent + unsentPackets }).toEqual({
      attempted: 80,
      unsent: 0,
      packets: 80,
    });
    expect(unsentPackets).toBeGreaterThan(0);
  });
});

describe('the address plan', () => {
  const range = fc.record({
    firstAddress: fc.constantFrom(0x0a00_0000, 0xfffe_ff00),
    addressCount: fc.integer({ min: 1, max: 4 }),
    firstPort: fc.constantFrom(1, 1024, 65_500),
    portCount: fc.integer({ min: 1, max: 6 }),
    order: fc.constantFrom('sequential' as const, 'random' as const),
  });

  test('meets every client endpoint of every fNIC once before it meets one again, within the ranges', () => {
    fc.assert(
      fc.property(
        range,
        range,
        fc.integer({ min: 1, max: 4 }),
        fc.nat(1000),
        (perFnic, servers, fnicCount, seed) => {
          const clients = { ...perFnic, addressCount: perFnic.addressCount * fnicCount };
          const cycle = clients.addressCount * clients.portCount;
          const bench = buildBench({
            ...{ durationNs: 2 * cycle * 1000, rateCps: 1e6, isSilent: true, packetCount: 256, seed },
            profile: { clients, servers: { ...servers, firstAddress: 0xac10_0000 }, fnicCount },
          });
          bench.runTo(2 * cycle * 1000);
          const syns = bench.sent();
          expect(syns).toHaveLength(2 * cycle);
          const endpoint = (syn: (typeof syns)[number]) => `${syn.source}:${syn.sourcePort}`;
          expect(new Set(syns.slice(0, cycle).map(endpoint)).size).toBe(cycle);
          expect(syns.slice(cycle).map(endpoint)).toEqual(syns.slice(0, cycle).map(endpoint));
          for (const syn of syns) {
            const address = syn.source - clients.firstAddress;
            expect(Math.floor(address / perFnic.addressCount)).toBe(syn.vni - bench.profile.firstVni);
            expect(syn.sourcePort - clients.firstPort).toBeLessThan(clients.portCount);
            expect(syn.destination - 0xac10_0000).toBeLessThan(servers.addressCount);
            expect(syn.destinationPort - servers.firstPort).toBeLessThan(servers.portCount);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('random orders differ by seed, sequential ones do not', () => {
    const sourcesOf = (seed: number, order: 'sequential' | 'random') => {
      const { clients } = loadProfile('cps');
      const profile = { clients: { ...clients, order } };
      const bench = buildBench({ durationNs: 1e5, rateCps: 1e6, isSilent: true, seed, profile });
      bench.runTo(1e5);
      return bench.sent().map(({ source, sourcePort }) => [source, sourcePort]);
    };
    expect(sourcesOf(1, 'random')).not.toEqual(sourcesOf(2, 'random'));
    expect(sourcesOf(1, 'sequential')).toEqual(sourcesOf(2, 'sequential'));
  });
});
