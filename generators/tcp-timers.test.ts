import { describe, expect, test } from 'vitest';
import { readLatencyCounts } from '../core/latency-counts.js';
import { buildTunnelFrame } from '../core/packet/frame.js';
import { TcpFlag } from '../core/packet/tcp.js';
import type { TrafficProfile } from './profile.js';
import { buildBench } from './tcp-bench-fixture.js';

// Timers as coarse as those of Linux's timer wheel, and what is noted of connections that had to wait or broke.

const COARSE = [
  ...['tcp.synTimeout=20ms', 'tcp.finTimeout=20ms', 'tcp.connectionTimeout=10s'],
  ...['tcp.maxRetransmissions=4', 'tcp.timerTick=1ms'],
];

/** What is late of each step's wait, of every connection: [20 ms, 40 ms, 80 ms, 160 ms]. */
function latenessNs(tunables: string[]): number[][] {
  const bench = buildBench({ durationNs: 5e6, rateCps: 100_000, isSilent: true, tunables });
  bench.runTo(5e9);
  const byClient = new Map<string, number[]>();
  for (const { source, sourcePort, sentNs } of bench.sent()) {
    const key = `${source}:${sourcePort}`;
    byClient.set(key, [...(byClient.get(key) ?? []), sentNs]);
  }
  return [...byClient.values()].map((times) =>
    times.slice(1).map((ns, step) => ns - (times[step] as number) - 20e6 * 2 ** step),
  );
}

describe('coarse timers', () => {
  test('go off late by up to a tick, and by up to eight from 63 ticks on', () => {
    const late = latenessNs(COARSE);
    expect(late).toHaveLength(500);
    for (const [ofStep, limitNs] of [1e6, 1e6, 8e6, 8e6].entries()) {
      const values = late.map((steps) => steps[ofStep] as number);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...values)).toBeLessThan(limitNs);
      // Few hosts here, but spread over all of the tick.
      expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(limitNs / 2);
    }
  });

  test('are late by the same share of their granularity on one host', () => {
    for (const [first = 0, second, third = 0, fourth] of latenessNs(COARSE)) {
      expect(second).toBeCloseTo(first, 2);
      expect(fourth).toBeCloseTo(third, 2);
      expect(Math.abs(third - 8 * first)).toBeLessThan(0.02);
    }
  });

  test('are exact without a tick', () => {
    for (const steps of latenessNs([...COARSE, 'tcp.timerTick=0s'])) expect(steps).toEqual([0, 0, 0, 0]);
  });

  test('go off in order of time, however far apart and whichever are cancelled meanwhile', () => {
    const options = {
      durationNs: 400e6,
      rateCps: 20_000,
      tunables: [...COARSE, 'tcp.hold=3ms'],
      packetCount: 65_536,
    };
    const bench = buildBench(options);
    for (let ns = 0; ns < 500e6; ns += 7e6) {
      bench.setDown((ns / 7e6) % 3 === 1);
      bench.runTo(ns);
    }
    bench.setDown(false);
    bench.runTo(5e9);
    const { attempted, completed, brokenTimeout, retransmittedSyn, retransmittedFin } =
      bench.generator.read();
    expect(completed + brokenTimeout).toBe(attempted);
    expect(completed).toBeGreaterThan(attempted / 2);
    expect(Math.min(retransmittedSyn, retransmittedFin)).toBeGreaterThan(1000);
    const times = bench.sent().map(({ sentNs }) => sentNs);
    expect(times).toEqual([...times].sort((one, other) => one - other));
  });
});

