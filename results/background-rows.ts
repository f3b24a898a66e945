import { formatDurationNs } from '../core/units.js';
import { percent, whole } from './figure-text.js';
import type { Ageing, Background } from './result.js';
import type { TableRow } from './text-table.js';

/** Flows beside the connections, for the summary of a run. Their packets stand among the others as well. */
export function backgroundRows({
  tcpFlows,
  udpFlows,
  learned,
  learningNs,
  refreshNs,
  packets,
  aliveAtEnd,
}: Background): TableRow[] {
  const flows = tcpFlows + udpFlows;
  return [
    ['flows', whole(flows), `${whole(tcpFlows)} TCP, ${whole(udpFlows)} UDP`],
    ['learned', whole(learned), `${percent(learned, flows)} in ${formatDurationNs(learningNs)}`],
    [
      'alive at the end',
      whole(aliveAtEnd),
      `refreshed every ${formatDurationNs(refreshNs)} in each direction`,
    ],
    ['packets sent', whole(packets.sent)],
    ['packets delivered', whole(packets.delivered), percent(packets.delivered, packets.sent)],
  ];
}

/** What became of the flow tables once nothing was sent any more. */
export function ageingRows({ idleNs, emptyAfterNs, waitedNs, cards }: Ageing): TableRow[] {
  const time =
    emptyAfterNs === undefined ? `not within ${formatDurationNs(waitedNs)}` : formatDurationNs(emptyAfterNs);
  return [
    ['empty after', time, `flows age after ${formatDurationNs(idleNs)}`],
    ...cards.map(
      ({ name, highWater, atEnd }): TableRow => [
        name,
        whole(highWater),
        `records at most, ${whole(atEnd)} at the end`,
      ],
    ),
  ];
}
