import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { exampleLatency, exampleMeasured, exampleResult } from './fixture.js';
import type { Result } from './result.js';
import { renderSummary } from './summary.js';

const PLAIN = { columns: 80, color: false } as const;

test('a run as text', async () => {
  const result = exampleResult();
  const text = renderSummary(result, { ...PLAIN, storedIn: `results/runs/${result.id}` });
  await expect(text).toMatchFileSnapshot('golden/summary.txt');
});

test('an invalid, interrupted run under the wall clock whose books do not balance', async () => {
  await expect(renderSummary(troubledResult(), PLAIN)).toMatchFileSnapshot('golden/summary-troubled.txt');
});

test('every line fits 80 columns', () => {
  for (const result of [exampleResult(), troubledResult()]) {
    for (const line of renderSummary(result, PLAIN).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  }
});

test('an overloaded target is told before its figures, in 80 columns', async () => {
  const text = renderSummary(overloadedResult(), PLAIN);
  await expect(text).toMatchFileSnapshot('golden/summary-overloaded.txt');
  const [head = ''] = text.split('\n\n');
  expect(head).toContain('target OVERLOADED: 16.16% of the connections did not complete (armNewFlowQueue)');
  expect(text).toMatch(/armNewFlowQueue +10,020,775 {2}99\.99%, ARM core's new-flow queue full/);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('latencies of any size fit 80 columns', () => {
  const sizes = [
    0, 2360, 999_994, 999_995, 1_149_950, 9_999_949, 9_999_950, 19_218_430, 999_999_500, 1.0036e9, 137.4e9,
  ];
  for (const size of sizes) {
    const result = exampleResult();
    const { synToSynAck, pingPong, cardTransit } = result.measured.latencyNs;
    const all = { min: size, mean: size, p50: size, p90: size, p99: size, p999: size, max: size };
    result.measured.latencyNs = {
      synToSynAck: { ...synToSynAck, ...all },
      pingPong: { ...pingPong, ...all },
      cardTransit: { ...cardTransit, ...all },
    };
    for (const line of renderSummary(result, PLAIN).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  }
});

test('a latency of a second says so', () => {
  const result = exampleResult();
  result.measured.latencyNs.synToSynAck.max = 1_003_611_000;
  expect(renderSummary(result, PLAIN)).toMatch(/SYN to SYN-ACK .* 1\.004s\n/);
});

test.each([
  ['virtual', true],
  ['wall', false],
] as const)('under the %s clock there is a speed of the simulation: %s', (clock, has) => {
  const text = renderSummary(exampleResult({ input: { ...exampleResult().input, clock } }), PLAIN);
  expect(text.includes('simulation speed')).toBe(has);
  expect(text).not.toContain('wall time');
});

test('ping-pong is explained where there is any', () => {
  expect(renderSummary(exampleResult(), PLAIN)).toContain(
    'ping-pong: a SYN or FIN to the second card and back',
  );
  expect(renderSummary(troubledResult(), PLAIN)).not.toContain('ping-pong: ');
});

test.each([
  [
    'unexpected packets',
    { packets: 12_345, unsent: 0 },
    /\n {4}unexpected +12,345 {2}of no connection/,
    /unsent packets/,
  ],
  [
    'unsent packets',
    { packets: 0, unsent: 36_000_480 },
    /\n {2}unsent packets +36,000,480 {2}50\.00% of the packets due/,
    /unexpected/,
  ],
])(
  '%s are told where there are any',
  (_name, { packets: unexpected, unsent: unsentPackets }, told, untold) => {
    const { measured, ...rest } = exampleResult();
    const packets = { ...measured.packets, unexpected };
    const generator = { ...measured.generator, unsentPackets };
    const text = renderSummary({ ...rest, measured: { ...measured, packets, generator } }, PLAIN);
    expect(text).toMatch(told);
    expect(text).not.toMatch(untold);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  },
);

test.each([
  ['cps', 8_388_608, /\n {2}laid out for +8,388,608 {2}records, as the load needs\n/],
  ['pps', 64_000_000, /\n {2}room for +64,000,000 {2}records, as the cards have\n/],
  ['cps', 0, undefined],
])('the flow table of %s with room for %i', (kind, capacity, line) => {
  const { measured, ...rest } = exampleResult({ kind });
  const flowTable = { ...measured.flowTable, capacity };
  const text = renderSummary({ ...rest, measured: { ...measured, flowTable } }, PLAIN);
  if (line === undefined) expect(text).not.toContain('flow table');
  else expect(text).toMatch(line);
});

test('colours change nothing but colours', () => {
  const result = troubledResult();
  const coloured = renderSummary(result, { columns: 80, color: true });
  expect(coloured).not.toBe(renderSummary(result, PLAIN));
  expect(stripVTControlCharacters(coloured)).toBe(renderSummary(result, PLAIN));
});

describe('every block says where its figures come from', () => {
  test.each([
    ['virtual', 'virtual'],
    ['wall', 'measured'],
  ] as const)('under the %s clock: %s', (clock, provenance) => {
    const result = exampleResult({ input: { ...exampleResult().input, clock } });
    const text = renderSummary(result, PLAIN);
    for (const block of ['load', 'connections', 'packets', 'latency [us]', 'generator', 'flow table']) {
      expect(text).toContain(`${block} (${provenance})`);
    }
    expect(text).toContain('host (measured)');
  });
});

/** As `cps --rate 3M --power 52W --duration 60ms` ends; the greatest counts that a line must hold. */
function overloadedResult(): Result {
  const { measured, input } = exampleResult();
  const byReason = { armNewFlowQueue: 10_020_775, staleReplication: 40 };
  return {
    ...exampleResult({ input: { ...input, traffic: { tcp: { connectionTimeoutNs: 5e9, holdNs: 0 } } } }),
    measured: {
      ...measured,
      connections: {
        ...measured.connections,
        attempted: 180_000,
        established: 151_060,
        completed: 150_916,
        open: 29_060,
      },
      packets: {
        ...measured.packets,
        sent: 100_935_121,
        dropped: { total: 10_020_815, atCards: 10_020_815, byReason },
        delivered: 90_906_024,
        inFlight: 8282,
        lossRatio: 10_020_815 / 100_935_121,
      },
    },
  };
}

function troubledResult(): Result {
  const measured = exampleMeasured();
  return {
    ...exampleResult({
      verdict: 'invalid',
      interrupted: true,
      invalidReasons: [
        'the generator left 12% of its connections unsent',
        'its schedule lag reached 41 ms at p99, more than a tenth of the latency',
      ],
      input: { clock: 'wall', seed: 7, target: 'card://solo' },
    }),
    measured: {
      ...measured,
      achieved: { cps: 0, pps: 0, bps: 0 },
      packets: { ...measured.packets, inFlight: 0 },
      latencyNs: { ...measured.latencyNs, pingPong: exampleLatency({ count: 0, floorNs: 0, scaleNs: 0 }) },
      generator: { ...measured.generator, unsent: 720_000 },
      faults: [
        {
          kind: 'card-down',
          place: 'card1',
          atNs: 1e9,
          recoveryNs: 42e6,
          outageNs: 40e6,
          packetsLost: { total: 900, atCards: 870, byPlace: [] },
          flows: { underWay: 100, broken: 3, stalled: 12, recovered: 12 },
          timeline: { startNs: 0, binNs: 1e5, sentPackets: [], deliveredPackets: [], lostPackets: [] },
        },
      ],
    },
  };
}
