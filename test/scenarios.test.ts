import { describe, expect, test } from 'vitest';
import { checkLedger } from '../results/ledger.js';
import type { Measured } from '../results/result.js';
import { listScenarios } from '../targets/scenario.js';
import { play, scenarioWriter } from './play.js';

// Every scenario that ships with the package, with what it must show. None breaks a connection: each is a planned change, one failure, or
// failures with time in between to restore the second copy.

const MS = 1e6;

/** Reasons for losses, by place. */
function reasons({ faults = [] }: Measured): string[] {
  const lost = faults.flatMap(({ packetsLost }) => packetsLost.byPlace);
  return [...new Set(lost.map(({ place, reason }) => `${place} ${reason}`))].sort();
}

function outages({ faults = [] }: Measured): number[] {
  return faults.map(({ outageNs }) => outageNs);
}

function copiesOf({ copies }: Measured) {
  if (copies === undefined) throw new Error('a trial with faults tells of copies');
  return copies;
}

/** What is said of a scenario beyond that nothing breaks. */
const SHOWS: Record<string, (measured: Measured) => void> = {
  'planned-switchover': (measured) => {
    expect(reasons(measured)).toEqual(['tor1 noRoute', 'tor2 noRoute']);
    expect(measured.packets.dropped.atCards).toBe(0);
    expect(copiesOf(measured)).toMatchObject({ oneCopyNs: 0, fewerCardsNs: 0, bulk: [] });
  },
  'tor1-links-down': (measured) => {
    expect(reasons(measured)).toContain('tor1 noRoute');
    expect(reasons(measured)).not.toContain('tor2 noRoute');
    expect(copiesOf(measured)).toMatchObject({ oneCopyNs: 0, fewerCardsNs: 0, bulk: [] });
  },
  'card1-down': (measured) => {
    // Nobody is left to copy to: one copy to the end of the run.
    const { oneCopyNs, fewerCardsNs, bulk } = copiesOf(measured);
    expect(oneCopyNs / MS).toBeGreaterThan(6400);
    expect(fewerCardsNs / MS).toBeGreaterThan(6400);
    expect(bulk).toEqual([]);
  },
  'card-link-down': (measured) => {
    // The network goes around by the other ToR, to the same primaries; so do pings.
    expect(Math.max(...outages(measured)) / MS).toBeLessThan(30);
    expect(reasons(measured)).not.toContain('tor2 noRoute');
    expect(copiesOf(measured)).toMatchObject({ oneCopyNs: 0, fewerCardsNs: 0, bulk: [] });
  },
  'link-flap': (measured) => {
    expect(Math.max(...outages(measured)) / MS).toBeLessThan(2.1);
    expect(copiesOf(measured)).toMatchObject({ oneCopyNs: 0, fewerCardsNs: 0, bulk: [] });
  },
  'heartbeat-loss': (measured) => {
    expect(measured.packets.dropped.total).toBe(0);
    expect(copiesOf(measured)).toMatchObject({ oneCopyNs: 0, fewerCardsNs: 0, bulk: [] });
  },
  'both-heartbeat-paths-down': (measured) => {
    // Both cards give each other up, neither moves a route; then each copies what the other missed.
    expect(measured.packets.dropped.total).toBe(0);
    const { oneCopyNs, fewerCardsNs, bulk } = copiesOf(measured);
    expect(oneCopyNs / MS).toBeGreaterThan(300);
    expect(oneCopyNs / MS).toBeLessThan(400);
    expect(fewerCardsNs).toBe(0);
    expect(bulk.map(({ from, to, fnicCount }) => `${fnicCount} ${from} ${to}`).sort()).toEqual([
      '8 card1 card2',
      '8 card2 card1',
    ]);
  },
  'split-brain': (measured) => {
    // The length of paths ends it within the time of routes, not the controller's.
    expect((outages(measured)[0] as number) / MS).toBeLessThan(50);
    const { oneCopyNs, fewerCardsNs, bulk } = copiesOf(measured);
    expect(oneCopyNs / MS).toBeGreaterThan(500);
    expect(fewerCardsNs).toBe(0);
    expect(bulk).toHaveLength(2);
    for (const { tookNs } of bulk) expect(tookNs).toBeGreaterThan(0);
  },
  'tor-down': (measured) => {
    expect(reasons(measured).filter((reason) => !reason.endsWith('linkDown'))).toEqual([]);
    expect((outages(measured)[0] as number) / MS).toBeLessThan(20);
    expect(outages(measured)[1]).toBe(0);
    expect(copiesOf(measured)).toMatchObject({ oneCopyNs: 0, fewerCardsNs: 0, bulk: [] });
  },
  'card1-down-then-back': (measured) => {
    const { oneCopyNs, fewerCardsNs, bulk } = copiesOf(measured);
    expect(bulk).toMatchObject([{ from: 'card2', to: 'card1', fnicCount: 16 }]);
    const [{ beganNs, tookNs = 0, records } = { beganNs: 0, records: 0 }] = bulk;
    expect(records).toBeGreaterThan(1000);
    // From heartbeats that stop until the copy is complete; the card can be allocated again as soon as it is back.
    expect(oneCopyNs).toBeLessThanOrEqual(beganNs + tookNs - 500 * MS);
    expect(oneCopyNs).toBeGreaterThan(beganNs + tookNs - 510 * MS);
    expect(fewerCardsNs / MS).toBeGreaterThan(490);
    expect(fewerCardsNs / MS).toBeLessThan(510);
    expect(copiesOf(measured).allocatable.map(({ cards }) => cards)).toEqual([1, 2]);
  },
  'rolling-upgrade': (measured) => {
    // Planned changes only: nothing is lost at cards, and killing a card that has left costs nothing at all.
    expect(reasons(measured)).toEqual(['tor1 noRoute', 'tor2 noRoute']);
    for (const { kind, packetsLost } of measured.faults ?? []) {
      if (kind !== 'switchOver') expect(packetsLost.total).toBe(0);
    }
    const { bulk, allocatable, fewerCardsNs } = copiesOf(measured);
    expect(allocatable.map(({ cards }) => cards)).toEqual([2, 3, 2, 3, 2, 3]);
    // Each time until the card is back, not until it is needed: from a change to fewer to the change that follows it.
    const spans = [0, 2, 4].map(
      (from) => (allocatable[from + 1]?.atNs ?? 0) - (allocatable[from]?.atNs ?? 0),
    );
    expect(fewerCardsNs).toBe(spans.reduce((sum, span) => sum + span, 0));
    expect(fewerCardsNs / MS).toBeLessThan(3 * 960);
    expect(bulk.length).toBeGreaterThanOrEqual(4);
    for (const { tookNs } of bulk) expect(tookNs).toBeGreaterThan(0);
  },
};

