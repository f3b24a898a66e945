import type { Random } from '../core/random.js';
import { type Attachment, picoseconds, type Testbed } from '../core/testbed.js';
import {
  Arrivals,
  Encapsulation,
  UDP_COUNTER_COUNT,
  UdpCounter,
  UdpPhase,
} from './dataplane/generator-layout.js';
import { checkUdpTraffic, flowEndpoints, type UdpTraffic } from './udp-traffic.js';

const SIDE_CLIENT = 0;
const SIDE_SERVER = 1;
const CLIENT_INNER_MAC = 0x0200_0a00_0001n;
const SERVER_INNER_MAC = 0x0200_0a00_0002n;
const NANOSECONDS_PER_SECOND = 1e9;
const NEVER_PS = (1n << 63n) - 1n;
const UNLIMITED_PACKETS = (1n << 64n) - 1n;

export interface UdpGeneratorOptions {
  traffic: UdpTraffic;
  random: Random;
}

/** The warm-up sends every flow's first packet; what is measured is the counted phase. */
export type UdpPhaseName = keyof typeof UdpPhase;

/** What a generator has counted in one phase so far. A packet counts for the phase in which it was sent, whenever it comes back. */
export interface UdpReading {
  sent: number;
  /** Bytes of the frames, without FCS. */
  sentBytes: number;
  sentByServers: number;
  unsent: number;
  delivered: number;
  deliveredBytes: number;
  unexpected: number;
}

export interface UdpGenerator {
  /** Addresses in the data plane, for reading: from the intended send time to the arrival, and to the first bit sent. */
  latency: Record<UdpPhaseName, number>;
  scheduleLag: Record<UdpPhaseName, number>;
  flowCount: number;
  /**
   * Sends every flow's first packet once, evenly spaced, from `startNs` on.
   * @returns when the last one is due, in nanoseconds.
   */
  startWarmup(options: { startNs: number; ratePps: number }): number;
  /** Offers the load from `startNs` on for `durationNs`, with a new round of the flows. */
  startCounted(options: { startNs: number; durationNs: number; ratePps: number }): void;
  /** Lets packets leave only before this time: what a late generator has to make up is then spread over several steps. */
  setHorizon(horizonPs: bigint): void;
  /** Counts as unsent what was due before this time and was not sent: for the end of a run that was late. */
  forgo(untilPs: bigint): void;
  read(phase: UdpPhaseName): UdpReading;
}

/**
 * Puts UDP clients and servers into a testbed, attached to a target's ports. Nothing is sent before a phase is started.
 * @throws SiriusError (usage) when there are more flows than addresses.
 */
export function createUdpGenerator(
  testbed: Testbed,
  target: Attachment,
  { traffic, random }: UdpGeneratorOptions,
): UdpGenerator {
  const { exports } = testbed;
  checkUdpTraffic(traffic, { portCount: target.ports.length });
  const sizes = [...new Set(traffic.genome.innerFrameBytes)];
  const app = exports.udpGeneratorCreate(
    testbed.pool,
    testbed.addPlace('generator', 'generator'),
    traffic.fnicCount,
    traffic.firstVni,
    sizes.length,
  );
  for (const { toTarget, fromTarget } of target.ports) exports.udpGeneratorAddPort(app, fromTarget, toTarget);
  setFlows(testbed, app, traffic, random);
  for (const [index, innerFrameBytes] of sizes.entries()) {
    exports.udpGeneratorSetSize(app, index, Encapsulation[traffic.encapsulation], innerFrameBytes);
    setTemplates(testbed, app, index, target, traffic.fnicCount);
  }
  for (const bytes of traffic.genome.innerFrameBytes)
    exports.udpGeneratorAddToGenome(app, sizes.indexOf(bytes));
  testbed.addApp(app);
  const byPhase = (address: (app: number, phase: number) => number): Record<UdpPhaseName, number> => ({
    warmup: address(app, UdpPhase.warmup),
    counted: address(app, UdpPhase.counted),
  });
  return {
    latency: byPhase(exports.udpGeneratorLatency),
    scheduleLag: byPhase(exports.udpGeneratorScheduleLag),
    flowCount: traffic.flowCount,
    startWarmup: (options) => startWarmup(testbed, app, traffic.flowCount, options),
    startCounted: ({ startNs, durationNs, ratePps }) =>
      exports.udpGeneratorStart(
        app,
        UdpPhase.counted,
        Arrivals[traffic.arrivals],
        perThousandSeconds(ratePps),
        random.fork('arrivals').nextU64(),
        picoseconds(startNs),
        picoseconds(startNs + durationNs),
        UNLIMITED_PACKETS,
      ),
    setHorizon: (horizonPs) => exports.udpGeneratorSetHorizon(app, horizonPs),
    forgo: (untilPs) => exports.udpGeneratorForgo(app, untilPs),
    read: (phase) => read(testbed, app, phase),
  };
}

