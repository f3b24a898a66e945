import { describe, expect, test, vi } from 'vitest';
import { loadDataPlane } from '../core/dataplane-module.js';
import { Schedule } from '../core/schedule.js';
import { Testbed } from '../core/testbed.js';
import { SeriesRecorder } from './series.js';
import type { TrialProgress } from './trial-options.js';
import type { Meter } from './trial-progress.js';
import { runVirtual, type Stretch } from './virtual-run.js';

/** A testbed in which one thing is offered in each nanosecond, half of them achieved and a tenth lost. */
function bench() {
  const ranTo: number[] = [];
  let nowNs = 0;
  const testbed = new Testbed(loadDataPlane(), { packetCount: 1, frameBytesMax: 64 });
  vi.spyOn(testbed.exports, 'engineRun').mockImplementation((untilPs) => {
    nowNs = Number(untilPs) / 1000;
    return ranTo.push(nowNs);
  });
  const meter: Meter = {
    ...{ testbed, unit: 'cps', latency: testbed.exports.histogramCreate() },
    read: () => ({
      ...{ offeredConnections: nowNs, completedConnections: nowNs / 2, lostPackets: nowNs / 10 },
      sentPackets: ranTo.length,
    }),
  };
  const seen: TrialProgress[] = [];
  const end = new AbortController();
  const hooks = { signal: end.signal, onProgress: (progress: TrialProgress) => seen.push(progress) };
  return { ranTo, seen, end, meter, run: (stretch: Stretch) => runVirtual(meter, stretch, hooks) };
}

describe('a stretch of a run', () => {
  test.each<[string, Partial<Stretch>, number[]]>([
    ['whole slices', {}, [40, 80, 100]],
    ['one slice', { sliceNs: 1e9 }, [100]],
    ['from where the clock stands', { startNs: 1000 }, [1040, 1080, 1100]],
    ['as long as there is something to run for', { goesOn: () => false }, []],
    ['nothing at all', { durationNs: 0 }, []],
  ])('runs %s', async (_case, own, expected) => {
    const { ranTo, run } = bench();
    const ranNs = await run({ durationNs: 100, sliceNs: 40, ...own });
    expect(ranTo).toEqual(expected);
    expect(ranNs).toBe((expected.at(-1) ?? 0) - (expected.length === 0 ? 0 : (own.startNs ?? 0)));
  });

  test('stops at each time at which something is to be done, on its own clock', async () => {
    const { ranTo, meter, run } = bench();
    const schedule = new Schedule();
    const done: string[] = [];
    schedule.at(30, () => done.push(`30 at ${ranTo.at(-1)}`));
    schedule.at(75, () => done.push(`75 at ${ranTo.at(-1)}`));
    const series = new SeriesRecorder(meter, { durationNs: 90, intervalNsMin: 50 });
    const ranNs = await run({ startNs: 1000, durationNs: 90, sliceNs: 60, stops: [schedule, series] });
    expect(ranTo).toEqual([1030, 1050, 1075, 1090]);
    expect(done).toEqual(['30 at 1030', '75 at 1075']);
    expect(series.finish(ranNs)).toMatchObject({ intervalNs: 50, sentPackets: [2, 2] });
  });

  test('ends after the slice in which the user ends it', async () => {
    const { ranTo, end, run } = bench();
    const schedule = new Schedule();
    schedule.at(30, () => end.abort());
    expect(await run({ durationNs: 100, sliceNs: 40, stops: [schedule] })).toBe(30);
    expect(ranTo).toEqual([30]);
  });

  test('is told of with rates and losses of its own, and as what it is', async () => {
    const { seen, run } = bench();
    await run({ durationNs: 100, sliceNs: 100 });
    await run({ stage: 'another one', startNs: 100, durationNs: 10, sliceNs: 10 });
    const [first, second] = seen;
    expect(first).toMatchObject({ simulatedNs: 100, durationNs: 100, offered: 1e9, achieved: 0.5e9 });
    expect([first?.lostPackets, second?.lostPackets]).toEqual([10, 1]);
    expect(first).not.toHaveProperty('stage');
    expect(second).toMatchObject({ stage: 'another one', simulatedNs: 10, offered: 1e9, achieved: 0.5e9 });
  });
});
