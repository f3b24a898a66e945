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
          packetsLost: { total: 900, atCards: 870 },
          flows: { broken: 3, stalled: 12, recovered: 12 },
        },
      ],
    },
  };
}
