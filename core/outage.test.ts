import { expect, test } from 'vitest';
import { loadDataPlane } from './dataplane-module.js';
import { Testbed, UNBOUNDED_BYTES } from './testbed.js';

// The outage of an event is its burst of losses, without 50 ms of quiet, with the most packets: by frames sent into a cable that is cut.

const FRAME_BYTES = 64;

function buildBench() {
  const dataPlane = loadDataPlane({ build: 'debug' });
  const testbed = new Testbed(dataPlane, { packetCount: 16, frameBytesMax: FRAME_BYTES });
  const { exports } = testbed;
  const scratch = exports.arenaAllocate(FRAME_BYTES);
  const link = testbed.addLink({
    ...{ name: 'link', owner: 'generator', latencyNs: 1000, rateGbps: 0, lookaheadNs: 0 },
    bufferBytes: UNBOUNDED_BYTES,
  });
  exports.linkSetDown(link, 1);
  return {
    exports,
    loseAt: (...timesMs: number[]) => {
      for (const ms of timesMs)
        exports.linkInject(testbed.pool, link, scratch, FRAME_BYTES, BigInt(ms) * 1_000_000_000n);
    },
    outage: () => ({
      lost: Number(exports.outageLosses()),
      lastedMs: Number(exports.outageLastPs() - exports.outageFirstPs()) / 1e9,
    }),
  };
}

test.each<[string, { lostAtMs: number[]; lost: number; lastedMs: number }]>([
  ['nothing is lost', { lostAtMs: [], lost: 0, lastedMs: 0 }],
  ['losses are 50 ms apart', { lostAtMs: [10, 60, 110], lost: 3, lastedMs: 100 }],
  ['one packet strays before it', { lostAtMs: [1, 61, 62, 63], lost: 3, lastedMs: 2 }],
  ['one comes again long after it', { lostAtMs: [1, 2, 3, 61, 120], lost: 3, lastedMs: 2 }],
  ['it stands between lesser bursts', { lostAtMs: [1, 2, 61, 62, 65, 120, 121], lost: 3, lastedMs: 4 }],
  ['two bursts are alike: the first', { lostAtMs: [1, 3, 61, 62], lost: 2, lastedMs: 2 }],
])('of losses, where %s', (_, { lostAtMs, lost, lastedMs }) => {
  const bench = buildBench();
  bench.loseAt(...lostAtMs);
  expect(bench.outage()).toEqual({ lost, lastedMs });
});

test('what one event cost is nothing to the next', () => {
  const bench = buildBench();
  bench.loseAt(1, 2, 3, 61);
  bench.exports.outageReset();
  expect(bench.outage()).toEqual({ lost: 0, lastedMs: 0 });
  bench.loseAt(70, 75);
  expect(bench.outage()).toEqual({ lost: 2, lastedMs: 5 });
});
