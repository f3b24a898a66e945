import type { Drop, Testbed } from '../core/testbed.js';
import type { UdpReading } from './udp-generator.js';

/** Where the packets of one phase are: `sent = delivered + dropped.total + inFlight`. */
export interface UdpLedger {
  sent: number;
  delivered: number;
  /** Of the delivered, those that are none of the generator's own. */
  unexpected: number;
  inFlight: number;
  /** `dropped.total / sent`, 0 when nothing was sent. */
  lossRatio: number;
  dropped: { total: number; atCards: number; byReason: Record<string, number> };
}

/**
 * The books of one phase. Places do not know of phases, so a phase must begin with nothing under way, and what was dropped before it
 * is `dropsBefore`; the three accounts are kept by three hands (generator, places, packet pool).
 */
export function udpLedger(
  testbed: Testbed,
  { sent, delivered, unexpected }: Pick<UdpReading, 'sent' | 'delivered' | 'unexpected'>,
  dropsBefore: readonly Drop[] = [],
): UdpLedger {
  const drops = dropsSince(testbed.drops(), dropsBefore);
  const byReason: Record<string, number> = {};
  for (const { reason, count } of drops) byReason[reason] = (byReason[reason] ?? 0) + count;
  const total = sum(drops);
  return {
    sent,
    delivered,
    unexpected,
    // A phase that has sent nothing has nothing under way: it is of the one before, which was ended early.
    inFlight: sent === 0 ? 0 : testbed.inFlight(),
    lossRatio: sent === 0 ? 0 : total / sent,
    dropped: { total, atCards: sum(drops.filter(({ owner }) => owner === 'card')), byReason },
  };
}

/** @returns one sentence when the books do not balance, none when they do. */
export function checkUdpLedger({ sent, delivered, dropped, inFlight }: UdpLedger): string[] {
  const found = delivered + dropped.total + inFlight;
  if (found === sent) return [];
  return [
    `packets.sent is ${sent}, but delivered ${delivered} + dropped.total ${dropped.total} + inFlight ${inFlight} makes ${found}`,
  ];
}

function dropsSince(drops: readonly Drop[], before: readonly Drop[]): Drop[] {
  return drops
    .map((drop) => {
      const earlier = before.find(({ place, reason }) => place === drop.place && reason === drop.reason);
      return { ...drop, count: drop.count - (earlier?.count ?? 0) };
    })
    .filter(({ count }) => count > 0);
}

function sum(drops: readonly Drop[]): number {
  return drops.reduce((total, { count }) => total + count, 0);
}
