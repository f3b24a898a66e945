import { App } from '../../core/dataplane/app';
import { arenaAllocate } from '../../core/dataplane/arena';
import { DropReason } from '../../core/dataplane/contract';
import { Histogram, histogramCreate, histogramRecord } from '../../core/dataplane/histogram';
import { Link, linkSend, linksHavePacket, linksTake } from '../../core/dataplane/link';
import { PROTOCOL_TCP } from '../../core/dataplane/ipv4';
import { Packet, PacketPool, PacketQueue, dropPacket, poolGive, queueHeadPs, queueShift } from '../../core/dataplane/packet';
import { TCP_FIN, TCP_RST, TCP_SYN, Tcp } from '../../core/dataplane/tcp';
import { headers, innerTcpChecksumIsGood, parseTunnel } from '../../core/dataplane/tunnel';
import { AddressPlan, planAdvance } from './address-plan';
import { ArrivalProcess, arrivalsAdvance } from './arrivals';
import { BackgroundFlows, backgroundCheck, backgroundDuePs, backgroundOwns, backgroundReceive, backgroundVisit } from './background';
import { Connection, ConnectionPool, Segment, connectionPoolInit, connectionTake } from './connection';
import { CONNECTION_BITS, CONNECTION_BYTES, ClientState, GENERATOR_COUNTER_COUNT, GeneratorCounter, RETRANSMISSION_COUNT_MAX, ServerState, TCP_PORT_COUNT_MAX } from './generator-layout';
import { BrokenLog, brokenLogCreate } from './broken-log';
import { wasSentBefore } from './frame-template';
import { LateTimers, lateTimersCreate } from './late-timers';
import { clientReceive, serverReceive } from './tcp-endpoints';
import { initialSequence, sendClient } from './tcp-send';
import { FrameTemplate } from './tcp-template';
import { LISTS_PER_PURPOSE, LIST_COUNT, LIST_FIN, LIST_HOLD, LIST_SERVER_FIN, LIST_SYN, armClient, breakConnection, expireTimers, setTimer, timerList } from './tcp-timers';
import { TimerList } from './timers';

const CONNECTION_MASK: u32 = (1 << CONNECTION_BITS) - 1;

/**
 * Open-loop TCP clients and the servers that answer them. Six packets a connection, without payload: SYN, SYN-ACK, ACK, FIN,
 * FIN-ACK, ACK (section 6.2, footnote 8). A connection's record is found by its initial sequence number, as with SYN cookies,
 * and a packet counts for it only when addresses, ports and generation agree.
 */
@unmanaged
export class TcpGenerator extends App {
  pool: PacketPool;
  portCount: u32;
  fnicCount: u32;
  inputs: usize;
  /** Link pointers: fNIC f's packets of port p leave by number f * TCP_PORT_COUNT_MAX + p. Routing may change them while a run goes on. */
  outputs: usize;
  plan: AddressPlan;
  arrivals: ArrivalProcess;
  connections: ConnectionPool;
  lists: usize;
  late: LateTimers;
  /** Lower bound of the next timer's deadline: cancelling does not raise it. */
  timerDuePs: i64;
  /** No connection starts at or after this time. */
  stopPs: i64;
  /** Nor, for now, at or after this one: under the wall clock a generator that is late catches up in steps. */
  horizonPs: i64;
  connectionTimeoutPs: i64;
  holdPs: i64;
  turnaroundPs: i64;
  clientTurnaroundPs: i64;
  /** 1: a server that has not had the ACK of its SYN-ACK takes no FIN. */
  finNeedsAck: u32;
  retransmissionCountMax: u32;
  frameBytes: u32;
  innerIpOffset: u32;
  /** Offset of the outer UDP header, whose source port spreads flows; 0 for NVGRE. */
  outerUdpOffset: u32;
  /** `FrameTemplate` of fNIC f, side s at index 2 f + s. */
  templates: usize;
  counters: usize;
  broken: BrokenLog;
  /** Answers that servers, and clients, still think about. */
  thinking: PacketQueue;
  clientThinking: PacketQueue;
  /** Flows beside the connections, or null. Two apps may not send into one link, so they are part of this one. */
  background: BackgroundFlows | null;
  backgroundDuePs: i64;
  synToSynAck: Histogram;
  /** From the first time that a packet which had to be sent again was sent, to its answer. */
  stall: Histogram;
  scheduleLag: Histogram;
}

