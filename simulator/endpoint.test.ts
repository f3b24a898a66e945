import { describe, expect, test } from 'vitest';
import { Endpoint, type Sent } from './endpoint.js';

const SYN = 2;
const FIN_ACK = 17;
const ACK = 16;

/** Lets two ends talk until they have nothing more to say; `loses` takes a packet's number. */
function talk(
  ends: [Endpoint, Endpoint],
  first: [Sent[], Sent[]],
  loses: (number: number) => boolean = () => false,
) {
  const flags: number[] = [];
  let queues = first;
  while (queues.some(({ length }) => length > 0)) {
    const next: [Sent[], Sent[]] = [[], []];
    for (const side of [0, 1] as const) {
      for (const segment of queues[side]) {
        flags.push(segment.flags);
        if (!loses(flags.length - 1)) next[1 - side]?.push(...ends[side === 0 ? 1 : 0].receive(segment));
      }
    }
    queues = next;
  }
  return flags;
}

function pair(): [Endpoint, Endpoint] {
  return [new Endpoint(true), new Endpoint(false)];
}

describe('two endpoints', () => {
  test('open, speak and close in the segments of RFC 9293', () => {
    const ends = pair();
    expect(talk(ends, [ends[0].open(), []])).toEqual([SYN, SYN | ACK, ACK]);
    expect(ends.map(({ isEstablished }) => isEstablished)).toEqual([true, true]);
    expect(talk(ends, [[], ends[1].sendData()])).toEqual([24, ACK]);
    expect(talk(ends, [ends[0].close(), []])).toEqual([FIN_ACK, ACK]);
    expect(talk(ends, [[], ends[1].close()])).toEqual([FIN_ACK, ACK]);
    expect(ends.map(({ isOver }) => isOver)).toEqual([true, true]);
  });

  test('close at once', () => {
    const ends = pair();
    talk(ends, [ends[0].open(), []]);
    talk(ends, [ends[0].close(), ends[1].close()]);
    expect(ends.map(({ isOver, isIdle }) => [isOver, isIdle])).toEqual([
      [true, true],
      [true, true],
    ]);
  });

  test.each([0, 1, 2])('come through the loss of segment %i of their opening', (lost) => {
    const ends = pair();
    talk(ends, [ends[0].open(), []], (number) => number === lost);
    talk(ends, [ends[0].sendAgain(), ends[1].sendAgain()]);
    expect(ends.map(({ isEstablished, isIdle }) => [isEstablished, isIdle])).toEqual([
      [true, true],
      [true, true],
    ]);
  });

  test('refuse what comes after a reset', () => {
    const ends = pair();
    talk(ends, [ends[0].open(), []]);
    talk(ends, [ends[0].reset(), []], () => true);
    talk(ends, [[], ends[1].sendData()]);
    expect(ends.map(({ isOver }) => isOver)).toEqual([true, true]);
  });
});