describe('how long a connection stalled', () => {
  // The cable is down from 1 to `untilMs`; of the only connection, the packet that is lost is sent at 1 ms, 20 and 40 ms later, and answered 2 us after that.
  test.each([
    { tick: '0s', untilMs: 10, stallMs: 20.002 },
    { tick: '0s', untilMs: 30, stallMs: 60.002 },
    { tick: '1ms', untilMs: 10, stallMs: 20.002 },
    { tick: '1ms', untilMs: 30, stallMs: 60.002 },
  ])(
    'counts from its first sending, with ticks of $tick and until $untilMs ms',
    ({ tick, untilMs, stallMs }) => {
      const tunables = [...COARSE, `tcp.timerTick=${tick}`, 'tcp.hold=998us'];
      const bench = buildBench({ durationNs: 1e6, rateCps: 1000, tunables });
      bench.runTo(0.9e6);
      bench.setDown(true);
      bench.runTo(untilMs * 1e6);
      bench.setDown(false);
      bench.runTo(1e9);
      const fins = bench.sent().filter(({ flags }) => flags === 17);
      const { count, min, max } = readLatencyCounts(bench.testbed.dataPlane, bench.generator.stall);
      expect(count).toBe(1);
      expect(min).toBe(max);
      // The FIN was due at 1 ms, and is on the wire at last when its host's clock says so.
      expect(min).toBe(Math.floor((fins[0]?.sentNs ?? 0) - 1e6 + 2000));
      expect(min / 1e6 - stallMs).toBeGreaterThanOrEqual(0);
      expect(min / 1e6 - stallMs).toBeLessThan(tick === '0s' ? 0.001 : 2);
    },
  );

  test('of a server counts from when its FIN-ACK left, after its turnaround', () => {
    const tunables = [...COARSE, 'tcp.timerTick=0s', 'tcp.serverTurnaround=5ms', 'tcp.clientTurnaround=1ms'];
    const bench = buildBench({ durationNs: 1e6, rateCps: 1000, tunables });
    // SYN 0, SYN-ACK 5.001, FIN 5.002, FIN-ACK 10.003, and its ACK would leave at 11.004.
    bench.runTo(11e6);
    bench.setDown(true);
    bench.runTo(12e6);
    bench.setDown(false);
    bench.runTo(1e9);
    const { count, min } = readLatencyCounts(bench.testbed.dataPlane, bench.generator.stall);
    // Sent again 20 ms and a turnaround after that, answered 1.002 ms later.
    expect({ count, min }).toEqual({ count: 1, min: 26_002_000 });
  });
});

describe('a time-out that comes within a wait ends it', () => {
  const tunables = ['tcp.synTimeout=1ms', 'tcp.finTimeout=1ms', 'tcp.connectionTimeout=5ms'];

  test('of a SYN, counted from its first sending', () => {
    const bench = buildBench({ durationNs: 1e6, rateCps: 1000, isSilent: true, tunables });
    bench.runTo(1e9);
    expect(bench.sent().map(({ sentNs }) => sentNs)).toEqual([0, 1e6, 3e6]);
    expect(bench.generator.broken().map(({ atNs }) => atNs)).toEqual([5e6]);
  });

  test("of a client's FIN, however long the hold was", () => {
    const bench = buildBench({ durationNs: 1e6, rateCps: 1000, tunables: [...tunables, 'tcp.hold=998us'] });
    bench.runTo(0.9e6);
    bench.setDown(true);
    bench.runTo(1e9);
    expect(bench.generator.broken().map(({ atNs }) => atNs)).toEqual([6e6]);
    expect(bench.generator.brokenUnanswered()).toBe(0);
    expect(bench.generator.read()).toMatchObject({ retransmittedFin: 2, brokenTimeout: 1 });
  });

  // FIN-ACKs leave at 3.003, 6.003 and 11.003 ms, each a turnaround of 1 ms after its timer; the third only if that is before the time-out.
  test.each([
    { timeout: '10ms', retransmittedFin: 2, atNs: 13_003_000 },
    { timeout: '7500us', retransmittedFin: 1, atNs: 10_503_000 },
  ])("of a server's FIN-ACK, which leaves after a turnaround: $timeout", (given) => {
    const times = ['tcp.synTimeout=10ms', 'tcp.finTimeout=2ms', `tcp.connectionTimeout=${given.timeout}`];
    const waits = ['tcp.serverTurnaround=1ms', 'tcp.hold=1ms', 'tcp.clientTurnaround=500us'];
    const bench = buildBench({ durationNs: 1e6, rateCps: 1000, tunables: [...times, ...waits] });
    bench.runTo(3.1e6);
    bench.setDown(true);
    bench.runTo(1e9);
    expect(bench.generator.broken().map(({ atNs }) => atNs)).toEqual([given.atNs]);
    expect(bench.generator.read()).toMatchObject({ retransmittedFin: given.retransmittedFin });
  });

  test('and what is answered within it stalled since the first sending', () => {
    const bench = buildBench({ durationNs: 1e6, rateCps: 1000, tunables: [...tunables, 'tcp.hold=998us'] });
    bench.runTo(0.9e6);
    bench.setDown(true);
    bench.runTo(3.5e6);
    bench.setDown(false);
    bench.runTo(1e9);
    // The FIN was due at 1 ms, and leaves at last at 4 ms.
    const { count, min } = readLatencyCounts(bench.testbed.dataPlane, bench.generator.stall);
    expect({ count, min }).toEqual({ count: 1, min: 3_002_000 });
  });
});

