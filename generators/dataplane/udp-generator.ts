import { App } from '../../core/dataplane/app';
import { arenaAllocate } from '../../core/dataplane/arena';
import { DropReason } from '../../core/dataplane/contract';
import { ETHERNET_BYTES } from '../../core/dataplane/ethernet';
import { Histogram, histogramCreate, histogramRecord } from '../../core/dataplane/histogram';
import { PROTOCOL_UDP } from '../../core/dataplane/ipv4';
import { Link, linkHeadPs, linkReceive, linkSend } from '../../core/dataplane/link';
import { Packet, PacketPool, describeFrame, dropPacket, poolGive, poolTake } from '../../core/dataplane/packet';
import { headers, parseTunnel } from '../../core/dataplane/tunnel';
import { UDP_BYTES, Udp } from '../../core/dataplane/udp';
import { ArrivalProcess, arrivalsAdvance } from './arrivals';
import { UDP_COUNTER_COUNT, UDP_GENOME_LENGTH_MAX, UDP_PHASE_COUNT, UDP_PORT_COUNT_MAX, UDP_STAMP_BYTES, UDP_STAMP_MARK, UdpCounter, UdpPhase } from './generator-layout';
import { FlowPlan, flowPlanFind, flowPlanVisit } from './udp-flows';
import { Stamp, UdpTemplate, fillUdpFrame, readStamp } from './udp-frame';
import { FlowOrder, flowOrderAdvance, flowOrderVisit } from './udp-order';

const DYNAMIC_PORT_FIRST: u32 = 0xc000;
const DYNAMIC_PORT_MASK: u32 = 0x3fff;

/** A frame's bytes in memory and, for each fNIC and side, its template. */
@unmanaged
export class FrameSize {
  frameBytes: u32;
  /** `UdpTemplate` of fNIC f, side s (0 client, 1 server) at index 2 f + s. */
  templates: usize;
}

@unmanaged
export class UdpPort {
  input: Link;
  output: Link;
  /** Where in the genome the port's next packet is: each port goes through all of it, so that all carry the same load. */
  genomePosition: u32;
}

/**
 * Open-loop UDP: when a packet is due, its flow, size and direction are functions of the seed and the number of the packet, and
 * nothing that arrives has any influence on them. No flow has a state: its addresses follow from its number (udp-flows.ts), the
 * order of flows is a permutation (udp-order.ts), and a datagram carries what its receiver has to know (udp-frame.ts).
 */
@unmanaged
export class UdpGenerator extends App {
  pool: PacketPool;
  portCount: u32;
  fnicCount: u32;
  firstVni: u32;
  ports: usize;
  arrivals: ArrivalProcess;
  order: FlowOrder;
  plan: FlowPlan;
  /** Bytes from the start of a frame to the inner IPv4 header, and to the outer UDP header; the latter is 0 for NVGRE. */
  innerIpOffset: u32;
  outerUdpOffset: u32;
  sizes: usize;
  sizeCount: u32;
  /** Indices of sizes, a byte each. */
  genome: usize;
  genomeLength: u32;
  /** 1: servers send every other packet of a flow, from its second on. */
  bidirectional: u32;
  phase: u32;
  /** No packet is sent at or after this time. */
  stopPs: i64;
  /** Nor, for now, at or after this one: under the wall clock a generator that is late catches up in steps. */
  horizonPs: i64;
  /** Packets of this phase that are not due yet. */
  packetsLeft: u64;
  stamp: Stamp;
  /** Rows of UDP_COUNTER_COUNT by phase. */
  counters: usize;
  /** Histograms by phase. */
  latencies: usize;
  scheduleLags: usize;
}

