import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleMeasured, exampleResult, seriesOf } from './fixture.js';
import type { Measured, Result } from './result.js';
import { runNotes } from './run-notes.js';

const TCP = { connectionTimeoutNs: 5e9, holdNs: 0, serverTurnaroundNs: 0, clientTurnaroundNs: 0 };

interface Change extends Partial<Omit<Measured, 'packets'>> {
  packets?: { sent?: number; byReason: Record<string, number> };
  tcp?: Record<string, number>;
}

function resultWith({ packets, tcp = TCP, ...change }: Change): Result {
  const { input } = exampleResult();
  const measured = { ...exampleMeasured(), ...change };
  const byReason = packets?.byReason ?? {};
  const total = Object.values(byReason).reduce((sum, count) => sum + count, 0);
  const sent = packets?.sent ?? 1e6;
  const dropped = { total, atCards: total, byReason };
  const ledger = {
    sent,
    delivered: sent - total,
    unexpected: 0,
    inFlight: 0,
    lossRatio: total / sent,
    dropped,
  };
  return {
    ...exampleResult({ input: { ...input, traffic: { tcp } } }),
    measured: { ...measured, packets: ledger },
  };
}

const kindsOf = (change: Change) => runNotes(resultWith(change)).map(({ kind }) => kind);

const UNSETTLED = {
  attempted: 180_000,
  established: 151_060,
  completed: 150_916,
  open: 29_084,
  broken: { reset: 0, timeout: 0, total: 0 },
  retransmitted: { syn: 0, fin: 0 },
};

describe('an overloaded target', () => {
  test('is told with the share of connections that failed and the named reason', () => {
    const [note] = runNotes(
      resultWith({ packets: { byReason: { armNewFlowQueue: 20_775, mpuQueue: 5 } }, connections: UNSETTLED }),
    );
    expect(note).toEqual({
      kind: 'overload',
      text: 'target OVERLOADED: 16.16% of the connections did not complete (armNewFlowQueue)',
    });
  });

  test.each<[string, Record<string, number>, boolean]>([
    ['a burst', { armNewFlowQueue: 1000 }, false],
    ['more than a burst', { armNewFlowQueue: 1001 }, true],
    ['several queues together', { armNewFlowQueue: 600, linkBuffer: 600 }, true],
    ['a full table', { flowTableFull: 5000 }, true],
    ['what the rules deny', { aclDenied: 50_000 }, false],
    ['a fault', { linkDown: 50_000 }, false],
    ['nothing', {}, false],
  ])('%s', (_name, byReason, isOverload) => {
    expect(kindsOf({ packets: { byReason } }).includes('overload')).toBe(isOverload);
  });
});

describe('a target whose queues grow until the end, though nothing is dropped yet', () => {
  const ramp = (step: number, count = 20) => Array.from({ length: count }, (_, at) => 500 + at * step);

  test('is overloaded, in one line, and its latency is not told to settle', () => {
    // 1% of 180,000 packets in each interval.
    const [note, ...others] = runNotes(resultWith(seriesOf(ramp(1800))));
    expect(note).toEqual({
      kind: 'overload',
      text: 'target OVERLOADED: queues grew until the end; a long run loses 1.00% of packets',
    });
    expect(note?.text.length).toBeLessThanOrEqual(80);
    expect(others).toEqual([]);
  });

  /** Policies deny 9000 packets in each interval: 5%, unless the rate is another. */
  const denying = (step: number, rate?: number): Change => {
    const { series } = seriesOf(ramp(step), rate);
    const completedConnections = series.completedConnections.map((count) => count - 9000);
    return {
      series: { ...series, completedConnections, lostPackets: ramp(0).map(() => 9000) },
      packets: { byReason: { aclDenied: 50_000 } },
    };
  };

  test('will lose what they grew by; what policies deny is no part of it, and told apart', () => {
    const [overload, denied] = runNotes(resultWith(denying(1800)));
    expect(overload?.text).toContain('a long run loses 1.00% of packets');
    expect(denied?.text).toContain('denied 5.00% of the packets');
    // More than queues that will settle, but less than a thousandth of the packets.
    expect(kindsOf(denying(1500, 300_000))).not.toContain('overload');
  });

  test.each<[string, number[], string[]]>([
    ['by no more than queues that will settle', ramp(300), ['rising']],
    ['by less than a thousandth', ramp(150), ['rising']],
    ['for too few intervals to tell', ramp(18_000, 7), ['rising']],
    ['not at all', ramp(0), []],
  ])('%s', (_name, open, kinds) => {
    expect(kindsOf(seriesOf(open))).toEqual(kinds);
  });
});

