import { formatDurationNs } from '../../core/units.js';
import { whole } from '../figure-text.js';
import type { Background, Measured, Result } from '../result.js';

/** One thing that DASH asks of the hero test, and what a run gave. */
export interface HeroCriterion {
  id: 'packets' | 'connections' | 'background' | 'high-water' | 'empty';
  label: string;
  asked: string;
  got: string;
  isMet: boolean;
}

/**
 * DASH asks for a table of at most 32M records with 30M background flows: 2M are for the connections, at every scale
 * (sonic-net/DASH, program scale testing requirements).
 */
export const HERO_CONNECTION_RECORDS_MAX = 2_000_000;
/** DASH: "all connections are aged within the 1 second interval". */
export const HERO_AGEING_GRACE_NS = 1e9;

/** What DASH asks, in its order; about the target, not about the validity of the trial. */
export function heroCriteria({ measured }: Pick<Result, 'measured'>): HeroCriterion[] {
  const { background } = measured;
  return [
    packetCriterion(measured),
    connectionCriterion(measured),
    ...(background === undefined ? [] : [backgroundCriterion(background)]),
    ...tableCriteria(measured),
  ];
}

function packetCriterion({ packets: { dropped } }: Measured): HeroCriterion {
  const reasons = Object.entries(dropped.byReason)
    .sort(([, one], [, other]) => other - one)
    .map(([reason, count]) => `${reason} ${whole(count)}`);
  return {
    id: 'packets',
    label: 'packets dropped',
    asked: '0',
    got:
      dropped.total === 0
        ? '0'
        : `${whole(dropped.total)}, ${whole(dropped.atCards)} at cards: ${reasons.join(', ')}`,
    isMet: dropped.total === 0,
  };
}

/** A connection that had to send again did not come through as asked. */
function connectionCriterion({ connections, generator }: Measured): HeroCriterion {
  const { attempted, completed, retransmitted } = connections;
  const again = retransmitted.syn + retransmitted.fin;
  return {
    id: 'connections',
    label: 'connections completed',
    asked: whole(attempted + generator.unsent),
    got: `${whole(completed)}${again > 0 ? `, ${whole(again)} retransmissions` : ''}`,
    isMet: completed === attempted && again === 0 && generator.unsent === 0,
  };
}

function backgroundCriterion({ tcpFlows, udpFlows, learned, aliveAtEnd }: Background): HeroCriterion {
  const flows = tcpFlows + udpFlows;
  return {
    id: 'background',
    label: 'background flows alive',
    asked: whole(flows),
    got: learned < flows ? `${whole(aliveAtEnd)}, ${whole(learned)} learned` : whole(aliveAtEnd),
    isMet: learned === flows && aliveAtEnd >= flows,
  };
}

function tableCriteria({ ageing, background }: Measured): HeroCriterion[] {
  if (ageing === undefined) return [];
  const flows = background === undefined ? 0 : background.tcpFlows + background.udpFlows;
  const highest = Math.max(0, ...ageing.cards.map(({ highWater }) => highWater));
  const left = ageing.cards.reduce((sum, { atEnd }) => sum + atEnd, 0);
  const limitNs = ageing.idleNs + HERO_AGEING_GRACE_NS;
  const { emptyAfterNs } = ageing;
  return [
    {
      id: 'high-water',
      label: 'high-water of a card',
      asked: `<= ${whole(flows + HERO_CONNECTION_RECORDS_MAX)}`,
      got: ageing.cards.map(({ highWater }) => whole(highWater)).join(', '),
      isMet: highest <= flows + HERO_CONNECTION_RECORDS_MAX,
    },
    {
      id: 'empty',
      label: 'tables empty after',
      asked: `<= ${formatDurationNs(limitNs)}`,
      got: emptyAfterNs === undefined ? `${whole(left)} records left` : formatDurationNs(emptyAfterNs),
      isMet: emptyAfterNs !== undefined && emptyAfterNs <= limitNs,
    },
  ];
}
