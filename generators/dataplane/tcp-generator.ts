import { App } from '../../core/dataplane/app';
import { arenaAllocate } from '../../core/dataplane/arena';
import { DropReason } from '../../core/dataplane/contract';
import { Histogram, histogramCreate, histogramRecord } from '../../core/dataplane/histogram';
import { Link, linkHeadPs, linkReceive, linkSend } from '../../core/dataplane/link';
import { PROTOCOL_TCP } from '../../core/dataplane/ipv4';
import { Packet, PacketPool, PacketQueue, dropPacket, poolGive, poolTake, queuePush, queueShift } from '../../core/dataplane/packet';
import { earliestInput } from '../../core/dataplane/switch';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN, Tcp } from '../../core/dataplane/tcp';
import { Udp } from '../../core/dataplane/udp';
import { headers, innerTcpChecksumIsGood, parseTunnel } from '../../core/dataplane/tunnel';
import { AddressPlan, planAdvance } from './address-plan';
import { ArrivalProcess, arrivalsAdvance } from './arrivals';
import { ClientState, Connection, ConnectionPool, ServerState, clientTimer, connectionGive, connectionPoolInit, connectionTake, serverTimer } from './connection';
import { fillFrame } from './frame-template';
import { CONNECTION_BITS, CONNECTION_BYTES, GENERATOR_COUNTER_COUNT, GeneratorCounter, RETRANSMISSION_COUNT_MAX } from './generator-layout';
import { TimerList, TimerNode, timerArm, timerCancel } from './timers';

const PORT_COUNT_MAX: u32 = 8;
const CONNECTION_MASK: u32 = (1 << CONNECTION_BITS) - 1;
/** Multiplying by an odd number makes the server's initial sequence number a function of the client's. */
const SERVER_SEQUENCE_FACTOR: u32 = 0x9e3779b1;
const DYNAMIC_PORT_FIRST: u32 = 0xc000;
const DYNAMIC_PORT_MASK: u32 = 0x3fff;

const SIDE_CLIENT: u32 = 0;
const SIDE_SERVER: u32 = 1;

/** Timer lists by purpose: one list per back-off step, plus the hold. */
const LISTS_PER_PURPOSE: u32 = RETRANSMISSION_COUNT_MAX + 1;
const LIST_SYN: u32 = 0;
const LIST_FIN: u32 = LISTS_PER_PURPOSE;
const LIST_SERVER_FIN: u32 = 2 * LISTS_PER_PURPOSE;
const LIST_HOLD: u32 = 3 * LISTS_PER_PURPOSE;
const LIST_COUNT: u32 = LIST_HOLD + 1;

/** Templates of one fNIC and side. */
@unmanaged
export class FrameTemplate {
  ipv4Sum: u64;
  tcpSum: u64;
  frame: usize;
}

/**
 * Open-loop TCP clients and the servers that answer them. Six packets a connection, without payload: SYN, SYN-ACK, ACK, FIN,
 * FIN-ACK, ACK (section 6.2, footnote 8). A connection's record is found by its initial sequence number, as with SYN cookies,
 * and a packet counts for it only when addresses, ports and generation agree.
 */
@unmanaged
export class TcpGenerator extends App {
  pool: PacketPool;
  portCount: u32;
  inputs: usize;
  outputs: usize;
  plan: AddressPlan;
  arrivals: ArrivalProcess;
  connections: ConnectionPool;
  lists: usize;
  /** Lower bound of the next timer's deadline: cancelling does not raise it. */
  timerDuePs: i64;
  /** No connection starts at or after this time. */
  stopPs: i64;
  connectionTimeoutPs: i64;
  holdPs: i64;
  turnaroundPs: i64;
  retransmissionCountMax: u32;
  frameBytes: u32;
  innerIpOffset: u32;
  /** Offset of the outer UDP header, whose source port spreads flows; 0 for NVGRE. */
  outerUdpOffset: u32;
  /** `FrameTemplate` of fNIC f, side s at index 2 f + s. */
  templates: usize;
  counters: usize;
  /** Answers that servers still think about. */
  thinking: PacketQueue;
  synToSynAck: Histogram;
  scheduleLag: Histogram;
}

