import { describe, expect, test } from 'vitest';
import { SiriusError } from '../core/errors.js';
import { exampleResult } from './fixture.js';
import { parseResult, provenanceOf, type Result } from './result.js';

describe('a result that the schema takes', () => {
  const cases: [name: string, result: Result][] = [
    ['a valid run', exampleResult()],
    ['an invalid one with reasons', exampleResult({ verdict: 'invalid', invalidReasons: ['lag'] })],
    ['an interrupted one', exampleResult({ interrupted: true })],
    ['any further input', exampleResult({ input: { ...exampleResult().input, anything: { at: ['all'] } } })],
    ['one with faults', withFaults()],
  ];
  test.each(cases)('%s', (_, result) => {
    expect(parseResult(JSON.parse(JSON.stringify(result)), 'result.json')).toEqual(result);
  });
});

describe('a result that the schema refuses', () => {
  const cases: [name: string, change: (result: Mutable) => void][] = [
    [
      'not an object',
      (result) =>
        Object.keys(result).forEach((key) => {
          delete result[key];
        }),
    ],
    [
      'another schema',
      (result) => {
        result.schema = 'sirius-bench.result/2';
      },
    ],
    [
      'an id without a time',
      (result) => {
        result.id = 'latest';
      },
    ],
    [
      'an unknown verdict',
      (result) => {
        result.verdict = 'maybe';
      },
    ],
    [
      'valid, with reasons why not',
      (result) => {
        result.invalidReasons = ['lag'];
      },
    ],
    [
      'invalid, with no reason',
      (result) => {
        result.verdict = 'invalid';
      },
    ],
    [
      'no word on interruption',
      (result) => {
        delete result.interrupted;
      },
    ],
    [
      'an unknown clock',
      (result) => {
        result.input.clock = 'sundial';
      },
    ],
    [
      'an unknown key beside measured',
      (result) => {
        result.extra = 1;
      },
    ],
    [
      'an unknown key in measured',
      (result) => {
        result.measured.extra = 1;
      },
    ],
    [
      'an unknown key in a latency',
      (result) => {
        result.measured.latencyNs.pingPong.p95 = 1;
      },
    ],
    [
      'no flow table',
      (result) => {
        delete result.measured.flowTable;
      },
    ],
    [
      'a negative count',
      (result) => {
        result.measured.packets.sent = -1;
      },
    ],
    [
      'half a packet',
      (result) => {
        result.measured.packets.sent = 0.5;
      },
    ],
    [
      'null for a number (what JSON makes of NaN)',
      (result) => {
        result.measured.achieved.cps = null;
      },
    ],
    [
      'a loss above 1',
      (result) => {
        result.measured.packets.lossRatio = 1.5;
      },
    ],
    [
      'a reason without a count',
      (result) => {
        result.measured.packets.dropped.byReason.linkDown = 'many';
      },
    ],
    [
      'a histogram that is not base64',
      (result) => {
        result.measured.latencyNs.pingPong.hdr = 'HIST*';
      },
    ],
    [
      'a short hash',
      (result) => {
        result.measured.hash = '3f9a1c';
      },
    ],
    [
      'intervals of no length',
      (result) => {
        result.measured.series.intervalNs = 0;
      },
    ],
    [
      'a fault without a place',
      (result) => {
        result.measured.faults = [{ kind: 'card-down' }];
      },
    ],
  ];
  test.each(cases)('%s', (_, change) => {
    const result = JSON.parse(JSON.stringify(exampleResult())) as Mutable;
    change(result);
    expect(() => parseResult(result, 'result.json')).toThrow(SiriusError);
  });
});

test.each([
  ['virtual', 'virtual'],
  ['wall', 'measured'],
] as const)('figures under the %s clock are %s', (clock, provenance) => {
  expect(provenanceOf({ input: { ...exampleResult().input, clock } })).toBe(provenance);
});

/** A result as a file may hold it. */
// biome-ignore lint/suspicious/noExplicitAny: the cases reach for keys that no type has
type Mutable = any;

function withFaults(): Result {
  const result = exampleResult();
  const fault = {
    kind: 'card-down',
    place: 'card1',
    atNs: 1e9,
    recoveryNs: 42e6,
    outageNs: 40e6,
    packetsLost: {
      total: 900,
      atCards: 870,
      byPlace: [
        { place: 'tor1', reason: 'noRoute', count: 30 },
        { place: 'card1', reason: 'linkDown', count: 870 },
      ],
    },
    flows: { underWay: 100, broken: 3, stalled: 12, recovered: 12 },
    timeline: {
      startNs: -1e5,
      binNs: 1e5,
      sentPackets: [9, 9],
      deliveredPackets: [9, 0],
      lostPackets: [0, 9],
    },
  };
  return { ...result, measured: { ...result.measured, faults: [fault] } };
}
