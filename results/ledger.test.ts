import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleMeasured } from './fixture.js';
import { checkLedger } from './ledger.js';
import type { ConnectionLedger, PacketLedger } from './result.js';

interface Books {
  packets: PacketLedger;
  connections: ConnectionLedger;
}

const count = fc.nat(1e9);

/** Books that balance, whatever happened. */
const balanced: fc.Arbitrary<Books> = fc
  .record({
    delivered: count,
    inFlight: count,
    byReason: fc.dictionary(fc.constantFrom('linkDown', 'noFlow', 'mpuQueue'), count),
    completed: count,
    open: count,
    reset: count,
    timeout: count,
  })
  .map(({ delivered, inFlight, byReason, completed, open, reset, timeout }) => {
    const dropped = Object.values(byReason).reduce((before, part) => before + part, 0);
    const broken = reset + timeout;
    return {
      packets: {
        sent: delivered + dropped + inFlight,
        delivered,
        unexpected: 0,
        inFlight,
        lossRatio: 0,
        dropped: { total: dropped, atCards: 0, byReason },
      },
      connections: {
        attempted: completed + broken + open,
        established: completed,
        completed,
        open,
        broken: { reset, timeout, total: broken },
        retransmitted: { syn: 0, fin: 0 },
      },
    };
  });

test('the books of a run balance', () => {
  expect(checkLedger(exampleMeasured())).toEqual([]);
});

test('books that balance have nothing to report', () => {
  fc.assert(
    fc.property(balanced, (books) => {
      expect(checkLedger(books)).toEqual([]);
    }),
  );
});

describe('one wrong count is named', () => {
  const cases: [equation: string, cook: (books: Books, by: number) => void][] = [
    ['packets.sent', ({ packets }, by) => (packets.delivered += by)],
    ['packets.sent', ({ packets }, by) => (packets.inFlight += by)],
    [
      'packets.dropped.total',
      ({ packets }, by) => (packets.dropped.byReason.noFlow = (packets.dropped.byReason.noFlow ?? 0) + by),
    ],
    ['connections.attempted', ({ connections }, by) => (connections.open += by)],
    ['connections.attempted', ({ connections }, by) => (connections.completed += by)],
    ['connections.broken.total', ({ connections }, by) => (connections.broken.reset += by)],
    ['connections.broken.total', ({ connections }, by) => (connections.broken.timeout += by)],
  ];
  test.each(cases)('%s', (equation, cook) => {
    fc.assert(
      fc.property(balanced, fc.integer({ min: 1, max: 1000 }), (books, by) => {
        const cooked = structuredClone(books);
        cook(cooked, by);
        const report = checkLedger(cooked);
        expect(report).toHaveLength(1);
        expect(report[0]).toMatch(new RegExp(`^${equation} is [\\d,]+, but `));
      }),
    );
  });
});

test('a total that two equations share breaks both', () => {
  const { packets, connections } = exampleMeasured();
  const dropped = { ...packets.dropped, total: packets.dropped.total + 1 };
  expect(checkLedger({ packets: { ...packets, dropped }, connections })).toEqual([
    'packets.sent is 36,000,480, but delivered 35,999,538 + dropped.total 431 + inFlight 512 makes 36,000,481',
    'packets.dropped.total is 431, but armNewFlowQueue 418 + linkBuffer 12 makes 430',
  ]);
});
