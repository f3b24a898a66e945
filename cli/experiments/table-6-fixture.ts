import { exampleResult } from '../../results/fixture.js';
import type { Result } from '../../results/result.js';

interface Lost {
  lost: number;
  atCards: number;
  broken?: number;
  outageNs?: number;
  /** Of those lost; all of them unless told otherwise. */
  inOutage?: number;
  outageMayGoOn?: true;
}

/** A made-up run of 1.08G packets, in which so many are lost. */
export function faultRun(
  id: string,
  { lost, atCards, broken = 0, outageNs = 5e6, inOutage = lost, ...own }: Lost,
): Result {
  const result = exampleResult({ id });
  const { measured } = result;
  const byPlace = [
    { place: 'tor1', reason: 'noRoute', count: lost - atCards },
    { place: 'card1-tor1', reason: 'linkDown', count: atCards },
  ];
  return {
    ...result,
    measured: {
      ...measured,
      packets: { ...measured.packets, sent: 1.08e9, dropped: { total: lost, atCards, byReason: {} } },
      connections: {
        ...measured.connections,
        attempted: 180e6,
        broken: { reset: 0, timeout: broken, total: broken },
        retransmitted: { syn: Math.round(lost / 3), fin: Math.round((lost * 2) / 3) },
      },
      faults: [
        {
          ...{ kind: 'cut', place: 'tor1-card1', atNs: 20e9, recoveryNs: (lost / 18e6) * 1e9, outageNs },
          ...own,
          packetsLost: { total: lost, inOutage, atCards, byPlace },
          flows: { underWay: 240_000, broken, stalled: lost, recovered: lost - broken },
          timeline: { startNs: 0, binNs: 1e5, sentPackets: [], deliveredPackets: [], lostPackets: [] },
        },
      ],
    },
  };
}
