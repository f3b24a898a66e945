import { App } from '../../core/dataplane/app';
import { arenaAllocate } from '../../core/dataplane/arena';
import { Histogram, histogramCreate, histogramRecord } from '../../core/dataplane/histogram';
import { Link, linksHavePacket, linksTake } from '../../core/dataplane/link';
import { Packet, PacketPool } from '../../core/dataplane/packet';
import { TCP_SYN } from '../../core/dataplane/tcp';
import { AnswerQueue, answersHeadPs, answersTouch } from './answers';
import { AddressPlan, planAdvance } from './address-plan';
import { ArrivalProcess, arrivalsAdvance } from './arrivals';
import { BackgroundFlows, backgroundDuePs, backgroundVisit } from './background';
import { ConnectionPool, connectionPoolInit, connectionTake, wayOf } from './connection';
import { ENDPOINT_BITS, endpointOf } from './endpoints';
import { ClientState, GENERATOR_COUNTER_COUNT, GeneratorCounter, RETRANSMISSION_COUNT_MAX, ServerState, TCP_PORT_COUNT_MAX } from './generator-layout';
import { BrokenLog, brokenLogCreate } from './broken-log';
import { FrameShape } from './frame-shape';
import { ipv4ChecksumOf } from './frame-template';
import { LateTimers, lateTimersCreate } from './late-timers';
import { lossWatchOffer } from './loss-watch';
import { receive, receiveTouch } from './tcp-receive';
import { endHold, sendAnswer, sendClient } from './tcp-send';
import { FrameTemplate } from './tcp-template';
import { LIST_COUNT, LIST_FIN, LIST_SERVER_FIN, LIST_SYN, armClient, expireTimers, setBackOff } from './tcp-timers';
import { TimerList } from './timers';

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
  /** No event of the generator's own is due before it; of the step under way. */
  ownPs: i64;
  /** No connection starts at or after this time. */
  stopPs: i64;
  /** Nor, for now, at or after this one: under the wall clock a generator that is late catches up in steps. */
  horizonPs: i64;
  holdPs: i64;
  turnaroundPs: i64;
  clientTurnaroundPs: i64;
  /** 1: a server that has not had the ACK of its SYN-ACK takes no FIN. */
  finNeedsAck: u32;
  /** How often a SYN, a client's FIN and a server's FIN-ACK are sent again before their connection is broken. */
  synRetryCountMax: u32;
  finRetryCountMax: u32;
  serverFinRetryCountMax: u32;
  frameBytes: u32;
  innerIpOffset: u32;
  /** Offset of the outer UDP header, whose source port spreads flows; 0 for NVGRE. */
  outerUdpOffset: u32;
  /** `FrameTemplate` of fNIC f, side s at index 2 f + s. */
  templates: usize;
  shape: FrameShape;
  counters: usize;
  broken: BrokenLog;
  /** Answers that servers, and clients, still think about. */
  serverAnswers: AnswerQueue;
  clientAnswers: AnswerQueue;
  /** FINs of clients that hold their connections. */
  holds: AnswerQueue;
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
  app.shape = changetype<FrameShape>(arenaAllocate(offsetof<FrameShape>()));
  app.counters = arenaAllocate(8 * GENERATOR_COUNTER_COUNT);
  app.serverAnswers = changetype<AnswerQueue>(arenaAllocate(offsetof<AnswerQueue>()));
  app.clientAnswers = changetype<AnswerQueue>(arenaAllocate(offsetof<AnswerQueue>()));
  app.holds = changetype<AnswerQueue>(arenaAllocate(offsetof<AnswerQueue>()));
  app.synToSynAck = histogramCreate();
  app.stall = histogramCreate();
  app.scheduleLag = histogramCreate();
  app.timerDuePs = i64.MAX_VALUE;
  app.backgroundDuePs = i64.MAX_VALUE;
  app.stopPs = i64.MAX_VALUE;
  app.horizonPs = i64.MAX_VALUE;
  app.nextEventPs = 0;
  lossWatchOffer(app);
  return app;
}

/**
 * Sets the waits.
 * @param connectionTimeoutPs how long an end waits for the answer to a packet, all retransmissions included; see `setBackOff`
 * @param tickPs see `TimerList.granularityPs`; 0: timers go off at their deadlines.
 */
