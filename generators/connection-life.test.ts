import { expect, test } from 'vitest';
import { longestLifeNs, unansweredLifeNs } from './connection-life.js';
import { buildBench } from './tcp-bench-fixture.js';

// One connection, whose packets are sent again after 2 and 6 ms and given up after 10.

const TUNABLES = ['tcp.synTimeout=2ms', 'tcp.finTimeout=2ms', 'tcp.connectionTimeout=10ms', 'tcp.hold=1ms'];
/** And steps in which the end is looked for. */
const ROUND_TRIPS_NS = 30_000;

/** When the connection breaks on a cable that is down at these times. */
function lifeNs(downs: readonly [fromNs: number, untilNs: number][]) {
  const bench = buildBench({
    ...{ durationNs: 1e6, rateCps: 1000 },
    tunables: [...TUNABLES, 'tcp.clientTurnaround=500us', 'tcp.timerTick=0s'],
  });
  for (const [fromNs, untilNs] of downs) {
    if (fromNs > 0) bench.runTo(fromNs);
    bench.setDown(true);
    if (untilNs === Number.POSITIVE_INFINITY) break;
    bench.runTo(untilNs);
    bench.setDown(false);
  }
  let nowNs = downs.at(-1)?.[0] ?? 0;
  for (; bench.generator.read().brokenTimeout === 0 && nowNs < 1e9; nowNs += 10_000) bench.runTo(nowNs);
  return { nowNs, tcp: bench.profile.tcp };
}

const FOR_EVER = Number.POSITIVE_INFINITY;

test.each<[string, [number, number][]]>([
  ['SYN', [[0, FOR_EVER]]],
  ['FIN', [[0.6e6, FOR_EVER]]],
])(
  'a connection whose %s is never answered lives no longer than the time-out and the hold',
  (packet, downs) => {
    const { nowNs, tcp } = lifeNs(downs);
    expect(nowNs).toBeGreaterThan(
      unansweredLifeNs(tcp) - (packet === 'SYN' ? tcp.holdNs : 0) - ROUND_TRIPS_NS,
    );
    expect(nowNs).toBeLessThan(unansweredLifeNs(tcp) + ROUND_TRIPS_NS);
  },
);

test('a connection that is answered late more than once lives longer, and no longer than the longest', () => {
  // Its SYN is answered at 6 ms and its FIN at 13, and the ACK of its FIN-ACK, which would leave at 13.5, is lost for good.
  const { nowNs, tcp } = lifeNs([
    [0, 5.5e6],
    [7e6, 12.5e6],
    [13.1e6, FOR_EVER],
  ]);
  expect(nowNs).toBeGreaterThan(2 * unansweredLifeNs(tcp));
  expect(nowNs).toBeLessThan(longestLifeNs(tcp));
});
