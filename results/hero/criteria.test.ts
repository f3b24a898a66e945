import { describe, expect, test } from 'vitest';
import { exampleMeasured } from '../fixture.js';
import type { Ageing, Background, Measured } from '../result.js';
import { heroCriteria } from './criteria.js';

const BACKGROUND: Background = {
  ...{ tcpFlows: 15e6, udpFlows: 15e6, refreshNs: 4.9e9, learned: 30e6, learningNs: 9.8e9 },
  ...{ packets: { sent: 1e9, delivered: 1e9, unexpected: 0 }, unsent: 0, aliveAtEnd: 30e6 },
};
const AGEING: Ageing = {
  ...{ waitedNs: 5.1e9, emptyAfterNs: 5.1e9, idleNs: 5e9 },
  cards: [
    { name: 'card1', highWater: 32e6, atEnd: 0 },
    { name: 'card2', highWater: 31e6, atEnd: 0 },
  ],
};

interface Change {
  background?: Partial<Background>;
  ageing?: Partial<Ageing>;
  measured?: Partial<Measured>;
}

function measured({ background, ageing, measured = {} }: Change = {}): Measured {
  const example = exampleMeasured();
  const { attempted } = example.connections;
  return {
    ...example,
    connections: {
      ...example.connections,
      ...{ completed: attempted, retransmitted: { syn: 0, fin: 0 } },
    },
    packets: { ...example.packets, dropped: { total: 0, atCards: 0, byReason: {} } },
    background: { ...BACKGROUND, ...background },
    ageing: { ...AGEING, ...ageing },
    ...measured,
  };
}

const failing = (change: Change) =>
  heroCriteria({ measured: measured(change) })
    .filter(({ isMet }) => !isMet)
    .map(({ id, got }) => `${id}: ${got}`);

test('all are met at their limits', () => {
  expect(failing({})).toEqual([]);
  expect(failing({ ageing: { emptyAfterNs: 6e9 } })).toEqual([]);
});

describe('not met by', () => {
  const { connections, packets } = measured();
  const noEnd: Ageing = { ...AGEING, cards: [{ name: 'card1', highWater: 1, atEnd: 7 }] };
  delete noEnd.emptyAfterNs;

  test.each<[string, Change, string[]]>([
    [
      'a packet dropped',
      { measured: { packets: { ...packets, dropped: { total: 1, atCards: 1, byReason: { noFlow: 1 } } } } },
      ['packets: 1, 1 at cards: noFlow 1'],
    ],
    [
      'a connection that sent again',
      { measured: { connections: { ...connections, retransmitted: { syn: 1, fin: 0 } } } },
      [`connections: ${connections.completed.toLocaleString('en-US')}, 1 retransmissions`],
    ],
    ['a flow that was lost', { background: { aliveAtEnd: 29_999_999 } }, ['background: 29,999,999']],
    [
      'a flow that was not learned',
      { background: { learned: 29_999_999 } },
      ['background: 30,000,000, 29,999,999 learned'],
    ],
    [
      'one record too many',
      { ageing: { cards: [{ name: 'card1', highWater: 32_000_001, atEnd: 0 }] } },
      ['high-water: 32,000,001'],
    ],
    ['a table that is late', { ageing: { emptyAfterNs: 6.001e9 } }, ['empty: 6.00 s']],
    ['a table that is not empty', { measured: { ageing: noEnd } }, ['empty: 7 records left']],
  ])('%s', (_case, change, expected) => {
    expect(failing(change)).toEqual(expected);
  });
});
