import { describe, expect, test } from 'vitest';
import { type DataPlaneBuild, loadDataPlane } from '../core/dataplane-module.js';
import { readLatencyCounts } from '../core/latency-counts.js';
import { Random } from '../core/random.js';
import { picoseconds, Testbed } from '../core/testbed.js';
import { parsePacketSize } from '../generators/packet-genome.js';
import { loadProfile } from '../generators/profile.js';
import { createUdpGenerator } from '../generators/udp-generator.js';
import { checkUdpLedger, udpLedger } from '../generators/udp-ledger.js';
import { lineRatePps, type UdpTraffic, udpFrameBytesMax } from '../generators/udp-traffic.js';
import { idleTimeoutMs, warmUp } from '../generators/udp-warmup.js';
import { generateTable4Policy } from '../sirius-card/acl/table4.js';
import { CARD_COUNTER_COUNT, CardCounter } from '../sirius-card/dataplane/card-layout.js';
import { loadModel, powerState } from '../sirius-card/model.js';
import { layOutPolicy } from '../targets/policies.js';
import { buildTarget } from '../targets/target.js';
import { parseTarget } from '../targets/target-url.js';

// UDP through whole testbeds: every flow is learned once over the ARM cores, and no packet after that meets them.

interface TrialOptions {
  target?: string;
  size?: string;
  traffic?: Partial<UdpTraffic>;
  warmupPps?: number;
  ratePps?: number;
  durationNs?: number;
  seed?: number;
  build?: DataPlaneBuild;
  hasAcl?: boolean;
  /** Lets flows age out after so many milliseconds instead of none. */
  idleMs?: number;
}

function runUdpTrial(options: TrialOptions = {}) {
  const { target: url = 'card://pair', size = '64', seed = 1, build = 'release', hasAcl = false } = options;
  const { warmupPps = 1e6, ratePps = 10e6, durationNs = 200e3 } = options;
  const base = loadModel('dsc-200');
  const traffic: UdpTraffic = {
    ...loadProfile('cps'),
    ...{ genome: parsePacketSize(size), flowCount: 500, bidirectional: true },
    ...options.traffic,
  };
  const idleMs = options.idleMs ?? idleTimeoutMs({ flowCount: traffic.flowCount, warmupPps, durationNs });
  const model = { ...base, ageing: { ...base.ageing, establishedIdleMs: idleMs } };
  const random = new Random(seed);
  const permit = {
    clients: { first: traffic.clients.firstAddress, count: traffic.clients.addressCount },
    servers: { first: traffic.servers.firstAddress, count: traffic.servers.addressCount },
  };
  const testbed = new Testbed(loadDataPlane({ build }), {
    packetCount: 65_536,
    frameBytesMax: udpFrameBytesMax(traffic),
  });
  const target = buildTarget(testbed, parseTarget(url), {
    ...{ model, powerState: powerState(model, 78), modelledTime: true, replication: true, seed },
    ...{ fnicCount: traffic.fnicCount, firstVni: traffic.firstVni, encapsulation: traffic.encapsulation },
    acls: Array.from({ length: hasAcl ? traffic.fnicCount : 0 }, (_, fnic) =>
      layOutPolicy(testbed, generateTable4Policy({ seed: 1n, fnic, permit })),
    ),
    flowCapacity: traffic.flowCount + 65_536,
  });
  const generator = createUdpGenerator(testbed, target, { traffic, random });
  const { exports } = testbed;
  const steps = warmUp(testbed, generator, { startNs: 0, ratePps: warmupPps });
  let step = steps.next();
  while (!step.done) step = steps.next();
  const { endNs, ledger: warmup, drops } = step.value;
  const armOperations = () =>
    target.cards.map(({ counters }) =>
      Number(testbed.counters(counters, CARD_COUNTER_COUNT)[CardCounter.armOperations]),
    );
  const [armBefore, transitBefore] = [
    armOperations(),
    target.cards.map(({ transit }) => exports.histogramCount(transit)),
  ];
  const flowsLearned = target.cards.map(({ table }) => exports.flowTableCount(table));
  generator.startCounted({ startNs: endNs, durationNs, ratePps });
  const runTo = (ns: number) => exports.engineRun(picoseconds(endNs + ns));
  runTo(durationNs);
  const atEnd = udpLedger(testbed, generator.read('counted'), drops);
  runTo(durationNs + 1e6);
  const counted = udpLedger(testbed, generator.read('counted'), drops);
  return {
    ...{ warmup, counted, atEnd, flowsLearned },
    reading: { warmup: generator.read('warmup'), counted: generator.read('counted') },
    latency: readLatencyCounts(testbed.dataPlane, generator.latency.counted),
    lag: readLatencyCounts(testbed.dataPlane, generator.scheduleLag.counted),
    armOperations: armOperations().map((count, card) => count - (armBefore[card] ?? 0)),
    transits: target.cards.map(({ transit }, card) =>
      Number(exports.histogramCount(transit) - (transitBefore[card] ?? 0n)),
    ),
  };
}