function startWarmup(
  { exports }: Testbed,
  app: number,
  flowCount: number,
  { startNs, ratePps }: { startNs: number; ratePps: number },
): number {
  exports.udpGeneratorStart(
    app,
    UdpPhase.warmup,
    Arrivals.constant,
    perThousandSeconds(ratePps),
    0n,
    picoseconds(startNs),
    NEVER_PS,
    BigInt(flowCount),
  );
  return startNs + Math.ceil(((flowCount - 1) / ratePps) * NANOSECONDS_PER_SECOND);
}

function perThousandSeconds(ratePps: number): bigint {
  return BigInt(Math.round(ratePps * 1000));
}

function setFlows(testbed: Testbed, app: number, traffic: UdpTraffic, random: Random): void {
  const { exports } = testbed;
  const { clients, servers, flowCount, bidirectional } = traffic;
  const { clientAddressesPerFnic, serverAddressCount, serverPortCount } = flowEndpoints(traffic);
  exports.udpGeneratorSetFlows(app, flowCount, bidirectional ? 1 : 0, random.fork('flows').nextU64());
  exports.udpGeneratorSetClients(app, clients.firstAddress, clientAddressesPerFnic, clients.firstPort);
  exports.udpGeneratorSetServers(
    app,
    servers.firstAddress,
    serverAddressCount,
    servers.firstPort,
    serverPortCount,
  );
}

function setTemplates(
  { exports }: Testbed,
  app: number,
  size: number,
  target: Attachment,
  fnicCount: number,
): void {
  for (let fnic = 0; fnic < fnicCount; fnic++) {
    const { virtualAddress, hostAddress, networkAddress, switchMac, hostMac, networkMac } =
      target.tunnelEnds(fnic);
    const set = (side: number, address: number, mac: bigint, innerMac: bigint, peerInnerMac: bigint) =>
      exports.udpGeneratorSetTemplate(
        app,
        size,
        fnic,
        side,
        address,
        virtualAddress,
        mac,
        switchMac,
        innerMac,
        peerInnerMac,
      );
    set(SIDE_CLIENT, hostAddress, hostMac, CLIENT_INNER_MAC, SERVER_INNER_MAC);
    set(SIDE_SERVER, networkAddress, networkMac, SERVER_INNER_MAC, CLIENT_INNER_MAC);
  }
}

function read(testbed: Testbed, app: number, phase: UdpPhaseName): UdpReading {
  const row = testbed.exports.udpGeneratorCounters(app) + UdpPhase[phase] * UDP_COUNTER_COUNT * 8;
  const counters = testbed.counters(row, UDP_COUNTER_COUNT);
  const counter = (name: UdpCounter) => Number(counters[name]);
  return {
    sent: counter(UdpCounter.sent),
    sentBytes: counter(UdpCounter.sentBytes),
    sentByServers: counter(UdpCounter.sentByServers),
    unsent: counter(UdpCounter.unsent),
    delivered: counter(UdpCounter.delivered),
    deliveredBytes: counter(UdpCounter.deliveredBytes),
    unexpected: counter(UdpCounter.unexpected),
  };
}
