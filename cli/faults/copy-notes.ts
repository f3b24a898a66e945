import type { CopyNotes } from '../../results/result.js';
import type { CopyLog, CopyRecord } from '../../targets/fabric/copy-log.js';
import type { ChannelReading, Fabric } from '../../targets/fabric/fabric.js';

/** What a run's control plane knows of copies, for its result. */
export function copyNotes(log: CopyLog, fabric: Fabric, ranNs: number): CopyNotes {
  const { oneCopyNs, fewerCardsNs, allocatable, copies } = log.read(ranNs);
  const channels = allChannels(fabric);
  const sum = (value: (reading: ChannelReading) => number) =>
    channels.reduce((total, reading) => total + value(reading), 0);
  return {
    oneCopyNs,
    fewerCardsNs,
    allocatable: [...allocatable],
    bulk: copies.map(bulkCopy),
    exchange: {
      batches: sum(({ batches }) => batches),
      batchesAgain: sum(({ batchesAgain }) => batchesAgain),
      bytes: sum(({ bytes }) => bytes),
      forgets: sum(({ forgets }) => forgets),
      refused: sum(({ refused }) => refused),
    },
  };
}

function allChannels({ cardCount, cards }: Fabric): ChannelReading[] {
  const indices = Array.from({ length: cardCount }, (_, card) => card);
  return indices.flatMap((card) =>
    indices.filter((peer) => peer !== card).map((peer) => cards.readChannel(card, peer)),
  );
}

function bulkCopy({
  primary,
  secondary,
  fnics,
  beganNs,
  endedNs,
  records,
  bytes,
}: CopyRecord): CopyNotes['bulk'][number] {
  return {
    from: `card${primary + 1}`,
    to: `card${secondary + 1}`,
    fnicCount: fnics.length,
    beganNs,
    ...(endedNs === undefined ? {} : { tookNs: endedNs - beganNs }),
    records,
    bytes,
  };
}