describe('which connections broke', () => {
  const tunables = ['tcp.synTimeout=1ms', 'tcp.maxRetransmissions=0', 'clients.addresses=10.0.0.0/28'];

  test('with when, who and how far they had come', () => {
    const bench = buildBench({ durationNs: 2e6, rateCps: 1000, isSilent: true, tunables });
    bench.runTo(1e9);
    const { clients, servers } = bench.profile;
    const common = {
      ...{ clientPort: clients.firstPort, serverPort: servers.firstPort, wasReset: false },
      ...{ clientState: 'synSent', serverState: 'listening' },
    };
    expect(bench.generator.broken()).toEqual([
      {
        ...common,
        atNs: 1e6,
        startedNs: 0,
        fnic: 0,
        clientAddress: clients.firstAddress,
        serverAddress: servers.firstAddress,
      },
      {
        ...common,
        atNs: 2e6,
        startedNs: 1e6,
        fnic: 1,
        clientAddress: clients.firstAddress + 1,
        serverAddress: servers.firstAddress + 1,
      },
    ]);
  });

  test('the first thousand one by one, all of them by fNIC', () => {
    const bench = buildBench({
      durationNs: 10e6,
      rateCps: 160_000,
      isSilent: true,
      tunables,
      packetCount: 8192,
    });
    bench.runTo(1e9);
    expect(bench.generator.broken()).toHaveLength(1000);
    expect(bench.generator.brokenByFnic()).toEqual(Array.from({ length: 16 }, () => 100));
    expect(bench.generator.brokenUnanswered()).toBe(1600);
  });

  test('none', () => {
    const bench = buildBench({ durationNs: 1e6, rateCps: 1000 });
    bench.runTo(1e9);
    expect(bench.generator.broken()).toEqual([]);
    expect(bench.generator.brokenByFnic()).toEqual(Array.from({ length: 16 }, () => 0));
  });
});

describe('what the network does to the order of packets', () => {
  /** A packet as the first connection's client or server sends it; its initial sequence number is 0. */
  function frame(
    { clients, servers, firstVni }: TrafficProfile,
    { fromClient, flags, sequence }: { fromClient: boolean; flags: number; sequence: number },
  ): Uint8Array {
    const client = { address: clients.firstAddress, port: clients.firstPort };
    const server = { address: servers.firstAddress, port: servers.firstPort };
    const [source, destination] = fromClient ? [client, server] : [server, client];
    return buildTunnelFrame({
      outer: { source: 300, destination: 100 },
      encapsulation: 'vxlan',
      vni: firstVni,
      inner: {
        ...{ source: source.address, destination: destination.address, frameBytes: 64 },
        transport: {
          ...{ kind: 'tcp', sourcePort: source.port, destinationPort: destination.port },
          ...{ sequence: fromClient ? sequence : 0, acknowledgement: 1, flags },
        },
      },
    });
  }
  const { syn, ack, fin } = TcpFlag;

  // Packets of the connection leave at 0, 1, 2 (its ACK), 5002 (its FIN), 5003 and 5004 us, and take 1 us.
  test.each([
    { what: 'nothing', inject: [], counted: {} },
    {
      what: 'a second SYN',
      inject: [{ fromClient: true, flags: syn, sequence: 0, atUs: 0.5 }],
      counted: { duplicated: 1 },
    },
    {
      what: 'a second SYN-ACK',
      inject: [{ fromClient: false, flags: syn | ack, sequence: 0, atUs: 100 }],
      counted: { duplicated: 1 },
    },
    {
      what: 'a second and a third ACK',
      inject: [100, 200].map((atUs) => ({ fromClient: true, flags: ack, sequence: 1, atUs })),
      counted: { duplicated: 2 },
    },
    {
      what: 'the FIN before the ACK',
      inject: [{ fromClient: true, flags: fin | ack, sequence: 1, atUs: 1.5 }],
      // Then the ACK is the one that comes late, and the FIN that was sent is the second one.
      counted: { reordered: 1, duplicated: 1 },
    },
  ])('$what', ({ inject, counted }) => {
    const bench = buildBench({ durationNs: 1e6, rateCps: 1000, tunables: ['tcp.hold=5ms'] });
    for (const { atUs, ...packet } of inject) {
      bench.runTo(atUs * 1000);
      bench.inject(frame(bench.profile, packet), atUs * 1000);
    }
    bench.runTo(6e6);
    const { duplicated, reordered, attempted } = bench.generator.read();
    expect({ duplicated, reordered, attempted }).toEqual({
      duplicated: 0,
      reordered: 0,
      attempted: 1,
      ...counted,
    });
  });

  test('is no fault of it when the ends send a packet again', () => {
    const tunables = [
      'tcp.synTimeout=1ms',
      'tcp.finTimeout=1ms',
      'tcp.serverTurnaround=2ms',
      'tcp.clientTurnaround=2ms',
    ];
    const bench = buildBench({ durationNs: 1e6, rateCps: 10_000, tunables });
    bench.runTo(1e9);
    const { duplicated, reordered, repeated, completed } = bench.generator.read();
    expect({ duplicated, reordered, completed }).toEqual({ duplicated: 0, reordered: 0, completed: 10 });
    expect(repeated).toBeGreaterThan(10);
  });
});
