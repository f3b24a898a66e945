import { expect, test } from 'vitest';
import { TcpFlag } from '../core/packet/tcp.js';
import { LOSS_COUNTER_COUNT, LossCounter, WATCHED_OUTAGE_COUNT } from './dataplane/generator-layout.js';
import { buildBench, resetOf } from './tcp-bench-fixture.js';

// For which event a connection counts that lost packets.

const WAITS = [
  'tcp.synTimeout=10ms',
  'tcp.finTimeout=10ms',
  'tcp.connectionTimeout=100ms',
  'tcp.timerTick=0s',
];

function buildWatched(tunables: string[], durationNs = 1e6) {
  const bench = buildBench({ durationNs, rateCps: 1000, tunables: [...WAITS, ...tunables] });
  const { exports } = bench.testbed.dataPlane;
  const address = exports.lossWatchStart();
  return {
    ...bench,
    lose: (untilNs: number) => {
      bench.setDown(true);
      bench.runTo(untilNs);
      bench.setDown(false);
    },
    event: () => exports.outageReset(),
    /** By outage: before the first event, after it, and so on. */
    counts: () => {
      exports.lossWatchEnd();
      const counters = bench.testbed.counters(address, WATCHED_OUTAGE_COUNT * LOSS_COUNTER_COUNT);
      return [0, 1, 2, 3].map((outage) => {
        const count = (which: LossCounter) => Number(counters[outage * LOSS_COUNTER_COUNT + which]);
        return {
          stalled: count(LossCounter.stalled),
          recovered: count(LossCounter.recovered),
          broken: count(LossCounter.broken),
          brokenOfStalled: count(LossCounter.brokenOfStalled),
        };
      });
    },
  };
}

const NONE = { stalled: 0, recovered: 0, broken: 0, brokenOfStalled: 0 };

test('a connection that recovered of one event and breaks by another counts for that one', () => {
  const bench = buildWatched(['tcp.hold=30ms']);
  bench.event();
  // The SYN is lost at 0, and answered when it comes again at 10 ms.
  bench.lose(5e6);
  bench.runTo(20e6);
  bench.event();
  bench.runTo(30e6);
  bench.event();
  // The FIN leaves at 40 ms.
  bench.lose(1e9);
  expect(bench.counts()).toEqual([NONE, NONE, NONE, { ...NONE, stalled: 1, broken: 1, brokenOfStalled: 1 }]);
});

test('a connection that still waits for what one event cost counts for that one, whatever it loses later', () => {
  const bench = buildWatched(['tcp.hold=0s']);
  bench.event();
  bench.lose(5e6);
  bench.event();
  // The SYN comes again at 10 ms, and at 30 ms.
  bench.lose(20e6);
  bench.runTo(1e9);
  expect(bench.counts()).toEqual([NONE, { ...NONE, stalled: 1, recovered: 1 }, NONE, NONE]);
});

test("a record's next connections have nothing of what its first one lost, though generations come again", () => {
  const bench = buildWatched(['tcp.hold=100us', 'tcp.synTimeout=200us'], 257e6);
  bench.event();
  bench.lose(0.1e6);
  bench.runTo(100e6);
  bench.event();
  bench.runTo(256.05e6);
  const last = bench.sent().findLast(({ flags }) => flags === TcpFlag.syn);
  if (last === undefined) throw new Error('no SYN');
  // 256 generations after the first one: the same initial sequence number.
  bench.inject(resetOf(last), 256.05e6);
  bench.runTo(1e9);
  expect(bench.generator.read()).toMatchObject({ attempted: 257, brokenReset: 1, unexpected: 0 });
  expect(bench.counts()).toEqual([NONE, { ...NONE, stalled: 1, recovered: 1 }, { ...NONE, broken: 1 }, NONE]);
});
