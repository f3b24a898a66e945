import { describe, expect, test } from 'vitest';
import { loadModel } from '../sirius-card/model.js';
import { measureTrial } from './trials.js';

// One connection at a time meets no queue: its latency is a sum of numbers of the model, which is done here by hand.

const { mpu, punt, arm, network } = loadModel('dsc-200');
const WIRE_BITS_SMALLEST = 8 * (64 + 50 + 4 + 20);

/** One hop: a frame put on the wire and carried over. */
function hopNs(latencyNs: number, wireBits = WIRE_BITS_SMALLEST): number {
  return wireBits / network.linkRateGbps + latencyNs;
}

const toCardNs = hopNs(network.generatorToTorNs) + network.torForwardingNs + hopNs(network.torToCardNs);
const betweenCardsNs = hopNs(network.torToCardNs) + network.torForwardingNs + hopNs(network.torToCardNs);
const slowPathNs = (serviceNs: number) => punt.toArmNs + serviceNs + punt.reinjectionNs;
const fastPathNs = mpu.smallestPacketNs;

/** From the primary's ARM core on its way out to the pong's arrival. */
const pingPongNs = (secondaryNs: number) =>
  punt.reinjectionNs + betweenCardsNs + slowPathNs(secondaryNs) + betweenCardsNs;

describe('one connection at a time', () => {
  test('SYN to SYN-ACK is the sum of stages, ARM operations and links, to the ns', async () => {
    const { synToSynAck } = (await measureTrial({ rate: '1k' })).latencyNs;
    const synNs =
      toCardNs +
      punt.toArmNs +
      arm.newFlowPrimaryNs +
      pingPongNs(arm.newFlowSecondaryNs) +
      fastPathNs +
      toCardNs;
    const synAckNs = toCardNs + fastPathNs + toCardNs;
    const expectedNs = Math.floor(synNs + synAckNs);
    expect(synToSynAck).toMatchObject({ count: 20, min: expectedNs, mean: expectedNs, max: expectedNs });
  });

  test('ping-pong is one round for the SYN and one for each FIN', async () => {
    const { pingPong } = (await measureTrial({ rate: '1k' })).latencyNs;
    const synNs = Math.floor(pingPongNs(arm.newFlowSecondaryNs));
    const finNs = Math.floor(pingPongNs(arm.finSecondaryNs));
    expect(pingPong).toMatchObject({ count: 60, min: finNs, max: synNs, mean: (synNs + 2 * finNs) / 3 });
  });

  test('without replication a SYN saves its ping-pong, and the pong its way through the primary', async () => {
    const on = (await measureTrial({ rate: '1k' })).latencyNs.synToSynAck;
    const { synToSynAck: off, pingPong } = (await measureTrial({ rate: '1k', replication: 'off' })).latencyNs;
    const savedNs = pingPongNs(arm.newFlowSecondaryNs) + fastPathNs - punt.reinjectionNs;
    expect(Math.abs(on.mean - off.mean - savedNs)).toBeLessThanOrEqual(1);
    expect(pingPong.count).toBe(0);
  });

  test.each([
    { innerFrameBytes: 64, paperNs: 2360 },
    { innerFrameBytes: 1500, paperNs: 3140 },
  ])(
    'through the card, $innerFrameBytes B: the paper has $paperNs ns (section 6.2)',
    async ({ innerFrameBytes, paperNs }) => {
      const { cardTransit } = (
        await measureTrial({ rate: '1k', tunable: [`innerFrameBytes=${innerFrameBytes}`] })
      ).latencyNs;
      expect(cardTransit.count).toBe(60);
      expect(Math.abs(cardTransit.mean / paperNs - 1)).toBeLessThan(0.02);
    },
  );
});
