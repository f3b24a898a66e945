import { describe, expect, test } from 'vitest';
import { measureTrial } from './trials.js';

// Figure 10b and 10c at small size: the knee comes out of queues, from service times that were typed into the model.

describe('connections per second by power state', () => {
  // A run ends without a drain, so a longer one leaves a smaller share open.
  test.each(['78W', '68W'])('%s carries 3M', async (power) => {
    const { offered, achieved, packets } = await measureTrial({
      rate: '3M',
      duration: '600ms',
      power,
      acl: 'table4',
    });
    expect(achieved.cps / offered.cps).toBeGreaterThanOrEqual(0.999);
    expect(packets.lossRatio).toBeLessThanOrEqual(1e-4);
  });

  test('52 W carries 2.4M to 2.6M of 3M, and drops the rest as new flows that no ARM core has room for', async () => {
    const { achieved, packets } = await measureTrial({
      rate: '3M',
      duration: '200ms',
      power: '52W',
      acl: 'table4',
    });
    expect(achieved.cps).toBeGreaterThan(2.4e6);
    expect(achieved.cps).toBeLessThan(2.6e6);
    expect(Object.keys(packets.dropped.byReason)).toEqual(['armNewFlowQueue']);
    expect(packets.dropped.atCards).toBe(packets.dropped.total);
  });

  // While cards begin to fill, some ARM cores have never had work.
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'seed %i: a tenth of the load loses nothing from the first connection on',
    async (seed) => {
      for (const target of ['card://pair', 'card://solo']) {
        const { packets, latencyNs } = await measureTrial({
          rate: '300k',
          duration: '5ms',
          seed: `${seed}`,
          target,
        });
        expect(packets.dropped.byReason).toEqual({});
        expect(latencyNs.synToSynAck.max).toBeLessThan(100_000);
      }
    },
  );

  test('latency is flat at low load and grows more than linearly towards the knee', async () => {
    const p50 = async (rate: string) =>
      (await measureTrial({ rate, duration: '50ms' })).latencyNs.synToSynAck.p50;
    const [at300k, at600k, at1500k, at3M] = [
      await p50('300k'),
      await p50('600k'),
      await p50('1.5M'),
      await p50('3M'),
    ];
    expect(at600k / at300k).toBeLessThan(1.1);
    expect(at3M / at300k).toBeGreaterThan(2);
    expect(at3M - at1500k).toBeGreaterThan(at1500k - at300k);
  });

  test('ping-pong stays below 40 us and above 2 us up to the knee', async () => {
    for (const rate of ['300k', '1.5M', '3M']) {
      const { p50 } = (await measureTrial({ rate, duration: '50ms' })).latencyNs.pingPong;
      expect(p50).toBeGreaterThan(2_000);
      expect(p50).toBeLessThan(40_000);
    }
  });
});
