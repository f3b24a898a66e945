import { describe, expect, test } from 'vitest';
import type { DataPlaneBuild } from '../core/dataplane-module.js';
import { TcpFlag } from '../core/packet/tcp.js';
import { buildBench, resetOf } from './tcp-bench-fixture.js';

// What a host still thinks about when its connection ends belongs to nobody, whoever has the connection's record by then.

const TURNAROUND_NS = 1.5e6;
const CABLE_NS = 1000;

/** Connections start each millisecond, and the first one is reset after half of one. */
function buildReset(side: 'server' | 'client', connectionCount: number, build: DataPlaneBuild) {
  const bench = buildBench({
    ...{ durationNs: connectionCount * 1e6, rateCps: 1000, build },
    tunables: [`tcp.${side}Turnaround=${TURNAROUND_NS}ns`, 'tcp.hold=1s'],
  });
  bench.runTo(0.5e6);
  const [syn] = bench.sent();
  if (syn === undefined) throw new Error('no SYN');
  bench.inject(resetOf(syn), 0.5e6);
  bench.runTo(10e6);
  return bench;
}

describe.each<DataPlaneBuild>(['release', 'debug'])(
  '%s build: an answer whose connection was reset',
  (build) => {
    const SIDES = [
      // When the answer is thought of, from the connection's start, and what it is.
      { side: 'server', atNs: CABLE_NS, flags: TcpFlag.syn | TcpFlag.ack },
      { side: 'client', atNs: 2 * CABLE_NS, flags: TcpFlag.ack },
    ] as const;

    test.each(SIDES)('of the $side is not sent', ({ side, flags }) => {
      const bench = buildReset(side, 1, build);
      expect(bench.generator.read()).toMatchObject({ attempted: 1, brokenReset: 1, open: 0, unexpected: 0 });
      expect(bench.sent().filter((packet) => packet.flags === flags)).toEqual([]);
    });

    test.each(SIDES)(
      'of the $side is not sent for the one that has its record since',
      ({ side, atNs, flags }) => {
        const bench = buildReset(side, 2, build);
        expect(bench.generator.read()).toMatchObject({
          attempted: 2,
          brokenReset: 1,
          open: 1,
        });
        const answers = bench.sent().filter((packet) => packet.flags === flags);
        expect(answers.map(({ sentNs }) => sentNs)).toEqual([1e6 + atNs + TURNAROUND_NS]);
      },
    );
  },
);
