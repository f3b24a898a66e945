import { arenaAllocate } from '../../core/dataplane/arena';
import { DropReason } from '../../core/dataplane/contract';
import { ETHERNET_BYTES } from '../../core/dataplane/ethernet';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../../core/dataplane/ipv4';
import { Link, linkSend } from '../../core/dataplane/link';
import { Packet, PacketPool, describeFrame, describeFrameAlike, poolTake, poolTakeUndescribed } from '../../core/dataplane/packet';
import { TCP_ACK, TCP_PSH, TCP_SYN, Tcp } from '../../core/dataplane/tcp';
import { headers, innerTcpChecksumIsGood } from '../../core/dataplane/tunnel';
import { UDP_BYTES, Udp } from '../../core/dataplane/udp';
import { ArrivalProcess, arrivalsAdvance } from './arrivals';
import { ENDPOINT_BITS, endpointOf, endsBytes } from './endpoints';
import { copyTail, fillFrame, ipv4ChecksumOf } from './frame-template';
import { BACKGROUND_COUNTER_COUNT, BackgroundCounter, TCP_PORT_COUNT_MAX, UDP_STAMP_BYTES, UDP_STAMP_MARK, UdpPhase } from './generator-layout';
import { SERVER_SEQUENCE_FACTOR } from './tcp-send';
import { FrameTemplate, alikeOf } from './tcp-template';
import { quotient } from './udp-divider';
import { FlowPlan, flowPlanFind, flowPlanVisit } from './udp-flows';
import { Stamp, UdpTemplate, fillUdpFrame, readStamp } from './udp-frame';
import { FlowOrder, flowOrderAdvance, flowOrderBegin, flowOrderVisit } from './udp-order';

const DYNAMIC_PORT_FIRST: u32 = 0xc000;
const DYNAMIC_PORT_MASK: u32 = 0x3fff;
/** Bits of a sequence number below the flow's number. */
const SEQUENCE_SHIFT: u32 = 6;

const SIDE_CLIENT: u32 = 0;
const SIDE_SERVER: u32 = 1;

/**
 * Flows that live on beside the connections: each is learned once (TCP by a handshake, UDP by its first packet) and from then on gets a
 * packet from either end once per interval, at a phase of its own. No flow has a state: its addresses follow from its number
 * (udp-flows.ts), flows are visited in one random order that stays the same (udp-order.ts), servers half an interval behind
 * the clients, and a packet carries its flow's number, in its stamp or in its sequence number. What a TCP segment is answered with follows from its flags.
 */
@unmanaged
export class BackgroundFlows {
  pool: PacketPool;
  place: u32;
  portCount: u32;
  outputs: usize;
  firstVni: u32;
  /** Flows below this number are TCP, the others UDP. */
  tcpFlowCount: u32;
  /** A visit of either side each, by turns: twice as many in an interval as there are flows. */
  visits: ArrivalProcess;
  isServersTurn: u32;
  clients: FlowOrder;
  servers: FlowOrder;
  /** Intervals before this one, of each side. */
  clientRound: u32;
  serverRound: u32;
  /** Visits of clients that are still to come before servers start. */
  headStart: u32;
  /** Intervals in which flows are learned: each takes its share of every fNIC's flows. */
  learningRounds: u32;
  plan: FlowPlan;
  serverPortFirst: u32;
  serverPortCount: u32;
  frameBytes: u32;
  innerIpOffset: u32;
  outerUdpOffset: u32;
  /** `FrameTemplate` and `UdpTemplate` of fNIC f, side s at index 2 f + s. */
  tcpTemplates: usize;
  udpTemplates: usize;
  stamp: Stamp;
  counters: usize;
  /** No packet is sent at or after this time, answers excepted. */
  stopPs: i64;
}

// @ts-ignore: decorator
@inline
function countBackground(background: BackgroundFlows, counter: BackgroundCounter): void {
  const address = background.counters + (<usize>counter << 3);
  store<u64>(address, load<u64>(address) + 1);
}