const NOTHING_LOST = {
  unexpected: 0,
  inFlight: 0,
  lossRatio: 0,
  dropped: { total: 0, atCards: 0, byReason: {} },
};

describe('after a warm-up', () => {
  const trials: (TrialOptions & { name: string })[] = [
    { name: 'the pair' },
    { name: 'the pair, debug build', build: 'debug' },
    { name: 'the pair, one way', traffic: { bidirectional: false } },
    { name: 'the pair, NVGRE', traffic: { encapsulation: 'nvgre' } },
    { name: 'the pair, poisson', traffic: { arrivals: 'poisson' } },
    { name: 'the pair, imix', size: 'imix' },
    { name: 'the pair, 1500 B', size: '1500' },
    { name: 'the pair, one flow', traffic: { flowCount: 1 } },
    { name: 'the pair, 20k flows', traffic: { flowCount: 20_000 }, warmupPps: 3e6, durationNs: 2e6 },
    { name: "the pair with Table 4's policy", hasAcl: true },
    { name: 'one card', target: 'card://solo' },
    { name: 'no card', target: 'loopback://' },
  ];
  test.each(trials)('nothing meets an ARM core and nothing is lost: $name', ({ name: _name, ...options }) => {
    const trial = runUdpTrial(options);
    const flowCount = options.traffic?.flowCount ?? 500;
    const { sent } = trial.reading.counted;
    expect(trial.warmup).toEqual({ ...NOTHING_LOST, sent: flowCount, delivered: flowCount });
    expect(trial.counted).toEqual({ ...NOTHING_LOST, sent, delivered: sent });
    expect(checkUdpLedger(trial.atEnd)).toEqual([]);
    expect(trial.reading.counted).toMatchObject({ unsent: 0, unexpected: 0 });
    if (options.traffic?.arrivals !== 'poisson')
      expect(sent).toBe(((options.durationNs ?? 200e3) * 10e6) / 1e9);
    expect(trial.armOperations.every((count) => count === 0)).toBe(true);
    expect(trial.flowsLearned.every((count) => count === flowCount)).toBe(true);
    if (trial.transits.length > 0) expect(trial.transits.reduce((sum, count) => sum + count, 0)).toBe(sent);
  });

  test('both cards of a pair and both directions carry their half', () => {
    const { transits, reading } = runUdpTrial({
      traffic: { flowCount: 20_000 },
      warmupPps: 3e6,
      durationNs: 5e6,
    });
    const { sent, sentByServers } = reading.counted;
    expect(sent).toBe(50_000);
    for (const count of transits) expect(Math.abs(count / sent - 1 / 2)).toBeLessThan(0.02);
    expect(Math.abs(sentByServers / sent - 1 / 2)).toBeLessThan(0.02);
  });

  test('latency through an idle pair is the sum of links, ToRs and the card', () => {
    const { mpu, network } = loadModel('dsc-200');
    const wireNs = (8 * 138) / network.linkRateGbps;
    const hopsNs = network.generatorToTorNs + network.torForwardingNs + network.torToCardNs + 2 * wireNs;
    const { latency } = runUdpTrial({ ratePps: 1e5, durationNs: 1e6 });
    const expectedNs = Math.floor(2 * hopsNs + mpu.smallestPacketNs);
    expect(latency).toMatchObject({ count: 100, min: expectedNs, max: expectedNs });
  });

  test('same seed, same counts and latencies, in both builds; another seed, others', () => {
    const options = { traffic: { arrivals: 'poisson' }, size: 'imix', ratePps: 30e6 } as const;
    const trial = runUdpTrial(options);
    expect(runUdpTrial({ ...options, build: 'debug' })).toEqual(trial);
    expect(runUdpTrial({ ...options, seed: 2 }).latency).not.toEqual(trial.latency);
  });
});

