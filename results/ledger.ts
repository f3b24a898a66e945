import { whole } from './figure-text.js';
import type { Measured } from './result.js';

/**
 * The books of a trial: what went in equals what came out, was lost for a named reason or is still inside.
 * @returns one sentence per equation that does not balance; none when all do.
 */
export function checkLedger(measured: Pick<Measured, 'packets' | 'connections'>): string[] {
  const { packets, connections } = measured;
  const { dropped } = packets;
  const { broken } = connections;
  const equations: Equation[] = [
    {
      name: 'packets.sent',
      total: packets.sent,
      parts: { delivered: packets.delivered, 'dropped.total': dropped.total, inFlight: packets.inFlight },
    },
    { name: 'packets.dropped.total', total: dropped.total, parts: dropped.byReason },
    {
      name: 'connections.attempted',
      total: connections.attempted,
      parts: { completed: connections.completed, 'broken.total': broken.total, open: connections.open },
    },
    {
      name: 'connections.broken.total',
      total: broken.total,
      parts: { reset: broken.reset, timeout: broken.timeout },
    },
  ];
  return equations.map(imbalance).filter((sentence) => sentence !== undefined);
}

interface Equation {
  name: string;
  total: number;
  parts: Record<string, number>;
}

function imbalance({ name, total, parts }: Equation): string | undefined {
  const sum = Object.values(parts).reduce((before, part) => before + part, 0);
  if (sum === total) return undefined;
  const terms = Object.entries(parts).map(([part, count]) => `${part} ${whole(count)}`);
  return `${name} is ${whole(total)}, but ${terms.join(' + ') || 'nothing'} makes ${whole(sum)}`;
}