describe('what policies deny', () => {
  test('is told with its share', () => {
    const [note] = runNotes(resultWith({ packets: { byReason: { aclDenied: 10_000 } } }));
    expect(note?.text).toBe(
      'access control lists denied 1.00% of the packets sent: their connections do not complete',
    );
  });
  test('nothing denied, nothing said', () => expect(kindsOf({})).not.toContain('denied'));
});

describe('connections that were open at the end', () => {
  const held = { ...UNSETTLED, established: 180_000 };
  test.each<[string, Change, boolean]>([
    ['that the profile holds', { connections: held, tcp: { ...TCP, holdNs: 400e6 } }, true],
    ['that waited in queues', { connections: held }, false],
    ['of which there are few', { connections: { ...held, open: 1800 }, tcp: { ...TCP, holdNs: 4e8 } }, false],
  ])('%s', (_name, change, isOpen) => {
    expect(kindsOf(change).includes('open')).toBe(isOpen);
  });
});

describe('why connections were open at the end', () => {
  const noteOf = (open: number) =>
    runNotes(
      resultWith({
        durationNs: 9e9,
        tcp: { ...TCP, holdNs: 100e6 },
        connections: { ...UNSETTLED, established: 180_000, completed: 180_000 - open, open },
      }),
    ).find(({ kind }) => kind === 'open')?.text;

  test.each([
    [3_000, 'the profile makes each last 100 ms or more, the run 9.00 s'],
    [100_000, 'more than those that the profile makes last 100 ms or more'],
  ])('%i of 180,000', (open, why) => expect(noteOf(open)).toContain(`still open at the end: ${why}`));
});

describe('latency of the answered', () => {
  const packets = { byReason: { armNewFlowQueue: 20_775 } };
  test.each<[string, Change, boolean]>([
    ['when many were not', { packets, connections: UNSETTLED }, true],
    ['when nothing was lost', { connections: UNSETTLED }, false],
    ['when hardly any was not', { packets, connections: { ...UNSETTLED, established: 179_900 } }, false],
  ])('%s', (_name, change, isTold) => {
    expect(kindsOf(change).includes('survivors')).toBe(isTold);
  });

  const brokenBy = (unanswered?: number) => ({
    ...{ reset: 0, timeout: 9000, total: 9000 },
    ...(unanswered === undefined ? {} : { unanswered }),
  });
  test.each<[string, Partial<typeof UNSETTLED>, string]>([
    ['all still open', {}, '; 16.04% were still waiting at the end, for longer than the quickest did'],
    [
      'some given up',
      { open: 20_084, broken: brokenBy(8940) },
      '; 11.08% were still waiting at the end, for longer than the quickest did; 4.97% broke without an answer',
    ],
    [
      'all given up',
      { established: 171_060, open: 0, completed: 171_000, broken: brokenBy(8940) },
      'that were answered; 4.97% broke without an answer',
    ],
    [
      'a result that does not tell',
      { broken: brokenBy() },
      '; 16.04% more should have been by the end of the run',
    ],
  ])('tells what became of the others: %s', (_name, change, words) => {
    const texts = runNotes(resultWith({ packets, connections: { ...UNSETTLED, ...change } }));
    expect(texts.find(({ kind }) => kind === 'survivors')?.text).toContain(words);
  });

  test('SYNs that were merely under way at the end are no unanswered ones, though a few packets were lost', () => {
    const few = { packets: { byReason: { linkDown: 12 } }, connections: UNSETTLED };
    expect(kindsOf(few)).not.toContain('survivors');
    // Servers think for 20 ms: of 30k a second, 600 have just been sent.
    const { offered, latencyNs } = exampleMeasured();
    const thinking = {
      packets: { byReason: { linkDown: 6000 } },
      connections: { ...UNSETTLED, established: 179_400, completed: 179_000 },
      offered: { ...offered, cps: 30e3 },
      latencyNs: { ...latencyNs, synToSynAck: { ...latencyNs.synToSynAck, min: 20.03e6 } },
    };
    expect(kindsOf(thinking)).not.toContain('survivors');
  });
});

