import { HistogramLogReader, listTags } from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { exampleLatency, exampleResult } from './fixture.js';
import { histogramLogOf, writeHistogramLog } from './histogram-log.js';

test('the log of a run is read back by HdrHistogram, histogram by histogram', () => {
  const result = exampleResult();
  const log = histogramLogOf(result);
  expect(listTags(log)).toEqual(['synToSynAck', 'pingPong', 'cardTransit', 'scheduleLag']);

  const reader = new HistogramLogReader(log, 64);
  const { latencyNs, generator } = result.measured;
  for (const summary of [...Object.values(latencyNs), generator.scheduleLagNs]) {
    const histogram = reader.nextIntervalHistogram();
    expect(histogram?.totalCount).toBe(summary.count);
    expect(histogram?.getValueAtPercentile(99)).toBe(summary.p99);
    expect(histogram?.startTimeStampMsec).toBe(Date.UTC(2026, 10, 22, 21, 30));
    expect(histogram?.endTimeStampMsec).toBe(Date.UTC(2026, 10, 22, 21, 30, 2));
  }
  expect(reader.nextIntervalHistogram()).toBeNull();
});

test('the lines before the histograms are fixed by the arguments', () => {
  const latencies = { empty: exampleLatency({ count: 0, floorNs: 0, scaleNs: 0 }) };
  const log = writeHistogramLog({ startMs: 1_500, durationNs: 250e6, latencies });
  expect(log.split('\n').slice(0, 4)).toEqual([
    '#[Histogram log format version 1.3]',
    '#[StartTime: 1.500 (seconds since epoch), 1970-01-01T00:00:01.500Z]',
    '#[BaseTime: 1.500 (seconds since epoch)]',
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
  ]);
  expect(log.split('\n')[4]).toMatch(/^Tag=empty,0\.000,0\.250,0\.000,HISTF/);
});

test.each(['', 'two words', 'a,b', 'a\nb'])('"%s" is no tag', (tag) => {
  const latencies = { [tag]: exampleLatency({ count: 1, floorNs: 1, scaleNs: 1 }) };
  expect(() => writeHistogramLog({ startMs: 0, durationNs: 1, latencies })).toThrow('tag');
});