export function udpGeneratorCreate(pool: PacketPool, place: u32, fnicCount: u32, firstVni: u32, sizeCount: u32): UdpGenerator {
  const app = changetype<UdpGenerator>(arenaAllocate(offsetof<UdpGenerator>()));
  const step: (app: usize, untilPs: i64) => void = udpGeneratorStep;
  app.step = step.index;
  app.place = place;
  app.pool = pool;
  app.fnicCount = fnicCount;
  app.firstVni = firstVni;
  app.ports = arenaAllocate(UDP_PORT_COUNT_MAX * offsetof<UdpPort>());
  app.arrivals = changetype<ArrivalProcess>(arenaAllocate(offsetof<ArrivalProcess>()));
  app.plan = changetype<FlowPlan>(arenaAllocate(offsetof<FlowPlan>()));
  app.sizes = arenaAllocate(sizeCount * <u32>offsetof<FrameSize>());
  app.sizeCount = sizeCount;
  app.genome = arenaAllocate(UDP_GENOME_LENGTH_MAX);
  app.stamp = changetype<Stamp>(arenaAllocate(offsetof<Stamp>()));
  app.counters = arenaAllocate(8 * UDP_COUNTER_COUNT * UDP_PHASE_COUNT);
  app.latencies = arenaAllocate(4 * UDP_PHASE_COUNT);
  app.scheduleLags = arenaAllocate(4 * UDP_PHASE_COUNT);
  for (let phase: u32 = 0; phase < <u32>UDP_PHASE_COUNT; phase++) {
    store<usize>(app.latencies + (phase << 2), changetype<usize>(histogramCreate()));
    store<usize>(app.scheduleLags + (phase << 2), changetype<usize>(histogramCreate()));
  }
  app.nextEventPs = i64.MAX_VALUE;
  app.horizonPs = i64.MAX_VALUE;
  return app;
}

// @ts-ignore: decorator
@inline
export function udpCount(app: UdpGenerator, phase: u32, counter: UdpCounter, amount: u64 = 1): void {
  const address = app.counters + (<usize>(phase * UDP_COUNTER_COUNT + <u32>counter) << 3);
  store<u64>(address, load<u64>(address) + amount);
}

// @ts-ignore: decorator
@inline
export function udpPort(app: UdpGenerator, port: u32): UdpPort {
  return changetype<UdpPort>(app.ports + port * <u32>offsetof<UdpPort>());
}

// @ts-ignore: decorator
@inline
export function udpHistogram(table: usize, phase: u32): Histogram {
  return changetype<Histogram>(load<usize>(table + (<usize>phase << 2)));
}

/** Nothing that arrives changes what is sent, so the two need not be merged by time: first what has come, then what is due. */
function udpGeneratorStep(self: usize, untilPs: i64): void {
  const app = changetype<UdpGenerator>(self);
  for (let port: u32 = 0; port < app.portCount; port++) {
    const input = udpPort(app, port).input;
    while (linkHeadPs(input) < untilPs) receive(app, linkReceive(input));
  }
  const arrivals = app.arrivals;
  const stopPs = app.stopPs;
  let lastPs = untilPs < app.horizonPs ? untilPs : app.horizonPs;
  if (stopPs < lastPs) lastPs = stopPs;
  while (arrivals.nextPs < lastPs && app.packetsLeft != 0) {
    send(app, arrivals.nextPs);
    arrivalsAdvance(arrivals);
    app.packetsLeft--;
  }
  app.nextEventPs = arrivals.nextPs < stopPs && app.packetsLeft != 0 ? arrivals.nextPs : i64.MAX_VALUE;
}