export function tcpGeneratorCreate(pool: PacketPool, place: u32, connectionCapacity: u32, fnicCount: u32): TcpGenerator {
  const app = changetype<TcpGenerator>(arenaAllocate(offsetof<TcpGenerator>()));
  const step: (app: usize, untilPs: i64) => void = tcpGeneratorStep;
  app.step = step.index;
  app.place = place;
  app.pool = pool;
  app.inputs = arenaAllocate(4 * TCP_PORT_COUNT_MAX);
  app.fnicCount = fnicCount;
  app.outputs = arenaAllocate(4 * TCP_PORT_COUNT_MAX * fnicCount);
  app.plan = changetype<AddressPlan>(arenaAllocate(offsetof<AddressPlan>()));
  app.arrivals = changetype<ArrivalProcess>(arenaAllocate(offsetof<ArrivalProcess>()));
  app.connections = changetype<ConnectionPool>(arenaAllocate(offsetof<ConnectionPool>()));
  connectionPoolInit(app.connections, connectionCapacity);
  app.late = lateTimersCreate();
  app.broken = brokenLogCreate(fnicCount);
  app.lists = arenaAllocate(LIST_COUNT * <u32>offsetof<TimerList>());
  app.templates = arenaAllocate(2 * fnicCount * <u32>offsetof<FrameTemplate>());
  app.counters = arenaAllocate(8 * GENERATOR_COUNTER_COUNT);
  app.thinking = changetype<PacketQueue>(arenaAllocate(offsetof<PacketQueue>()));
  app.clientThinking = changetype<PacketQueue>(arenaAllocate(offsetof<PacketQueue>()));
  app.synToSynAck = histogramCreate();
  app.stall = histogramCreate();
  app.scheduleLag = histogramCreate();
  app.timerDuePs = i64.MAX_VALUE;
  app.backgroundDuePs = i64.MAX_VALUE;
  app.stopPs = i64.MAX_VALUE;
  app.horizonPs = i64.MAX_VALUE;
  app.nextEventPs = 0;
  return app;
}

/**
 * Sets the waits; each back-off step doubles the one before (RFC 6298, 5.5).
 * @param tickPs see `TimerList.granularityPs`; 0: timers go off at their deadlines.
 */
export function tcpGeneratorSetTimers(app: TcpGenerator, synTimeoutPs: i64, finTimeoutPs: i64, retransmissionCountMax: u32, connectionTimeoutPs: i64, holdPs: i64, turnaroundPs: i64, tickPs: i64): void {
  assert(retransmissionCountMax <= <u32>RETRANSMISSION_COUNT_MAX);
  for (let step: u32 = 0; step < LISTS_PER_PURPOSE; step++) {
    setTimer(timerList(app, LIST_SYN + step), synTimeoutPs << step, tickPs);
    setTimer(timerList(app, LIST_FIN + step), finTimeoutPs << step, tickPs);
    setTimer(timerList(app, LIST_SERVER_FIN + step), finTimeoutPs << step, tickPs);
  }
  setTimer(timerList(app, LIST_HOLD), holdPs, 0);
  app.retransmissionCountMax = retransmissionCountMax;
  app.connectionTimeoutPs = connectionTimeoutPs;
  app.holdPs = holdPs;
  app.turnaroundPs = turnaroundPs;
}

// @ts-ignore: decorator
@inline
export function count(app: TcpGenerator, counter: GeneratorCounter): void {
  const address = app.counters + (<usize>counter << 3);
  store<u64>(address, load<u64>(address) + 1);
}

// @ts-ignore: decorator
@inline
export function outputOf(app: TcpGenerator, fnic: u32, port: u32): Link {
  return changetype<Link>(load<usize>(app.outputs + ((fnic * TCP_PORT_COUNT_MAX + port) << 2)));
}