export function backgroundCreate(pool: PacketPool, place: u32, outputs: usize, portCount: u32, fnicCount: u32, firstVni: u32): BackgroundFlows {
  const background = changetype<BackgroundFlows>(arenaAllocate(offsetof<BackgroundFlows>()));
  background.pool = pool;
  background.place = place;
  background.outputs = outputs;
  background.portCount = portCount;
  background.firstVni = firstVni;
  background.visits = changetype<ArrivalProcess>(arenaAllocate(offsetof<ArrivalProcess>()));
  background.plan = changetype<FlowPlan>(arenaAllocate(offsetof<FlowPlan>()));
  background.stamp = changetype<Stamp>(arenaAllocate(offsetof<Stamp>()));
  background.tcpTemplates = arenaAllocate(2 * fnicCount * <u32>offsetof<FrameTemplate>());
  background.udpTemplates = arenaAllocate(2 * fnicCount * <u32>offsetof<UdpTemplate>());
  background.counters = arenaAllocate(8 * BACKGROUND_COUNTER_COUNT);
  background.stopPs = i64.MAX_VALUE;
  return background;
}

/** When the next packet is due, or never. */
// @ts-ignore: decorator
@inline
export function backgroundDuePs(background: BackgroundFlows): i64 {
  const duePs = background.visits.nextPs;
  return duePs < background.stopPs ? duePs : i64.MAX_VALUE;
}

/** Visits the client or the server whose turn it is. */
export function backgroundVisit(background: BackgroundFlows): void {
  const duePs = background.visits.nextPs;
  arrivalsAdvance(background.visits);
  const fromServer = background.isServersTurn;
  background.isServersTurn = 1 - fromServer;
  if (fromServer) {
    if (background.headStart != 0) return;
    const order = background.servers;
    const port = order.port;
    const index = flowOrderVisit(order);
    const round = background.serverRound;
    if (advanceRound(order)) background.serverRound++;
    if (learningRound(background, index) <= round) refresh(background, port, index, round, SIDE_SERVER, duePs);
    return;
  }
  if (background.headStart != 0) background.headStart--;
  const order = background.clients;
  const port = order.port;
  const index = flowOrderVisit(order);
  const round = background.clientRound;
  if (advanceRound(order)) background.clientRound++;
  if (round >= background.learningRounds) return refresh(background, port, index, round, SIDE_CLIENT, duePs);
  const dueRound = learningRound(background, index);
  if (dueRound < round) refresh(background, port, index, round, SIDE_CLIENT, duePs);
  else if (dueRound == round) learn(background, port, index, duePs);
}

/** In which interval a flow is learned; in each, as many of every fNIC, so that both cards learn at all times. */
// @ts-ignore: decorator
@inline
function learningRound(background: BackgroundFlows, index: u32): u32 {
  return quotient(background.plan.byFnic, index) % background.learningRounds;
}

/** Moves on; after a whole round the same order begins again, so that every flow comes an interval later. */
// @ts-ignore: decorator
@inline
function advanceRound(order: FlowOrder): bool {
  flowOrderAdvance(order);
  if (order.round == 0) return false;
  flowOrderBegin(order, 0);
  return true;
}

function learn(background: BackgroundFlows, port: u32, index: u32, duePs: i64): void {
  flowPlanVisit(background.plan, port, index);
  const flow = index * background.portCount + port;
  countBackground(background, BackgroundCounter.learning);
  if (flow < background.tcpFlowCount) sendTcp(background, flow, SIDE_CLIENT, TCP_SYN, port, duePs);
  else sendUdp(background, flow, SIDE_CLIENT, 0, UdpPhase.warmup, port, duePs);
}

function refresh(background: BackgroundFlows, port: u32, index: u32, round: u32, side: u32, duePs: i64): void {
  flowPlanVisit(background.plan, port, index);
  const flow = index * background.portCount + port;
  countBackground(background, BackgroundCounter.refreshes);
  if (flow < background.tcpFlowCount) sendTcp(background, flow, side, TCP_PSH | TCP_ACK, port, duePs);
  else sendUdp(background, flow, side, round, UdpPhase.counted, port, duePs);
}