/** Sends the packet of the flow whose turn it is. */
function send(app: UdpGenerator, intendedPs: i64): void {
  const order = app.order;
  const phase = app.phase;
  const port = order.port;
  const round = order.round;
  const index = flowOrderVisit(order);
  flowOrderAdvance(order);
  const outlet = udpPort(app, port);
  const size = changetype<FrameSize>(app.sizes + <u32>load<u8>(app.genome + outlet.genomePosition) * <u32>offsetof<FrameSize>());
  if (++outlet.genomePosition == app.genomeLength) outlet.genomePosition = 0;
  const packet = poolTake(app.pool);
  if (packet == null) {
    udpCount(app, phase, UdpCounter.unsent);
    return;
  }
  const plan = app.plan;
  flowPlanVisit(plan, port, index);
  const fromServer = isFromServer(app, plan, round);
  const template = changetype<UdpTemplate>(size.templates + (2 * plan.fnic + fromServer) * <u32>offsetof<UdpTemplate>());
  const frame = packet.frame;
  const frameBytes = size.frameBytes;
  const client = plan.clientAddress;
  const server = plan.serverAddress;
  const clientPort = plan.clientPort;
  const serverPort = plan.serverPort;
  // Selected, not branched: no processor guesses which side sends.
  fillUdpFrame(
    frame,
    template.frame,
    frameBytes,
    app.innerIpOffset,
    template.ipv4Sum,
    template.udpSum,
    select(server, client, fromServer),
    select(client, server, fromServer),
    select((serverPort << 16) | clientPort, (clientPort << 16) | serverPort, fromServer),
    intendedPs,
    index * app.portCount + port,
    round,
    <u32>UDP_STAMP_MARK + phase,
  );
  if (app.outerUdpOffset) Udp.setSourcePort(frame + app.outerUdpOffset, DYNAMIC_PORT_FIRST | ((clientPort + client * 31 + server) & DYNAMIC_PORT_MASK));
  packet.frameBytes = frameBytes;
  packet.outerDestination = template.outerDestination;
  const clientEnd = ((<u64>client) << 16) | clientPort;
  const serverEnd = ((<u64>server) << 16) | serverPort;
  describeFrame(packet, template.tunnelEnds, select(serverEnd, clientEnd, fromServer), select(clientEnd, serverEnd, fromServer), PROTOCOL_UDP, 0, app.innerIpOffset - ETHERNET_BYTES);
  udpCount(app, phase, UdpCounter.sent);
  udpCount(app, phase, UdpCounter.sentBytes, <u64>frameBytes);
  udpCount(app, phase, UdpCounter.sentByServers, <u64>fromServer);
  const startPs = linkSend(outlet.output, packet, intendedPs);
  if (startPs >= 0) histogramRecord(udpHistogram(app.scheduleLags, phase), startPs - intendedPs);
}

/** A flow's first packet is its client's, so that it is learned from that side; later ones alternate when traffic is bidirectional. */
// @ts-ignore: decorator
@inline
function isFromServer(app: UdpGenerator, plan: FlowPlan, round: u32): u32 {
  return app.bidirectional & <u32>(round != 0) & (round + plan.parity);
}

function receive(app: UdpGenerator, packet: Packet): void {
  let reason = parseTunnel(packet.frame, packet.frameBytes);
  if (reason == DropReason.none) {
    if (headers.protocol != PROTOCOL_UDP) reason = DropReason.unsupported;
    else if (!Udp.checksumIsGood(headers.transport, headers.innerIp)) reason = DropReason.checksum;
  }
  if (reason != DropReason.none) {
    dropPacket(app.pool, packet, app.place, reason);
    return;
  }
  const nowPs = packet.arrivalPs;
  const isOwn = belongs(app, nowPs);
  const phase = isOwn ? app.stamp.mark - <u32>UDP_STAMP_MARK : app.phase;
  udpCount(app, phase, UdpCounter.delivered);
  udpCount(app, phase, UdpCounter.deliveredBytes, <u64>packet.frameBytes);
  if (isOwn) histogramRecord(udpHistogram(app.latencies, phase), nowPs - app.stamp.intendedPs);
  else udpCount(app, phase, UdpCounter.unexpected);
  poolGive(app.pool, packet);
}

/** Whether the datagram in `headers` is what its stamp says: of that flow, in the direction of that round, sent before now. */
// @ts-ignore: decorator
@inline
function belongs(app: UdpGenerator, nowPs: i64): bool {
  const udp = headers.transport;
  if (Udp.bytes(udp) < UDP_BYTES + <u32>UDP_STAMP_BYTES) return false;
  const stamp = app.stamp;
  readStamp(stamp, udp);
  const plan = app.plan;
  if (stamp.mark - <u32>UDP_STAMP_MARK >= <u32>UDP_PHASE_COUNT || stamp.flow >= plan.flowCount || stamp.intendedPs < 0 || stamp.intendedPs > nowPs) return false;
  flowPlanFind(plan, stamp.flow);
  const fromServer = isFromServer(app, plan, stamp.round);
  const client = (<u64>plan.clientAddress << 16) | plan.clientPort;
  const server = (<u64>plan.serverAddress << 16) | plan.serverPort;
  const differences =
    <u64>(headers.vni ^ (app.firstVni + plan.fnic)) |
    (headers.sourceEndpoint ^ select(server, client, fromServer)) |
    (headers.destinationEndpoint ^ select(client, server, fromServer));
  return differences == 0;
}