test('each scenario has its test', () => {
  expect(Object.keys(SHOWS).sort()).toEqual(listScenarios());
});

describe('nothing breaks, comes twice or out of order', () => {
  // Some of the connections are long-lived: they open before a fault and close after it.
  test.each(Object.entries(SHOWS))('%s', async (name, shows) => {
    const flags = { rate: '10k', duration: name === 'rolling-upgrade' ? '9s' : '7s' };
    const measured = await play(name, { ...flags, tunable: ['tcp.hold=1s'] });
    expect(checkLedger(measured)).toEqual([]);
    expect(measured.connections.broken.total).toBe(0);
    const { stalled, recovered } = (measured.faults ?? []).reduce(
      (sum, { flows }) => ({
        stalled: sum.stalled + flows.stalled,
        recovered: sum.recovered + flows.recovered,
      }),
      { stalled: 0, recovered: 0 },
    );
    expect(recovered).toBe(stalled);
    expect(measured.endpoints).toMatchObject({ duplicatedPackets: 0, reorderedPackets: 0 });
    shows(measured);
  });
});

describe('a copy made by bulk synchronisation', () => {
  const write = scenarioWriter();
  /** Connections that live longer than what befalls the cards. */
  const LONG = { rate: '5k', duration: '8s', tunable: ['tcp.hold=2s'] };

  test('is as good as the one that was lost: the card that made it may die', async () => {
    const scenario = write('one-after-the-other', [
      '{ at: 0s, kill: [card1] }',
      '{ at: 500ms, revive: [card1] }',
      // Not 1 s: SYNs that the first death cost come again then, and hosts give up when that is lost too.
      '{ at: 700ms, kill: [card2] }',
    ]);
    const measured = await play(scenario, LONG);
    expect(measured.connections.broken.total).toBe(0);
    expect(measured.faults?.[2]?.flows.underWay).toBeGreaterThan(5000);
  });

  test('is not there yet when the card dies too soon', async () => {
    const scenario = write('too-soon', [
      '{ at: 0s, kill: [card1] }',
      '{ at: 500ms, revive: [card1] }',
      '{ at: 540ms, kill: [card2] }',
    ]);
    const measured = await play(scenario, LONG);
    expect(measured.connections.broken.total).toBeGreaterThan(1000);
    expect(checkLedger(measured)).toEqual([]);
  });

  test('of a third card takes the place of the one that left', async () => {
    const scenario = write(
      'third-card',
      ['{ at: 0s, switchOver: card1 }', '{ at: 500ms, kill: [card2] }'],
      3,
    );
    const measured = await play(scenario, LONG);
    expect(measured.connections.broken.total).toBe(0);
    // card1 is to be taken offline: it gets no part, not even when a card is missing.
    expect(measured.copies?.bulk.map(({ to }) => to).sort()).toEqual(['card2', 'card3']);
    expect(measured.copies?.allocatable.map(({ cards }) => cards)).toEqual([2, 1]);
  });
});
