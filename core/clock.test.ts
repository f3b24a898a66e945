import { describe, expect, test } from 'vitest';
import { epochMilliseconds, monotonicMs, monotonicNs, nextTurn, sleep, utcStamp } from './clock.js';

describe('utcStamp', () => {
  test.each([
    [Date.UTC(2026, 10, 22, 21, 30, 0), '20261122T213000Z'],
    [Date.UTC(2026, 10, 22, 21, 30, 0, 999), '20261122T213000Z'],
    [0, '19700101T000000Z'],
  ])('%d is %s', (epochMs, stamp) => {
    expect(utcStamp(epochMs)).toBe(stamp);
  });

  test('now, by default', () => {
    const before = utcStamp(epochMilliseconds());
    const stamp = utcStamp();
    expect(before <= stamp && stamp <= utcStamp(epochMilliseconds())).toBe(true);
  });
});

test('the monotonic clocks go forward, and sleep takes its time', async () => {
  const startNs = monotonicNs();
  const startMs = monotonicMs();
  await sleep(20);
  // A timer may fire up to a millisecond early by this clock.
  expect(Number(monotonicNs() - startNs)).toBeGreaterThanOrEqual(19e6);
  expect(monotonicMs() - startMs).toBeGreaterThanOrEqual(19);
});

test('an aborted sleep ends early and quietly', async () => {
  const abort = new AbortController();
  const startMs = monotonicMs();
  const sleeping = sleep(60_000, { signal: abort.signal });
  abort.abort();
  await sleeping;
  expect(monotonicMs() - startMs).toBeLessThan(10_000);
});

test('nextTurn lets other work run', async () => {
  const order: string[] = [];
  const other = nextTurn().then(() => order.push('other'));
  order.push('first');
  await other;
  expect(order).toEqual(['first', 'other']);
});