describe('beyond what the target can do', () => {
  test('a warm-up faster than the ARM cores tells which flows were not learned, and why', () => {
    const { warmup, counted, flowsLearned, armOperations } = runUdpTrial({
      ...{ traffic: { flowCount: 120_000 }, warmupPps: 40e6, durationNs: 1e6, ratePps: 1e6 },
    });
    expect(warmup.delivered).toBeLessThan(120_000);
    expect(Object.keys(warmup.dropped.byReason).every((reason) => /^arm.*Queue$/.test(reason))).toBe(true);
    expect([warmup, counted].flatMap(checkUdpLedger)).toEqual([]);
    expect(warmup.inFlight).toBe(0);
    expect(Math.max(...flowsLearned)).toBeLessThan(120_000);
    // What is left is learned by the packets that are counted.
    expect(Math.max(...armOperations)).toBeGreaterThan(0);
  });

  test('line rate is offered to the packet, and what the cards cannot do is lost in their queues', () => {
    const genome = parsePacketSize('64');
    const options = {
      genome,
      encapsulation: 'vxlan',
      flowCount: 500,
      portCount: 2,
      linkRateGbps: 100,
    } as const;
    const ratePps = lineRatePps(options);
    const { counted, atEnd, lag, reading } = runUdpTrial({ ratePps, durationNs: 500e3 });
    expect(Math.abs(reading.counted.sent - ratePps * 500e-6)).toBeLessThan(1);
    expect(reading.counted.unsent).toBe(0);
    expect(lag.max).toBeLessThanOrEqual(1);
    expect(Object.keys(counted.dropped.byReason)).toEqual(['mpuQueue']);
    expect([counted, atEnd].flatMap(checkUdpLedger)).toEqual([]);
    // Two cards of 55 Mpps.
    const deliveredPps = atEnd.delivered / 500e-6;
    expect(deliveredPps).toBeGreaterThan(100e6);
    expect(deliveredPps).toBeLessThan(111e6);
  });

  test('loopback brings all of line rate back', () => {
    const options = { genome: parsePacketSize('imix'), encapsulation: 'vxlan', flowCount: 500 } as const;
    const ratePps = lineRatePps({ ...options, portCount: 2, linkRateGbps: 100 });
    const { counted } = runUdpTrial({ target: 'loopback://', size: 'imix', ratePps });
    expect(counted).toEqual({ ...NOTHING_LOST, sent: counted.sent, delivered: counted.sent });
  });

  test('flows that are idle for longer than the ageing time are learned anew', () => {
    const seldom = { ratePps: 1000, durationNs: 400e6, traffic: { flowCount: 200 } };
    expect(Math.max(...runUdpTrial({ ...seldom, idleMs: 50 }).armOperations)).toBeGreaterThan(0);
    expect(Math.max(...runUdpTrial(seldom).armOperations)).toBe(0);
  });
});