function tcpGeneratorStep(self: usize, untilPs: i64): void {
  const app = changetype<TcpGenerator>(self);
  // Once, but on links without latency that lead back here, where answers arrive in the step that asks for them.
  do handleEvents(app, linksTake(app.inputs, app.portCount, untilPs), untilPs);
  while (linksHavePacket(app.inputs, app.portCount, untilPs));
}

/** Handles a list of arrivals and what is due meanwhile, in order of time; arrivals before what is due at the same instant. */
// @ts-ignore: decorator
@inline
function handleEvents(app: TcpGenerator, first: usize, untilPs: i64): void {
  const arrivals = app.arrivals;
  const lastPs = app.stopPs < app.horizonPs ? app.stopPs : app.horizonPs;
  let address = first;
  for (;;) {
    const inputPs = load<i64>(address);
    const connectionPs = arrivals.nextPs < lastPs ? arrivals.nextPs : i64.MAX_VALUE;
    const serverPs = queueHeadPs(app.thinking);
    const clientPs = queueHeadPs(app.clientThinking);
    const thinkingPs = clientPs < serverPs ? clientPs : serverPs;
    let ownPs = connectionPs < app.timerDuePs ? connectionPs : app.timerDuePs;
    if (thinkingPs < ownPs) ownPs = thinkingPs;
    if (app.backgroundDuePs < ownPs) ownPs = app.backgroundDuePs;
    if (inputPs <= ownPs && address != 0) {
      const packet = changetype<Packet>(address);
      address = packet.next;
      receive(app, packet);
    } else if (ownPs >= untilPs) {
      app.nextEventPs = ownPs;
      return;
    } else if (connectionPs == ownPs) {
      openConnection(app, connectionPs);
      arrivalsAdvance(arrivals);
    } else if (thinkingPs == ownPs) {
      const packet = queueShift(clientPs < serverPs ? app.clientThinking : app.thinking);
      linkSend(outputOf(app, <u32>packet.flowHash, packet.port), packet, thinkingPs);
    } else if (app.backgroundDuePs == ownPs) {
      const background = changetype<BackgroundFlows>(app.background);
      backgroundVisit(background);
      app.backgroundDuePs = backgroundDuePs(background);
    } else {
      expireTimers(app, ownPs);
    }
  }
}

function openConnection(app: TcpGenerator, intendedPs: i64): void {
  const plan = app.plan;
  const connection = connectionTake(app.connections);
  if (connection == null) {
    count(app, GeneratorCounter.unsent);
    planAdvance(plan);
    return;
  }
  count(app, GeneratorCounter.attempted);
  const fnic = plan.nextFnic;
  const client = plan.clientEndpoint / plan.clientPortCount;
  const server = plan.serverEndpoint / plan.serverPortCount;
  connection.intendedPs = intendedPs;
  connection.fnic = <u16>fnic;
  connection.clientAddress = plan.clientFirstAddress + fnic * plan.clientAddressesPerFnic + client;
  connection.clientPort = <u16>(plan.clientFirstPort + plan.clientEndpoint - client * plan.clientPortCount);
  connection.serverAddress = plan.serverFirstAddress + server;
  connection.serverPort = <u16>(plan.serverFirstPort + plan.serverEndpoint - server * plan.serverPortCount);
  connection.clientState = <u8>ClientState.synSent;
  connection.serverState = <u8>ServerState.listening;
  connection.clientRetries = 0;
  connection.serverRetries = 0;
  connection.clientTimerList = 0;
  connection.serverTimerList = 0;
  connection.stalled = 0;
  connection.seen = 0;
  // Both directions of a connection use the same port, chosen by its client endpoint as an ECMP hash would.
  connection.port = <u8>((connection.clientPort ^ <u32>connection.clientAddress) % app.portCount);
  planAdvance(plan);
  armClient(app, connection, LIST_SYN, intendedPs);
  const startPs = sendClient(app, connection, TCP_SYN, 0, intendedPs);
  if (startPs >= 0) histogramRecord(app.scheduleLag, startPs - intendedPs);
}

