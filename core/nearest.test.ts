import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearest } from './nearest.js';

const FLAGS = ['--rate', '--duration', '--seed', '--profile', '--pcap', '--pcap-packets', '--results-dir'];

describe('nearest', () => {
  test.each([
    ['--rat', '--rate'],
    ['--raet', '--rate'],
    ['--RATE', '--rate'],
    ['--duratoin', '--duration'],
    ['--results', '--results-dir'],
    ['--pcapp', '--pcap'],
  ])('%s means %s', (word, meant) => {
    expect(nearest(word, FLAGS)).toBe(meant);
  });

  test.each([[''], ['--verbose'], ['x'], ['banana']])('"%s" means nothing', (word) => {
    expect(nearest(word, FLAGS)).toBeUndefined();
  });

  test('a candidate is always its own nearest', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1 }), (words) => {
        for (const word of words) expect(nearest(word, words)).toBe(word);
      }),
    );
  });
});
