import { describe, expect, test } from 'vitest';
import { createProgressPrinter, renderLiveProgress, renderPlainProgress } from './progress.js';
import type { TrialProgress } from './trial-options.js';

const HALF: TrialProgress = {
  simulatedNs: 1e9,
  durationNs: 2e9,
  wallMs: 3000,
  offered: 3e6,
  achieved: 2.9e6,
  unit: 'cps',
  lostPackets: 17,
  p99Ns: 26_100,
};

function recorder() {
  const lines: string[] = [];
  const stream = { write: (text: string) => lines.push(text) } as unknown as NodeJS.WriteStream;
  return { lines, stream };
}

const LOG = { isTerminal: false, columns: 80, color: false };

describe('live lines', () => {
  test('tell bar, time, estimate and figures', () => {
    const [time = '', figures = ''] = renderLiveProgress(HALF, 100).split('\n');
    expect(time).toContain('██████████░░░░░░░░░░  50%');
    expect(time).toContain('3 s elapsed, about 3 s left');
    expect(figures).toContain('offered 3.00 Mcps, achieved 2.90 Mcps, lost 17, p99 26.1');
  });

  test.each([40, 60, 80])('fit %i columns', (columns) => {
    for (const line of renderLiveProgress(HALF, columns).split('\n'))
      expect(line.length).toBeLessThan(columns);
  });

  test.each([
    ['the start', { simulatedNs: 0, wallMs: 0 }, '   0%'],
    ['the end', { simulatedNs: 2e9 }, ' 100%'],
    ['beyond the end', { simulatedNs: 3e9 }, ' 100%'],
    ['no duration', { durationNs: 0 }, '   0%'],
  ])('%s is no trouble', (_name, change, percent) => {
    const text = renderLiveProgress({ ...HALF, ...change }, 100);
    expect(text).toContain(percent);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe('plain lines', () => {
  test('one tells all', () => {
    expect(renderPlainProgress(HALF)).toMatch(
      /^1\S* s of 2\S* s \(50%\), 3 s elapsed, about 3 s left: offered 3\.00 Mcps, /,
    );
  });

  test.each([
    [90_000, '1 min 30 s elapsed, about 1 min 30 s left'],
    [7_500_000, '2 h 5 min elapsed, about 2 h 5 min left'],
  ])('tell how long a run of %i ms so far will take', (wallMs, text) => {
    expect(renderPlainProgress({ ...HALF, wallMs })).toContain(text);
  });

  test('no latency is no latency of zero', () => {
    expect(renderPlainProgress({ ...HALF, p99Ns: 0 })).toMatch(/p99 -$/);
  });

  test('come once a second', () => {
    const { lines, stream } = recorder();
    const printer = createProgressPrinter({ stream, terminal: LOG, quiet: false, json: false });
    for (let wallMs = 0; wallMs <= 5000; wallMs += 100) printer.update({ ...HALF, wallMs });
    printer.finish();
    expect(lines.map((line) => /(\d+) s elapsed/.exec(line)?.[1])).toEqual(['1', '2', '3', '4', '5']);
  });

  test('come once a second of what follows, too, which counts its own time', () => {
    const { lines, stream } = recorder();
    const printer = createProgressPrinter({ stream, terminal: LOG, quiet: false, json: false });
    for (const stage of ['learning', 'counting'])
      for (let wallMs = 0; wallMs <= 2500; wallMs += 100) printer.update({ ...HALF, stage, wallMs });
    expect(lines.map((line) => /^(\w+)/.exec(line)?.[1])).toEqual([
      ...['learning', 'learning', 'counting', 'counting'],
    ]);
  });

  test.each([
    ['--quiet', { quiet: true, json: false }],
    ['--json in a log', { quiet: false, json: true }],
  ])('%s is silent', (_name, flags) => {
    const { lines, stream } = recorder();
    const printer = createProgressPrinter({ stream, terminal: LOG, ...flags });
    printer.update(HALF);
    printer.finish();
    expect(lines).toEqual([]);
  });
});