function receive(app: TcpGenerator, packet: Packet): void {
  const nowPs = packet.arrivalPs;
  let reason = parseTunnel(packet.frame, packet.frameBytes);
  const toServer = headers.destination - app.plan.serverFirstAddress < app.plan.serverAddressCount;
  const background = app.background;
  const isBackground = background != null && backgroundOwns(background, toServer);
  if (reason == DropReason.none) {
    if (isBackground) reason = backgroundCheck();
    else if (headers.protocol != PROTOCOL_TCP) reason = DropReason.unsupported;
    else if (!innerTcpChecksumIsGood()) reason = DropReason.checksum;
  }
  if (reason != DropReason.none) {
    dropPacket(app.pool, packet, app.place, reason);
    return;
  }
  // The packet's bytes stay as they are until the next one is taken; all that is needed of them is read before that.
  poolGive(app.pool, packet);
  if (isBackground) {
    backgroundReceive(changetype<BackgroundFlows>(background), toServer, nowPs);
    return;
  }
  count(app, GeneratorCounter.delivered);
  const transport = headers.transport;
  const sequence = Tcp.sequence(transport);
  const acknowledgement = Tcp.acknowledgement(transport);
  const number = toServer ? sequence : acknowledgement;
  const slot = (number >> 2) & CONNECTION_MASK;
  if (slot >= app.connections.fresh) {
    count(app, GeneratorCounter.unexpected);
    return;
  }
  const connection = changetype<Connection>(app.connections.base + <usize>slot * CONNECTION_BYTES);
  if (!belongs(app, connection, toServer, number)) {
    count(app, GeneratorCounter.unexpected);
    return;
  }
  const flags = headers.tcpFlags;
  if (flags & TCP_RST) {
    breakConnection(app, connection, GeneratorCounter.brokenReset, nowPs);
    return;
  }
  if (wasSentBefore(transport)) count(app, GeneratorCounter.repeated);
  else noteOrder(app, connection, flags, number & 3, toServer);
  if (toServer) serverReceive(app, connection, flags, number & 3, nowPs);
  else clientReceive(app, connection, flags, nowPs);
}

/** Whether the network gave a packet twice, or gave a later one of the same sender before it. `offset` as in `serverReceive`. */
// @ts-ignore: decorator
@inline
function noteOrder(app: TcpGenerator, connection: Connection, flags: u32, offset: u32, toServer: bool): void {
  const segment = toServer ? clientSegment(flags, offset) : flags & TCP_SYN ? Segment.synAck : Segment.finAck;
  const seen = <u32>connection.seen;
  const later = (toServer ? Segment.ofClient : Segment.ofServer) & ~(segment | (segment - 1));
  if (seen & segment) count(app, GeneratorCounter.duplicated);
  else if (seen & later) {
    // A client that thinks about its ACK for longer than it holds sends its FIN first.
    if (segment != Segment.ack || app.holdPs >= app.clientTurnaroundPs) count(app, GeneratorCounter.reordered);
  }
  connection.seen = <u8>(seen | segment);
}

// @ts-ignore: decorator
@inline
function clientSegment(flags: u32, offset: u32): u32 {
  if (flags & TCP_SYN) return Segment.syn;
  if (flags & TCP_FIN) return Segment.fin;
  return offset == 2 ? Segment.lastAck : Segment.ack;
}

// @ts-ignore: decorator
@inline
function belongs(app: TcpGenerator, connection: Connection, toServer: bool, number: u32): bool {
  if (connection.clientState == <u8>ClientState.free || (number & ~3) != initialSequence(app, connection)) return false;
  const clientAddress = toServer ? headers.source : headers.destination;
  const serverAddress = toServer ? headers.destination : headers.source;
  const clientPort = toServer ? headers.sourcePort : headers.destinationPort;
  const serverPort = toServer ? headers.destinationPort : headers.sourcePort;
  return (
    connection.clientAddress == clientAddress &&
    connection.serverAddress == serverAddress &&
    <u32>connection.clientPort == clientPort &&
    <u32>connection.serverPort == serverPort
  );
}