export function tcpGeneratorCreate(pool: PacketPool, place: u32, connectionCapacity: u32, fnicCount: u32): TcpGenerator {
  const app = changetype<TcpGenerator>(arenaAllocate(offsetof<TcpGenerator>()));
  const step: (app: usize, untilPs: i64) => void = tcpGeneratorStep;
  app.step = step.index;
  app.place = place;
  app.pool = pool;
  app.inputs = arenaAllocate(4 * PORT_COUNT_MAX);
  app.outputs = arenaAllocate(4 * PORT_COUNT_MAX);
  app.plan = changetype<AddressPlan>(arenaAllocate(offsetof<AddressPlan>()));
  app.arrivals = changetype<ArrivalProcess>(arenaAllocate(offsetof<ArrivalProcess>()));
  app.connections = changetype<ConnectionPool>(arenaAllocate(offsetof<ConnectionPool>()));
  connectionPoolInit(app.connections, connectionCapacity);
  app.lists = arenaAllocate(LIST_COUNT * <u32>offsetof<TimerList>());
  app.templates = arenaAllocate(2 * fnicCount * <u32>offsetof<FrameTemplate>());
  app.counters = arenaAllocate(8 * GENERATOR_COUNTER_COUNT);
  app.thinking = changetype<PacketQueue>(arenaAllocate(offsetof<PacketQueue>()));
  app.synToSynAck = histogramCreate();
  app.scheduleLag = histogramCreate();
  app.timerDuePs = i64.MAX_VALUE;
  app.stopPs = i64.MAX_VALUE;
  app.nextEventPs = 0;
  return app;
}

/** Sets the waits; each back-off step doubles the one before (RFC 6298, 5.5). */
export function tcpGeneratorSetTimers(app: TcpGenerator, synTimeoutPs: i64, finTimeoutPs: i64, retransmissionCountMax: u32, connectionTimeoutPs: i64, holdPs: i64, turnaroundPs: i64): void {
  assert(retransmissionCountMax <= <u32>RETRANSMISSION_COUNT_MAX);
  for (let step: u32 = 0; step < LISTS_PER_PURPOSE; step++) {
    timerList(app, LIST_SYN + step).delayPs = synTimeoutPs << step;
    timerList(app, LIST_FIN + step).delayPs = finTimeoutPs << step;
    timerList(app, LIST_SERVER_FIN + step).delayPs = finTimeoutPs << step;
  }
  timerList(app, LIST_HOLD).delayPs = holdPs;
  app.retransmissionCountMax = retransmissionCountMax;
  app.connectionTimeoutPs = connectionTimeoutPs;
  app.holdPs = holdPs;
  app.turnaroundPs = turnaroundPs;
}

// @ts-ignore: decorator
@inline
function count(app: TcpGenerator, counter: GeneratorCounter): void {
  const address = app.counters + (<usize>counter << 3);
  store<u64>(address, load<u64>(address) + 1);
}

// @ts-ignore: decorator
@inline
function timerList(app: TcpGenerator, index: u32): TimerList {
  return changetype<TimerList>(app.lists + index * <u32>offsetof<TimerList>());
}