describe('retransmissions that were still due', () => {
  const packets = { byReason: { armNewFlowQueue: 20_775 } };
  const retransmitted = { syn: 20_775, fin: 0 };
  test.each<[string, Change, boolean]>([
    ['a run shorter than connections last', { durationNs: 2e9 }, true],
    ['a run that outlives the first of them', { durationNs: 5e9 }, false],
    ['a hold, for which connections last longer', { durationNs: 5e9, tcp: { ...TCP, holdNs: 1e9 } }, true],
    ['nothing open', { connections: { ...UNSETTLED, open: 0 } }, false],
    ['every loss was sent again', { connections: { ...UNSETTLED, retransmitted } }, false],
    ['a result that does not echo its timers', { tcp: {} }, false],
  ])('%s', (_name, change, isWaiting) => {
    const kinds = kindsOf({ packets, connections: UNSETTLED, ...change });
    expect(kinds.includes('waiting')).toBe(isWaiting);
  });

  test('are told with the time after which a connection is given up', () => {
    const texts = runNotes(resultWith({ packets, connections: UNSETTLED })).map(({ text }) => text);
    expect(texts[1]).toContain('shorter than the 5.00 s for which a packet may be sent again');
  });
});

describe('a run that is too short for its background', () => {
  const background = {
    ...{ tcpFlows: 15e6, udpFlows: 15e6, refreshNs: 4.9e9, learned: 30e6, learningNs: 9.8e9 },
    ...{ packets: { sent: 1e9, delivered: 1e9, unexpected: 0 }, unsent: 0, aliveAtEnd: 30e6 },
  };
  const textOf = (durationNs: number) =>
    runNotes(resultWith({ background, durationNs })).find(({ kind }) => kind === 'short')?.text;

  test('says so, in one line', () => {
    expect(textOf(10e6)).toBe(
      'too short: not every background flow is refreshed both ways in 10.0 ms (4.90 s)',
    );
    expect(textOf(100e6)?.length).toBeLessThanOrEqual(80);
  });

  test('is not one in which every flow is refreshed, nor one without a background', () => {
    expect(textOf(4.9e9)).toBeUndefined();
    expect(kindsOf({ durationNs: 10e6 })).not.toContain('short');
  });
});

describe('latency that was still rising', () => {
  test.each<[string, number[], boolean]>([
    ['a queue that grows', [400, 550, 650, 700, 760, 800], true],
    ['a queue that has settled', [700, 705, 690, 710, 700, 695], false],
    ['a queue that shrinks', [900, 700, 500, 300, 200, 100], false],
    ['within a tenth', [700, 700, 700, 765, 765, 765], false],
    ['so few that chance explains it', [5, 5, 5, 9, 9, 9], false],
    ['nothing open', [0, 0, 0, 0, 0, 0], false],
    ['too short to tell', [100, 900, 1800], false],
    ['no intervals', [], false],
  ])('%s', (_name, open, isRising) => {
    expect(kindsOf(seriesOf(open)).includes('rising')).toBe(isRising);
  });

  test('connections that wait for a retransmission are in no queue', () => {
    const { series } = seriesOf([400, 500, 600, 700, 800, 900]);
    expect(kindsOf({ series: { ...series, lostPackets: [0, 100, 100, 100, 100, 100] } })).toEqual([]);
  });

  test('connections that the profile holds open fill up first', () => {
    const filling = seriesOf([30_000, 60_000, 90_000, 90_000, 90_000, 90_000, 90_000, 90_000]);
    expect(kindsOf(filling)).toEqual(['rising']);
    expect(kindsOf({ ...filling, tcp: { ...TCP, holdNs: 30e6 } })).toEqual([]);
  });

  test('is not said of an overloaded target, whose queues are full', () => {
    const packets = { byReason: { armNewFlowQueue: 5000 } };
    expect(kindsOf({ ...seriesOf([1e3, 2e3, 3e3, 4e3]), packets })).not.toContain('rising');
  });

  test('a steady number of open connections never rises, whatever its size and scatter', () => {
    const steady = fc.tuple(
      fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 1e6 })),
      fc.array(fc.double({ min: -1, max: 1, noNaN: true })),
    );
    fc.assert(
      fc.property(steady, ([size, scatter]) => {
        const open = scatter.map((part) => Math.max(0, Math.round(size + part * Math.sqrt(size))));
        expect(kindsOf(seriesOf(open))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});
