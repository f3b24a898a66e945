import { CAPTURE_HEADER_BYTES } from '../core/dataplane/contract.js';
import { type DataPlaneBuild, loadDataPlane } from '../core/dataplane-module.js';
import { buildTunnelFrame, describeFrame } from '../core/packet/frame.js';
import { TcpFlag } from '../core/packet/tcp.js';
import { Random } from '../core/random.js';
import { picoseconds, Testbed, type TunnelEnds, UNBOUNDED_BYTES } from '../core/testbed.js';
import { loadProfile, type TrafficProfile } from './profile.js';
import { createTcpGenerator, frameBytesOf, type GeneratorReading } from './tcp-generator.js';

// One cable of 1000 ns without a rate, wired back to the generator (everything is answered) or into a sink (nothing is).

const LATENCY_NS = 1000;
/** Nothing counted. */
export const SILENT: GeneratorReading = {
  ...{
    attempted: 0,
    unsent: 0,
    unsentPackets: 0,
    sent: 0,
    delivered: 0,
    established: 0,
    completed: 0,
    open: 0,
  },
  ...{ brokenReset: 0, brokenTimeout: 0, retransmittedSyn: 0, retransmittedFin: 0, unexpected: 0 },
  ...{ stalled: 0, recovered: 0, repeated: 0, duplicated: 0, reordered: 0 },
};

export interface BenchOptions {
  durationNs: number;
  rateCps: number;
  profile?: Partial<TrafficProfile>;
  tunables?: string[];
  isSilent?: boolean;
  packetCount?: number;
  seed?: number;
  build?: DataPlaneBuild;
}

function tunnelEnds(fnic: number): TunnelEnds {
  return {
    ...{ virtualAddress: 100 + fnic, hostAddress: 200 + fnic, networkAddress: 300 + fnic },
    ...{ switchMac: 1n, hostMac: 2n, networkMac: 3n },
  };
}

/** What the server of a client's packet sends to reset the connection, which is the first of the first record, or 256 later. */
export function resetOf({ vni, source, destination, sourcePort, destinationPort }: Sent): Uint8Array {
  return buildTunnelFrame({
    ...{ outer: { source: 300, destination: 100 }, encapsulation: 'vxlan', vni },
    inner: {
      ...{ source: destination, destination: source, frameBytes: 64 },
      transport: {
        ...{ kind: 'tcp', sourcePort: destinationPort, destinationPort: sourcePort },
        ...{ sequence: 0, acknowledgement: 1, flags: TcpFlag.rst | TcpFlag.ack },
      },
    },
  });
}

type Sent = ReturnType<typeof innerOf>;

/** A generator with its cable, and what a test does with them. */
export function buildBench(options: BenchOptions) {
  const { durationNs, rateCps, tunables = [], isSilent = false, packetCount = 4096, seed = 1 } = options;
  const dataPlane = loadDataPlane({ build: options.build ?? 'debug' });
  const { exports } = dataPlane;
  const profile = { ...loadProfile('cps', { tunables }), ...options.profile, rateCps };
  const testbed = new Testbed(dataPlane, { packetCount, frameBytesMax: frameBytesOf(profile) });
  const addLink = (name: string) =>
    testbed.addLink({
      ...{ name, owner: 'generator', latencyNs: LATENCY_NS, rateGbps: 0 },
      ...{ bufferBytes: UNBOUNDED_BYTES, lookaheadNs: 0 },
    });
  const link = addLink('cable');
  const captured = exports.captureCreate(packetCount, frameBytesOf(profile));
  exports.linkSetTap(link, 1, 0);
  const ports = [{ toTarget: link, fromTarget: isSilent ? addLink('silence') : link }];
  if (isSilent) testbed.addApp(exports.sinkCreate(testbed.pool, testbed.addPlace('sink', 'generator'), link));
  const generator = createTcpGenerator(
    testbed,
    { ports, tunnelEnds },
    { profile, durationNs, random: new Random(seed) },
  );
  return {
    ...{ testbed, generator, profile, link },
    runTo: (ns: number) => exports.engineRun(picoseconds(ns)),
    setDown: (isDown: boolean) => exports.linkSetDown(link, isDown ? 1 : 0),
    inject: (bytes: Uint8Array, ns: number) => {
      const scratch = exports.arenaAllocate(bytes.length);
      new Uint8Array(dataPlane.memory.buffer).set(bytes, scratch);
      exports.linkInject(testbed.pool, link, scratch, bytes.length, picoseconds(ns));
    },
    /** What was put on the cable: when, and what a strict receiver reads out of it. */
    sent: () => {
      const view = new DataView(dataPlane.memory.buffer);
      return Array.from({ length: exports.captureTaken() }, (_, index) => {
        const slot = captured + index * exports.captureSlotSize();
        const bytes = new Uint8Array(
          view.buffer,
          slot + CAPTURE_HEADER_BYTES,
          view.getUint32(slot + 12, true),
        );
        return { sentNs: Number(view.getBigInt64(slot, true)) / 1000, ...innerOf(bytes) };
      });
    },
  };
}

function innerOf(bytes: Uint8Array) {
  const outer = describeFrame(bytes);
  if (outer.kind !== 'ethernet' || outer.payload.kind !== 'ipv4') throw new Error('no outer IPv4');
  const tunnel = outer.payload.payload.kind === 'udp' ? outer.payload.payload.payload : outer.payload.payload;
  if (tunnel.kind !== 'vxlan' && tunnel.kind !== 'nvgre') throw new Error('no tunnel');
  const { inner } = tunnel;
  if (inner.kind !== 'ethernet' || inner.payload.kind !== 'ipv4' || inner.payload.payload.kind !== 'tcp')
    throw new Error('no inner TCP');
  const { source, destination, payload } = inner.payload;
  const { flags, sourcePort, destinationPort } = inner.payload.payload;
  const vni = tunnel.kind === 'vxlan' ? tunnel.vni : tunnel.vsid;
  return { vni, source, destination, flags, sourcePort, destinationPort, isGood: payload.checksumIsGood };
}