function tcpGeneratorStep(self: usize, untilPs: i64): void {
  const app = changetype<TcpGenerator>(self);
  const arrivals = app.arrivals;
  for (;;) {
    const input = earliestInput(app.inputs, app.portCount, untilPs);
    let eventPs = input == 0 ? untilPs : linkHeadPs(changetype<Link>(input));
    const connectionPs = arrivals.nextPs < app.stopPs ? arrivals.nextPs : i64.MAX_VALUE;
    const thinkingPs = app.thinking.count == 0 ? i64.MAX_VALUE : changetype<Packet>(app.thinking.head).arrivalPs;
    let ownPs = connectionPs < app.timerDuePs ? connectionPs : app.timerDuePs;
    if (thinkingPs < ownPs) ownPs = thinkingPs;
    if (ownPs >= eventPs) {
      if (input == 0) {
        app.nextEventPs = ownPs;
        return;
      }
      receive(app, linkReceive(changetype<Link>(input)));
    } else if (connectionPs == ownPs) {
      openConnection(app, connectionPs);
      arrivalsAdvance(arrivals);
    } else if (thinkingPs == ownPs) {
      const packet = queueShift(app.thinking);
      linkSend(changetype<Link>(load<usize>(app.outputs + (<usize>packet.port << 2))), packet, thinkingPs);
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
  // Both directions of a connection use the same port, chosen by its client endpoint as an ECMP hash would.
  connection.port = <u8>((connection.clientPort ^ <u32>connection.clientAddress) % app.portCount);
  planAdvance(plan);
  armClient(app, connection, LIST_SYN, intendedPs);
  const startPs = sendClient(app, connection, TCP_SYN, 0, intendedPs);
  if (startPs >= 0) histogramRecord(app.scheduleLag, startPs - intendedPs);
}

// @ts-ignore: decorator
@inline
function initialSequence(app: TcpGenerator, connection: Connection): u32 {
  const slot = <u32>((changetype<usize>(connection) - app.connections.base) / CONNECTION_BYTES);
  return (slot << 2) | (<u32>connection.generation << (CONNECTION_BITS + 2));
}

/** `offset` counts the SYN and FIN that the sender has had acknowledged or sent before. */
function sendClient(app: TcpGenerator, connection: Connection, flags: u32, offset: u32, readyPs: i64): i64 {
  const sequence = initialSequence(app, connection);
  const acknowledgement = flags & TCP_ACK ? sequence * SERVER_SEQUENCE_FACTOR + (offset == 0 ? 1 : offset) : 0;
  return send(app, connection, SIDE_CLIENT, flags, sequence + offset, acknowledgement, readyPs);
}

function sendServer(app: TcpGenerator, connection: Connection, flags: u32, offset: u32, readyPs: i64): void {
  const sequence = initialSequence(app, connection);
  send(app, connection, SIDE_SERVER, flags, sequence * SERVER_SEQUENCE_FACTOR + offset, sequence + offset + 1, readyPs);
}

/** Builds and sends one packet; returns when its first bit went out, or -1 when it did not. */
function send(app: TcpGenerator, connection: Connection, side: u32, flags: u32, sequence: u32, acknowledgement: u32, readyPs: i64): i64 {
  const packet = poolTake(app.pool);
  if (packet == null) {
    count(app, GeneratorCounter.unsent);
    return -1;
  }
  count(app, GeneratorCounter.sent);
  const template = changetype<FrameTemplate>(app.templates + (2 * <usize>connection.fnic + side) * offsetof<FrameTemplate>());
  const fromClient = side == SIDE_CLIENT;
  const frame = packet.frame;
  const clientPort = <u32>connection.clientPort;
  const serverPort = <u32>connection.serverPort;
  fillFrame(
    frame,
    template.frame,
    app.frameBytes,
    app.innerIpOffset,
    template.ipv4Sum,
    template.tcpSum,
    fromClient ? connection.clientAddress : connection.serverAddress,
    fromClient ? connection.serverAddress : connection.clientAddress,
    fromClient ? clientPort : serverPort,
    fromClient ? serverPort : clientPort,
    sequence,
    acknowledgement,
    flags,
  );
  if (app.outerUdpOffset) Udp.setSourcePort(frame + app.outerUdpOffset, DYNAMIC_PORT_FIRST | ((clientPort + connection.clientAddress * 31) & DYNAMIC_PORT_MASK));
  packet.frameBytes = app.frameBytes;
  if (!fromClient && app.turnaroundPs > 0) {
    packet.port = connection.port;
    packet.arrivalPs = readyPs + app.turnaroundPs;
    queuePush(app.thinking, packet);
    return readyPs;
  }
  return linkSend(changetype<Link>(load<usize>(app.outputs + (<usize>connection.port << 2))), packet, readyPs);
}

function armClient(app: TcpGenerator, connection: Connection, list: u32, nowPs: i64): void {
  const duePs = timerArm(timerList(app, list), clientTimer(connection), nowPs);
  connection.clientTimerList = <u8>(list + 1);
  if (duePs < app.timerDuePs) app.timerDuePs = duePs;
}

function armServer(app: TcpGenerator, connection: Connection, list: u32, nowPs: i64): void {
  const duePs = timerArm(timerList(app, list), serverTimer(connection), nowPs);
  connection.serverTimerList = <u8>(list + 1);
  if (duePs < app.timerDuePs) app.timerDuePs = duePs;
}

// @ts-ignore: decorator
@inline
function cancelClient(app: TcpGenerator, connection: Connection): void {
  const list = <u32>connection.clientTimerList;
  if (list == 0) return;
  timerCancel(timerList(app, list - 1), clientTimer(connection));
  connection.clientTimerList = 0;
}

// @ts-ignore: decorator
@inline
function cancelServer(app: TcpGenerator, connection: Connection): void {
  const list = <u32>connection.serverTimerList;
  if (list == 0) return;
  timerCancel(timerList(app, list - 1), serverTimer(connection));
  connection.serverTimerList = 0;
}

function closeConnection(app: TcpGenerator, connection: Connection, counter: GeneratorCounter): void {
  count(app, counter);
  cancelClient(app, connection);
  cancelServer(app, connection);
  connectionGive(app.connections, connection);
}

function receive(app: TcpGenerator, packet: Packet): void {
  const nowPs = packet.arrivalPs;
  let reason = parseTunnel(packet.frame, packet.frameBytes);
  if (reason == DropReason.none) {
    if (headers.protocol != PROTOCOL_TCP) reason = DropReason.unsupported;
    else if (!innerTcpChecksumIsGood()) reason = DropReason.checksum;
  }
  if (reason != DropReason.none) {
    dropPacket(app.pool, packet, app.place, reason);
    return;
  }
  count(app, GeneratorCounter.delivered);
  poolGive(app.pool, packet);
  // The packet's bytes stay as they are until the next one is taken; all that is needed of them is read before that.
  const transport = headers.transport;
  const sequence = Tcp.sequence(transport);
  const acknowledgement = Tcp.acknowledgement(transport);
  const toServer = headers.destination - app.plan.serverFirstAddress < app.plan.serverAddressCount;
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
  if (flags & TCP_RST) closeConnection(app, connection, GeneratorCounter.brokenReset);
  else if (toServer) serverReceive(app, connection, flags, number & 3, nowPs);
  else clientReceive(app, connection, flags, nowPs);
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

function clientReceive(app: TcpGenerator, connection: Connection, flags: u32, nowPs: i64): void {
  const state = <u32>connection.clientState;
  if (flags == (TCP_SYN | TCP_ACK)) {
    if (state == ClientState.synSent) {
      histogramRecord(app.synToSynAck, nowPs - connection.intendedPs);
      count(app, GeneratorCounter.established);
      cancelClient(app, connection);
      sendClient(app, connection, TCP_ACK, 1, nowPs);
      if (app.holdPs > 0) {
        connection.clientState = <u8>ClientState.holding;
        armClient(app, connection, LIST_HOLD, nowPs);
      } else {
        sendFin(app, connection, nowPs);
      }
    } else {
      // The server has not seen our ACK: say it again.
      sendClient(app, connection, TCP_ACK, 1, nowPs);
    }
  } else if (flags == (TCP_FIN | TCP_ACK) && (state == ClientState.finSent || state == ClientState.timeWait)) {
    cancelClient(app, connection);
    connection.clientState = <u8>ClientState.timeWait;
    sendClient(app, connection, TCP_ACK, 2, nowPs);
  } else {
    count(app, GeneratorCounter.unexpected);
  }
}

function sendFin(app: TcpGenerator, connection: Connection, nowPs: i64): void {
  connection.clientState = <u8>ClientState.finSent;
  connection.clientRetries = 0;
  sendClient(app, connection, TCP_FIN | TCP_ACK, 1, nowPs);
  armClient(app, connection, LIST_FIN, nowPs);
}

/** `offset` is how far the packet's sequence number is past the client's initial one. */
function serverReceive(app: TcpGenerator, connection: Connection, flags: u32, offset: u32, nowPs: i64): void {
  const state = <u32>connection.serverState;
  if (flags == TCP_SYN) {
    if (state > <u32>ServerState.synReceived) return;
    connection.serverState = <u8>ServerState.synReceived;
    sendServer(app, connection, TCP_SYN | TCP_ACK, 0, nowPs);
  } else if (flags == TCP_ACK && offset == 1) {
    if (state == ServerState.synReceived) connection.serverState = <u8>ServerState.established;
  } else if (flags == (TCP_FIN | TCP_ACK) && state != ServerState.listening) {
    // The FIN acknowledges our SYN-ACK as well (RFC 9293, 3.10.7.4), so a lost ACK does no harm.
    cancelServer(app, connection);
    if (state != ServerState.lastAck) connection.serverRetries = 0;
    connection.serverState = <u8>ServerState.lastAck;
    sendServer(app, connection, TCP_FIN | TCP_ACK, 1, nowPs);
    armServer(app, connection, LIST_SERVER_FIN + <u32>connection.serverRetries, nowPs);
  } else if (flags == TCP_ACK && offset == 2 && state == ServerState.lastAck) {
    closeConnection(app, connection, GeneratorCounter.completed);
  } else {
    count(app, GeneratorCounter.unexpected);
  }
}

/** Handles every timer that is due, list by list, and finds when the next one is. */
function expireTimers(app: TcpGenerator, nowPs: i64): void {
  let duePs = i64.MAX_VALUE;
  for (let index: u32 = 0; index < LIST_COUNT; index++) {
    const list = timerList(app, index);
    while (list.head != 0 && changetype<TimerNode>(list.head).deadlinePs <= nowPs) {
      if (index >= LIST_SERVER_FIN && index < LIST_HOLD) {
        expireServer(app, changetype<Connection>(list.head - offsetof<Connection>('serverTimerDeadlinePs')), nowPs);
      } else {
        expireClient(app, changetype<Connection>(list.head - offsetof<Connection>('clientTimerDeadlinePs')), nowPs);
      }
    }
    if (list.head != 0 && changetype<TimerNode>(list.head).deadlinePs < duePs) duePs = changetype<TimerNode>(list.head).deadlinePs;
  }
  // An expiry may have armed a list that was looked at before: lists below hold later deadlines only, but look again.
  for (let index: u32 = 0; index < LIST_COUNT; index++) {
    const head = timerList(app, index).head;
    if (head != 0 && changetype<TimerNode>(head).deadlinePs < duePs) duePs = changetype<TimerNode>(head).deadlinePs;
  }
  app.timerDuePs = duePs;
}

function expireClient(app: TcpGenerator, connection: Connection, nowPs: i64): void {
  cancelClient(app, connection);
  const state = <u32>connection.clientState;
  if (state == ClientState.holding) {
    sendFin(app, connection, nowPs);
    return;
  }
  const purpose: u32 = state == ClientState.synSent ? LIST_SYN : LIST_FIN;
  if (!mayRetry(app, connection, purpose, <u32>connection.clientRetries, nowPs)) {
    closeConnection(app, connection, GeneratorCounter.brokenTimeout);
    return;
  }
  connection.clientRetries++;
  armClient(app, connection, purpose + <u32>connection.clientRetries, nowPs);
  if (purpose == LIST_SYN) {
    count(app, GeneratorCounter.retransmittedSyn);
    sendClient(app, connection, TCP_SYN, 0, nowPs);
  } else {
    count(app, GeneratorCounter.retransmittedFin);
    sendClient(app, connection, TCP_FIN | TCP_ACK, 1, nowPs);
  }
}

function expireServer(app: TcpGenerator, connection: Connection, nowPs: i64): void {
  cancelServer(app, connection);
  if (!mayRetry(app, connection, LIST_SERVER_FIN, <u32>connection.serverRetries, nowPs)) {
    closeConnection(app, connection, GeneratorCounter.brokenTimeout);
    return;
  }
  connection.serverRetries++;
  armServer(app, connection, LIST_SERVER_FIN + <u32>connection.serverRetries, nowPs);
  count(app, GeneratorCounter.retransmittedFin);
  sendServer(app, connection, TCP_FIN | TCP_ACK, 1, nowPs);
}

/** A connection gives up when it has no retransmission left, or when the next wait would end after its time-out. Waits of a hold do not count. */
function mayRetry(app: TcpGenerator, connection: Connection, purpose: u32, retries: u32, nowPs: i64): bool {
  if (retries >= app.retransmissionCountMax) return false;
  return nowPs + timerList(app, purpose + retries + 1).delayPs - connection.intendedPs - app.holdPs <= app.connectionTimeoutPs;
}