/** Sends a segment of the flow that `plan` has found. Refreshes repeat one sequence number, as keep-alives do. */
function sendTcp(background: BackgroundFlows, flow: u32, side: u32, flags: u32, port: u32, readyPs: i64): void {
  const packet = poolTakeUndescribed(background.pool);
  if (packet == null) return countBackground(background, BackgroundCounter.unsent);
  const plan = background.plan;
  const template = changetype<FrameTemplate>(background.tcpTemplates + (2 * plan.fnic + side) * <u32>offsetof<FrameTemplate>());
  const client = clientEnd(plan);
  const server = serverEnd(plan);
  const fromServer = side == SIDE_SERVER;
  const source = fromServer ? server : client;
  const destination = fromServer ? client : server;
  const isSyn = <u32>((flags & TCP_SYN) != 0);
  const clientSequence = (flow << SEQUENCE_SHIFT) + (isSyn & <u32>!fromServer ? 0 : 1);
  const serverSequence = (flow << SEQUENCE_SHIFT) * SERVER_SEQUENCE_FACTOR + (isSyn ? 0 : 1);
  const ipv4Checksum = <u64>ipv4ChecksumOf(template.ipv4Sum, plan.clientAddress, plan.serverAddress);
  const endpoints = i64x2(source, destination);
  const bytes = endsBytes(i64x2(source, destination | (ipv4Checksum << ENDPOINT_BITS)), false);
  const sequence = fromServer ? serverSequence : clientSequence;
  const acknowledgement = flags & TCP_ACK ? (fromServer ? clientSequence : serverSequence) : 0;
  fillFrame(packet.frame, template.frame, background.innerIpOffset, template.tcpSum, bytes, endpoints, sequence, acknowledgement, flags);
  describeFrameAlike(packet, template.tunnelEnds, endpoints, alikeOf(template), flags);
  copyTail(packet.frame, template.frame, background.frameBytes);
  transmit(background, packet, template.outerDestination, port, readyPs);
}

// @ts-ignore: decorator
@inline
function clientEnd(plan: FlowPlan): u64 {
  return endpointOf(plan.clientAddress, plan.clientPort);
}

// @ts-ignore: decorator
@inline
function serverEnd(plan: FlowPlan): u64 {
  return endpointOf(plan.serverAddress, plan.serverPort);
}

function sendUdp(background: BackgroundFlows, flow: u32, side: u32, round: u32, phase: UdpPhase, port: u32, readyPs: i64): void {
  const packet = poolTake(background.pool);
  if (packet == null) return countBackground(background, BackgroundCounter.unsent);
  const plan = background.plan;
  const template = changetype<UdpTemplate>(background.udpTemplates + (2 * plan.fnic + side) * <u32>offsetof<UdpTemplate>());
  const fromServer = side == SIDE_SERVER;
  fillUdpFrame(
    packet.frame,
    template.frame,
    background.frameBytes,
    background.innerIpOffset,
    template.ipv4Sum,
    template.udpSum,
    fromServer ? plan.serverAddress : plan.clientAddress,
    fromServer ? plan.clientAddress : plan.serverAddress,
    fromServer ? (plan.serverPort << 16) | plan.clientPort : (plan.clientPort << 16) | plan.serverPort,
    readyPs,
    flow,
    round,
    <u32>UDP_STAMP_MARK + <u32>phase,
  );
  const source = fromServer ? serverEnd(plan) : clientEnd(plan);
  const destination = fromServer ? clientEnd(plan) : serverEnd(plan);
  const innerOffset = background.innerIpOffset - ETHERNET_BYTES;
  describeFrame(packet, template.tunnelEnds, source, destination, PROTOCOL_UDP, 0, innerOffset);
  transmit(background, packet, template.outerDestination, port, readyPs);
}

