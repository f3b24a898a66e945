import { describe, expect, test } from 'vitest';
import { checkLedger } from '../results/ledger.js';
import { play, scenarioWriter } from './play.js';

// Section 3.2: "at any of the four steps for a new connection in Figure 5, the failure of either cards at best requires a retransmission". A card dies
// at every microsecond of a connection's life: SYN, SYN-ACK, ACK, FIN, FIN-ACK and ACK, of which three make a round of four steps.

const write = scenarioWriter();
/** Connections begin every 100 ms; this one is under way when the card dies. */
const STARTED_NS = 100e6;
/** Its last packet is there after 75 us. */
const LIFE_US = 80;
const STEPS_US = 10;

/** Where the dead card's packets were lost, over all runs. */
const lostAt = new Set<string>();

describe.each([1, 2])('card%i dies', (card) => {
  const scenario = write(`card${card}-dies`, [`{ at: 0s, kill: [card${card}] }`]);
  const begins = Array.from({ length: LIFE_US / STEPS_US }, (_, index) => index * STEPS_US);

  test.each(begins)('in any of the 10 us from %i us on: nothing breaks', async (beginUs) => {
    for (let us = beginUs; us < beginUs + STEPS_US; us++) {
      const measured = await play(scenario, {
        ...{ profile: 'cps', rate: '10', duration: '2950ms', at: `${STARTED_NS + us * 1000}ns` },
      });
      const { connections, faults = [] } = measured;
      expect({ us, ...connections, retransmitted: undefined }).toEqual({
        ...{ us, attempted: 30, established: 30, completed: 30, open: 0 },
        ...{ broken: { reset: 0, timeout: 0, total: 0 }, retransmitted: undefined },
      });
      expect(checkLedger(measured)).toEqual([]);
      for (const { place, reason } of faults[0]?.packetsLost.byPlace ?? []) lostAt.add(`${place} ${reason}`);
    }
  });
});

test('packets were lost at every step: in the card that died, and on the cables to and from it', () => {
  for (const card of ['card1', 'card2']) {
    const places = [...lostAt].filter((place) => place.includes(card));
    expect(places).toContain(`${card} cardDown`);
    expect(places.some((place) => place.endsWith(`-${card} linkDown`))).toBe(true);
    expect(places.some((place) => place.startsWith(`${card}-`))).toBe(true);
  }
});
