import { describe, expect, test } from 'vitest';
import { epochMilliseconds, monotonicMs, monotonicNs, nextTurn, utcStamp } from './clock.js';

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

test('the monotonic clocks go forward', async () => {
  const startNs = monotonicNs();
  const startMs = monotonicMs();
  await nextTurn();
  expect(monotonicNs()).toBeGreaterThan(startNs);
  expect(monotonicMs()).toBeGreaterThan(startMs);
});

test('nextTurn lets other work run', async () => {
  const order: string[] = [];
  const other = nextTurn().then(() => order.push('other'));
  order.push('first');
  await other;
  expect(order).toEqual(['first', 'other']);
});