// @ts-ignore: decorator
@inline
function transmit(background: BackgroundFlows, packet: Packet, outerDestination: u32, port: u32, readyPs: i64): void {
  const plan = background.plan;
  if (background.outerUdpOffset) {
    const entropy = plan.clientPort + plan.clientAddress * 31 + plan.serverAddress;
    Udp.setSourcePort(packet.frame + background.outerUdpOffset, DYNAMIC_PORT_FIRST | (entropy & DYNAMIC_PORT_MASK));
  }
  packet.frameBytes = background.frameBytes;
  packet.outerDestination = outerDestination;
  countBackground(background, BackgroundCounter.sent);
  linkSend(changetype<Link>(load<usize>(background.outputs + ((plan.fnic * TCP_PORT_COUNT_MAX + port) << 2))), packet, readyPs);
}

/** Whether the packet in `headers` goes to or comes from a port of the background's servers. */
// @ts-ignore: decorator
@inline
export function backgroundOwns(background: BackgroundFlows, toServer: bool): bool {
  const serverPort = <u32>(toServer ? headers.destinationEndpoint : headers.sourceEndpoint) & 0xffff;
  return serverPort - background.serverPortFirst < background.serverPortCount;
}

/** Checks the transport's sum: `none` when it is good. */
export function backgroundCheck(): DropReason {
  const isGood = headers.protocol == PROTOCOL_TCP ? innerTcpChecksumIsGood() : Udp.checksumIsGood(headers.transport, headers.innerIp);
  return isGood ? DropReason.none : DropReason.checksum;
}

/** Counts the packet in `headers`, and answers it where TCP has it so. The packet itself was given back already. */
export function backgroundReceive(background: BackgroundFlows, toServer: bool, nowPs: i64): void {
  countBackground(background, BackgroundCounter.delivered);
  if (headers.protocol == PROTOCOL_TCP) receiveTcp(background, toServer, nowPs);
  else receiveUdp(background, toServer);
}

function receiveTcp(background: BackgroundFlows, toServer: bool, nowPs: i64): void {
  const transport = headers.transport;
  const flow = (toServer ? Tcp.sequence(transport) : Tcp.acknowledgement(transport)) >> SEQUENCE_SHIFT;
  if (flow >= background.tcpFlowCount || !belongs(background, flow, toServer)) return countBackground(background, BackgroundCounter.unexpected);
  const port = flow % background.portCount;
  const flags = <u32>headers.tcpFlags;
  if (flags == (TCP_PSH | TCP_ACK)) countBackground(background, BackgroundCounter.refreshed);
  else if (flags == TCP_SYN && toServer) sendTcp(background, flow, SIDE_SERVER, TCP_SYN | TCP_ACK, port, nowPs);
  else if (flags == (TCP_SYN | TCP_ACK) && !toServer) sendTcp(background, flow, SIDE_CLIENT, TCP_ACK, port, nowPs);
  else if (flags == TCP_ACK && toServer) countBackground(background, BackgroundCounter.learned);
  else countBackground(background, BackgroundCounter.unexpected);
}

function receiveUdp(background: BackgroundFlows, toServer: bool): void {
  const udp = headers.transport;
  const stamp = background.stamp;
  if (Udp.bytes(udp) < UDP_BYTES + <u32>UDP_STAMP_BYTES) return countBackground(background, BackgroundCounter.unexpected);
  readStamp(stamp, udp);
  const phase = stamp.mark - <u32>UDP_STAMP_MARK;
  const isOwn = stamp.flow >= background.tcpFlowCount && stamp.flow < background.plan.flowCount && belongs(background, stamp.flow, toServer);
  if (isOwn && phase == <u32>UdpPhase.counted) countBackground(background, BackgroundCounter.refreshed);
  else if (isOwn && phase == <u32>UdpPhase.warmup && toServer) countBackground(background, BackgroundCounter.learned);
  else countBackground(background, BackgroundCounter.unexpected);
}

/** Whether the addresses in `headers` are the flow's; leaves its ends in `plan`. */
function belongs(background: BackgroundFlows, flow: u32, toServer: bool): bool {
  const plan = background.plan;
  flowPlanFind(plan, flow);
  const client = clientEnd(plan);
  const server = serverEnd(plan);
  const differences =
    <u64>(headers.vni ^ (background.firstVni + plan.fnic)) |
    (headers.sourceEndpoint ^ (toServer ? client : server)) |
    (headers.destinationEndpoint ^ (toServer ? server : client));
  return differences == 0;
}
