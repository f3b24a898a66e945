import { CAPTURE_HEADER_BYTES } from '../core/dataplane/contract.js';
import { type DataPlaneBuild, loadDataPlane } from '../core/dataplane-module.js';
import { describeFrame, frameProblems } from '../core/packet/frame.js';
import { Random } from '../core/random.js';
import { picoseconds, Testbed, type TunnelEnds, UNBOUNDED_BYTES } from '../core/testbed.js';
import { parsePacketSize } from './packet-genome.js';
import { loadProfile } from './profile.js';
import { createUdpGenerator } from './udp-generator.js';
import { type UdpTraffic, udpFrameBytesMax } from './udp-traffic.js';

// For tests: a UDP generator on cables of 1000 ns, each wired back to it, or into a sink.

export const LATENCY_NS = 1000;

export interface UdpBenchOptions {
  traffic?: Partial<UdpTraffic>;
  size?: string;
  portCount?: number;
  rateGbps?: number;
  packetCount?: number;
  isSilent?: boolean;
  seed?: number;
  build?: DataPlaneBuild;
}

export function udpTraffic(traffic: Partial<UdpTraffic> = {}, size = '64'): UdpTraffic {
  return {
    ...loadProfile('cps'),
    ...{ genome: parsePacketSize(size), flowCount: 100, bidirectional: false },
    ...traffic,
  };
}

export function tunnelEnds(fnic: number): TunnelEnds {
  return {
    ...{ virtualAddress: 100 + fnic, hostAddress: 2000 + fnic, networkAddress: 4000 + fnic },
    ...{ switchMac: 1n, hostMac: 2n, networkMac: 3n },
  };
}

export function buildUdpBench(options: UdpBenchOptions = {}) {
  const { portCount = 2, rateGbps = 0, packetCount = 4096, isSilent = false, seed = 1 } = options;
  const dataPlane = loadDataPlane({ build: options.build ?? 'debug' });
  const { exports } = dataPlane;
  const traffic = udpTraffic(options.traffic, options.size);
  const frameBytesMax = udpFrameBytesMax(traffic);
  const testbed = new Testbed(dataPlane, { packetCount, frameBytesMax });
  const addLink = (name: string) =>
    testbed.addLink({
      ...{ name, owner: 'generator', latencyNs: LATENCY_NS, rateGbps },
      ...{ bufferBytes: UNBOUNDED_BYTES, lookaheadNs: 0 },
    });
  const captured = exports.captureCreate(packetCount, frameBytesMax);
  const ports = Array.from({ length: portCount }, (_, port) => {
    const toTarget = addLink(`cable${port + 1}`);
    exports.linkSetTap(toTarget, port + 1, 0);
    if (!isSilent) return { toTarget, fromTarget: toTarget };
    testbed.addApp(
      exports.sinkCreate(testbed.pool, testbed.addPlace(`sink${port + 1}`, 'generator'), toTarget),
    );
    return { toTarget, fromTarget: addLink(`silence${port + 1}`) };
  });
  const generator = createUdpGenerator(testbed, { ports, tunnelEnds }, { traffic, random: new Random(seed) });
  return {
    ...{ testbed, generator, traffic },
    runTo: (ns: number) => exports.engineRun(picoseconds(ns)),
    /** Steps the wall clock to this time: nothing is sent before it. */
    stepWallTo: (ns: number) => exports.engineStepWall(picoseconds(ns)),
    setDown: (isDown: boolean) => {
      for (const { toTarget } of ports) exports.linkSetDown(toTarget, isDown ? 1 : 0);
    },
    inject: (bytes: Uint8Array, ns: number) => {
      const scratch = exports.arenaAllocate(bytes.length);
      new Uint8Array(dataPlane.memory.buffer).set(bytes, scratch);
      exports.linkInject(testbed.pool, ports[0]?.toTarget ?? 0, scratch, bytes.length, picoseconds(ns));
    },
    /** What was put on the cables, as bytes and as a strict receiver reads it. */
    sent: () => {
      const view = new DataView(dataPlane.memory.buffer);
      return Array.from({ length: exports.captureTaken() }, (_, index) => {
        const slot = captured + index * exports.captureSlotSize();
        const length = view.getUint32(slot + 12, true);
        const bytes = new Uint8Array(view.buffer, slot + CAPTURE_HEADER_BYTES, length).slice();
        return {
          sentNs: Number(view.getBigInt64(slot, true)) / 1000,
          port: view.getUint32(slot + 8, true) - 1,
          bytes,
          ...readDatagram(bytes),
        };
      });
    },
  };
}

export type UdpBench = ReturnType<typeof buildUdpBench>;
export type SentDatagram = ReturnType<UdpBench['sent']>[number];

/** A tunnelled UDP datagram and its stamp. */
export function readDatagram(bytes: Uint8Array) {
  const frame = describeFrame(bytes);
  if (frame.kind !== 'ethernet' || frame.payload.kind !== 'ipv4') throw new Error('no outer IPv4');
  const tunnel = frame.payload.payload.kind === 'udp' ? frame.payload.payload.payload : frame.payload.payload;
  if (tunnel.kind !== 'vxlan' && tunnel.kind !== 'nvgre') throw new Error('no tunnel');
  const { inner } = tunnel;
  if (inner.kind !== 'ethernet' || inner.payload.kind !== 'ipv4' || inner.payload.payload.kind !== 'udp')
    throw new Error('no inner UDP');
  const { source, destination } = inner.payload;
  const { sourcePort, destinationPort, payloadBytes, checksum } = inner.payload.payload;
  const payload = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - payloadBytes, payloadBytes);
  return {
    problems: frameProblems(frame),
    tunnel: tunnel.kind,
    vni: tunnel.kind === 'vxlan' ? tunnel.vni : tunnel.vsid,
    outerSource: frame.payload.source,
    outerDestination: frame.payload.destination,
    ...{ source, destination, sourcePort, destinationPort, payloadBytes, checksum },
    innerFrameBytes: inner.frameBytes,
    stamp: {
      intendedPs: payload.getBigInt64(0, true),
      flow: payload.getUint32(8, true),
      round: payload.getUint32(12, true),
      mark: payload.getUint16(16, true),
    },
  };
}

export interface UdpRunOptions extends UdpBenchOptions {
  ratePps?: number;
  durationNs?: number;
}

/** Runs the counted phase alone, until all that was sent has come back. */
export function runUdpBench({ ratePps = 1e6, durationNs = 1e6, ...options }: UdpRunOptions = {}) {
  const bench = buildUdpBench(options);
  bench.generator.startCounted({ startNs: 0, durationNs, ratePps });
  bench.runTo(durationNs + 2 * LATENCY_NS);
  return bench;
}

/** A flow's ends by the formula in udp-flows.ts, with a division for each. */
export function endsOf(flow: number, { clients, servers, fnicCount }: UdpTraffic, portCount: number) {
  const port = flow % portCount;
  const index = Math.floor(flow / portCount);
  const number = Math.floor(index / fnicCount) * portCount + port;
  const serverCount = servers.addressCount * servers.portCount;
  const server = number % serverCount;
  const row = Math.floor(number / serverCount);
  const perFnic = Math.floor(clients.addressCount / fnicCount);
  return {
    port,
    fnic: index % fnicCount,
    client: clients.firstAddress + (index % fnicCount) * perFnic + ((row + server) % perFnic),
    clientPort: clients.firstPort + Math.floor(row / perFnic),
    server: servers.firstAddress + (server % servers.addressCount),
    serverPort: servers.firstPort + Math.floor(server / servers.addressCount),
  };
}
