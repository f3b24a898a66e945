import { describe, expect, test } from 'vitest';
import { Schedule } from './schedule.js';

describe('a schedule', () => {
  test('does things in order of time, and at one time in the order in which they were asked for', () => {
    const schedule = new Schedule();
    const done: string[] = [];
    schedule.at(20, () => done.push('c'));
    schedule.at(10, () => done.push('a'));
    schedule.at(20, () => done.push('d'));
    schedule.at(10, () => done.push('b'));
    expect(schedule.nextNs).toBe(10);
    schedule.run(19);
    expect(done).toEqual(['a', 'b']);
    expect(schedule.nowNs).toBe(19);
    schedule.run(20);
    expect(done).toEqual(['a', 'b', 'c', 'd']);
    expect(schedule.nextNs).toBe(Number.POSITIVE_INFINITY);
  });

  test('does what an entry asks for on its way, at its own time', () => {
    const schedule = new Schedule();
    const doneNs: number[] = [];
    const again = () => {
      doneNs.push(schedule.nowNs);
      if (doneNs.length < 3) schedule.after(5, again);
    };
    schedule.at(1, again);
    schedule.run(100);
    expect(doneNs).toEqual([1, 6, 11]);
  });

  test('does things again and again, the last time included', () => {
    const schedule = new Schedule();
    const doneNs: number[] = [];
    schedule.every(10, { fromNs: 5, untilNs: 25 }, () => doneNs.push(schedule.nowNs));
    schedule.run(1000);
    expect(doneNs).toEqual([5, 15, 25]);
  });

  test.each([Number.NaN, 9])('does not take %s, which is not after the present', (atNs) => {
    const schedule = new Schedule();
    schedule.run(10);
    expect(() => schedule.at(atNs, () => undefined)).toThrow('before the present');
  });
});
