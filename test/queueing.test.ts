import { describe, expect, test } from 'vitest';
import { loadDataPlane } from '../core/dataplane-module.js';
import { readLatencyCounts } from '../core/latency-counts.js';
import { Random } from '../core/random.js';
import { picoseconds, Testbed, UNBOUNDED_BYTES } from '../core/testbed.js';
import { loadProfile } from '../generators/profile.js';
import { createTcpGenerator, frameBytesOf } from '../generators/tcp-generator.js';
import { tunnelEndsOf } from '../targets/underlay.js';

// One station with formulas: generator (SYNs that nobody answers) -> station -> sink.

const SERVICE_NS = 1000;
const DURATION_NS = 4e9;

interface Queueing {
  load: number;
  arrivals: 'constant' | 'poisson';
  exponential: boolean;
}

/** Mean wait in nanoseconds, over `load` x 4M packets. */
function meanWaitNs({ load, arrivals, exponential }: Queueing): number {
  const dataPlane = loadDataPlane();
  const { exports } = dataPlane;
  const rateCps = (load * 1e9) / SERVICE_NS;
  const base = loadProfile('cps', { tunables: ['tcp.connectionTimeout=1ms', 'tcp.synTimeout=1ms'] });
  const profile = { ...base, rateCps, arrivals };
  const testbed = new Testbed(dataPlane, { packetCount: 65_536, frameBytesMax: frameBytesOf(profile) });
  // No rate limit on the wires: the station alone queues.
  const link = (name: string) =>
    testbed.addLink({
      name,
      owner: 'generator',
      latencyNs: 1000,
      rateGbps: 0,
      bufferBytes: UNBOUNDED_BYTES,
      lookaheadNs: 0,
    });
  const [toStation, toSink, silent] = [link('to-station'), link('to-sink'), link('silent')] as [
    number,
    number,
    number,
  ];
  createTcpGenerator(
    testbed,
    { ports: [{ toTarget: toStation, fromTarget: silent }], tunnelEnds: tunnelEndsOf },
    { profile, durationNs: DURATION_NS, random: new Random(7) },
  );
  const station = exports.stationCreate(
    testbed.addPlace('station', 'generator'),
    toStation,
    toSink,
    picoseconds(SERVICE_NS),
    exponential ? 1 : 0,
    11n,
  );
  testbed.addApp(station);
  testbed.addApp(exports.sinkCreate(testbed.pool, testbed.addPlace('sink', 'generator'), toSink));
  exports.engineRun(picoseconds(DURATION_NS));
  const wait = readLatencyCounts(dataPlane, exports.stationWait(station));
  expect(wait.count).toBeGreaterThan(load * 3.9e6);
  return wait.sum / wait.count;
}

describe('mean wait against the Pollaczek-Khinchine formula', () => {
  test.each([0.5, 0.7, 0.9])('M/D/1 at load %f is within 2 percent', (load) => {
    const formulaNs = (load / (2 * (1 - load))) * SERVICE_NS;
    const measuredNs = meanWaitNs({ load, arrivals: 'poisson', exponential: false });
    expect(Math.abs(measuredNs / formulaNs - 1)).toBeLessThan(0.02);
  });

  test.each([0.5, 0.7, 0.9])('M/M/1 at load %f is within 2 percent', (load) => {
    const formulaNs = (load / (1 - load)) * SERVICE_NS;
    const measuredNs = meanWaitNs({ load, arrivals: 'poisson', exponential: true });
    expect(Math.abs(measuredNs / formulaNs - 1)).toBeLessThan(0.02);
  });

  test('arrivals and service that are both constant never wait below load 1', () => {
    expect(meanWaitNs({ load: 0.9, arrivals: 'constant', exponential: false })).toBe(0);
  });
});