export function tcpGeneratorSetTimers(app: TcpGenerator, synTimeoutPs: i64, finTimeoutPs: i64, retransmissionCountMax: u32, connectionTimeoutPs: i64, holdPs: i64, turnaroundPs: i64, tickPs: i64): void {
  assert(retransmissionCountMax <= <u32>RETRANSMISSION_COUNT_MAX);
  app.synRetryCountMax = setBackOff(app, LIST_SYN, synTimeoutPs, 0, connectionTimeoutPs, retransmissionCountMax, tickPs);
  app.finRetryCountMax = setBackOff(app, LIST_FIN, finTimeoutPs, 0, connectionTimeoutPs, retransmissionCountMax, tickPs);
  app.serverFinRetryCountMax = setBackOff(app, LIST_SERVER_FIN, finTimeoutPs, turnaroundPs, connectionTimeoutPs, retransmissionCountMax, tickPs);
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
export function outputOf(app: TcpGenerator, way: u32): Link {
  return changetype<Link>(load<usize>(app.outputs + (way << 2)));
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
  let address = first;
  if (app.turnaroundPs > 0) receiveTouch(app, first);
  answersTouch(app.serverAnswers, untilPs);
  answersTouch(app.clientAnswers, untilPs);
  answersTouch(app.holds, untilPs);
  app.ownPs = nextOwnPs(app);
  for (;;) {
    const inputPs = load<i64>(address);
    if (inputPs <= app.ownPs && address != 0) {
      const packet = changetype<Packet>(address);
      address = packet.next;
      receive(app, packet);
      continue;
    }
    const ownPs = app.ownPs;
    if (ownPs >= untilPs) {
      app.nextEventPs = ownPs;
      return;
    }
    handleOwn(app, ownPs);
    app.ownPs = nextOwnPs(app);
  }
}

/** When the next connection starts. */
// @ts-ignore: decorator
@inline
function connectionPs(app: TcpGenerator): i64 {
  const nextPs = app.arrivals.nextPs;
  return nextPs < app.stopPs && nextPs < app.horizonPs ? nextPs : i64.MAX_VALUE;
}

/** When the next event of the generator's own is due. */
// @ts-ignore: decorator
@inline
function nextOwnPs(app: TcpGenerator): i64 {
  const duePs = least(least(connectionPs(app), app.timerDuePs), answersHeadPs(app.holds));
  return least(least(duePs, app.backgroundDuePs), least(answersHeadPs(app.serverAnswers), answersHeadPs(app.clientAnswers)));
}

// @ts-ignore: decorator
@inline
function least(a: i64, b: i64): i64 {
  return a < b ? a : b;
}

/** Handles what is due at `nowPs`: at one instant connections start first, then come answers, background flows, ends of holds and timers. */
function handleOwn(app: TcpGenerator, nowPs: i64): void {
  const serverPs = answersHeadPs(app.serverAnswers);
  const clientPs = answersHeadPs(app.clientAnswers);
  if (connectionPs(app) == nowPs) {
    openConnection(app, nowPs);
    arrivalsAdvance(app.arrivals);
  } else if (least(clientPs, serverPs) == nowPs) {
    sendAnswer(app, clientPs >= serverPs, nowPs);
  } else if (app.backgroundDuePs == nowPs) {
    const background = changetype<BackgroundFlows>(app.background);
    backgroundVisit(background);
    app.backgroundDuePs = backgroundDuePs(background);
  } else if (answersHeadPs(app.holds) == nowPs) {
    endHold(app, nowPs);
  } else {
    expireTimers(app, nowPs);
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
  const clientAddress = plan.clientFirstAddress + fnic * plan.clientAddressesPerFnic + client;
  const clientPort = plan.clientFirstPort + plan.clientEndpoint - client * plan.clientPortCount;
  const serverAddress = plan.serverFirstAddress + server;
  const serverPort = plan.serverFirstPort + plan.serverEndpoint - server * plan.serverPortCount;
  // Both directions of a connection use the same port, chosen by its client endpoint as an ECMP hash would.
  const way = wayOf(fnic, (clientPort ^ clientAddress) % app.portCount);
  // All templates have the same inner header but for the addresses, and a sum doesn't care which comes first.
  const ipv4Checksum = ipv4ChecksumOf(changetype<FrameTemplate>(app.templates).ipv4Sum, clientAddress, serverAddress);
  connection.client = endpointOf(clientAddress, clientPort) | (<u64>way << ENDPOINT_BITS);
  connection.server = endpointOf(serverAddress, serverPort) | (<u64>ipv4Checksum << ENDPOINT_BITS);
  connection.clientState = <u8>ClientState.synSent;
  connection.serverState = <u8>ServerState.listening;
  connection.clientRetries = 0;
  connection.serverRetries = 0;
  connection.clientTimerList = 0;
  connection.serverTimerList = 0;
  connection.seen = 0;
  planAdvance(plan);
  armClient(app, connection, LIST_SYN, intendedPs);
  const startPs = sendClient(app, connection, TCP_SYN, 0, intendedPs);
  if (startPs >= 0) histogramRecord(app.scheduleLag, startPs - intendedPs);
}
